// Stands in for @tensorflow/tfjs-node, which danfojs asks for and which downloads a native binary when it is installed;
// the whole of @tensorflow/tfjs would do too, but is five times as large.
const core = require("@tensorflow/tfjs-core");
require("@tensorflow/tfjs-backend-cpu");

// Silences the advice to install the native package.
core.env().set("PROD", true);

/** Operations that are also methods of a tensor (tfjs-core's public/chained_ops, which has no CommonJS form). */
const METHODS = `abs acos acosh add all any argMax argMin asin asinh atan atan2 atanh avgPool batchNorm broadcastTo cast
  ceil clipByValue concat cos cosh cumprod cumsum div divNoNan dot elu equal erf euclideanNorm exp expandDims expm1 floor
  floorDiv gather greater greaterEqual isFinite isInf isNaN leakyRelu less lessEqual log log1p logSigmoid logSoftmax
  logSumExp logicalAnd logicalNot logicalOr logicalXor matMul max maxPool maximum mean min minimum mirrorPad mod mul neg
  norm notEqual oneHot onesLike pad pow prelu prod reciprocal relu relu6 reshape reverse round rsqrt selu sigmoid sign sin
  sinh slice softmax softplus split sqrt square squaredDifference squeeze stack step stridedSlice sub sum tan tanh tile
  topk transpose unique unstack where zerosLike`.split(/\s+/);

for (const name of METHODS) {
  core.Tensor.prototype[name] ??= function method(...words) {
    this.throwIfDisposed();
    return core[name](this, ...words);
  };
}

core.Tensor.prototype.flatten ??= function flatten() {
  return core.reshape(this, [this.size]);
};

module.exports = {
  ...core,
  get data() {
    throw new Error(
      "tf.data is not part of this installation: read files with readCSV or readJSON, not their streams.",
    );
  },
};
