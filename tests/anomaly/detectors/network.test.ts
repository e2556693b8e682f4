import assert from "node:assert/strict";
import { Network } from "activate/anomaly/detectors/autoencoder/network.js";
import { Random } from "activate/anomaly/random.js";

/** Widths and rows on both sides of a tile of the kernels. */
const NETWORKS = [
  [7, 48, 48, 7],
  [3, 5, 2],
  [1, 1, 1],
  [8, 4, 8],
] as const;
const ROWS = 9;

function drawn(random: Random, count: number): Float64Array {
  return Float64Array.from({ length: count }, () => random.between(-1, 1));
}

function networkOf(sizes: readonly number[], random: Random): Network {
  const network = new Network(sizes);
  network.initialize(random);
  for (const [i, value] of network.parameters.entries()) if (value === 0) network.parameters[i] = random.between(-1, 1);
  return network;
}

/** Dense layers as they are defined: bias + Σ weight × value, 0 for less in the hidden layers; the parameters a layer after the other. */
function byDefinition({ sizes, parameters }: Network, row: readonly number[]): number[] {
  let values = [...row];
  let offset = 0;
  for (const [index, outputs] of sizes.slice(1).entries()) {
    const [inputs, weights, hidden] = [values.length, offset, index < sizes.length - 2];
    offset += (inputs + 1) * outputs;
    values = Array.from({ length: outputs }, (_, unit) => {
      const bias = parameters[weights + inputs * outputs + unit] ?? Number.NaN;
      const weight = (i: number) => parameters[weights + unit * inputs + i] ?? Number.NaN;
      const sum = values.reduce((before, value, i) => before + weight(i) * value, bias);
      return hidden && sum < 0 ? 0 : sum;
    });
  }
  return values;
}

for (const sizes of NETWORKS) {
  describe(`a network ${sizes.join("-")}`, () => {
    const width = sizes[0];

    it("computes what its layers are defined to be, to the last bit: alone, in a batch, and after a larger one", () => {
      const random = new Random("forward");
      const network = networkOf(sizes, random);
      for (const rows of [1, ROWS, 2]) {
        const inputs = drawn(random, rows * width);
        const expected = Array.from({ length: rows }, (_, row) =>
          byDefinition(network, [...inputs.subarray(row * width, (row + 1) * width)]),
        );
        const outputs = network.forward(inputs, rows).slice(0, rows * (sizes.at(-1) ?? 0));
        assert.deepEqual([...outputs], expected.flat());
      }
    });

    it("has the gradients that differences of the loss have, for a batch after a larger one too", () => {
      const random = new Random("backward");
      const network = networkOf(sizes, random);
      for (const rows of [ROWS, 2]) {
        const inputs = drawn(random, rows * width);
        const slopes = drawn(random, rows * (sizes.at(-1) ?? 0));
        const loss = () => network.forward(inputs, rows).reduce((sum, output, i) => sum + output * (slopes[i] ?? 0), 0);
        loss();
        network.backward(slopes, rows);
        const gradients = network.gradients.slice();
        for (const [i, parameter] of network.parameters.entries()) {
          if (i % Math.ceil(gradients.length / 200) !== 0) continue;
          const step = 1e-7;
          network.parameters[i] = parameter + step;
          const above = loss();
          network.parameters[i] = parameter - step;
          const below = loss();
          network.parameters[i] = parameter;
          const slope = (above - below) / (2 * step);
          assert.ok(Math.abs(slope - (gradients[i] ?? 0)) < 1e-6, `parameter ${i}: ${gradients[i]}, measured ${slope}`);
        }
      }
    });
  });
}
