import type { Random } from "../../random.js";

/**
 * A feed-forward network of dense layers: hidden layers with the rectifier max(0, x), a linear last layer. Values are 64-bit floats in typed
 * arrays, a row after the other. Buffers are kept from batch to batch, so that training allocates nothing.
 */
export class Network {
  /** Units of each layer, the inputs first. */
  readonly sizes: readonly number[];
  /** All weights and biases: per layer the weights (`outputs` rows of `inputs`), then the biases. */
  readonly parameters: Float64Array;
  /** Of the last `backward`, laid out as `parameters`. */
  readonly gradients: Float64Array;
  readonly #layers: readonly Layer[];
  /** Values of each layer for the batch at hand, the inputs first. */
  #values: Float64Array[] = [];
  /** Derivatives of the loss by those values. */
  #derivatives: Float64Array[] = [];

  /** @param parameters of a network that was saved; without them zeros, see `initialize`. @throws RangeError when their number is wrong. */
  constructor(sizes: readonly number[], parameters?: ArrayLike<number>) {
    this.sizes = sizes;
    const count = parameterCount(sizes);
    if (parameters !== undefined && parameters.length !== count) {
      throw new RangeError(`a network ${sizes.join("-")} has ${count} parameters, got ${parameters.length}`);
    }
    this.parameters = parameters === undefined ? new Float64Array(count) : Float64Array.from(parameters);
    this.gradients = new Float64Array(count);
    let offset = 0;
    this.#layers = sizes.slice(1).map((outputs, index) => {
      const inputs = sizes[index] ?? 0;
      const weights = offset;
      offset += (inputs + 1) * outputs;
      const part = (of: Float64Array, from: number, length: number) => of.subarray(from, from + length);
      return {
        inputs,
        outputs,
        rectified: index < sizes.length - 2,
        weights: part(this.parameters, weights, inputs * outputs),
        biases: part(this.parameters, weights + inputs * outputs, outputs),
        weightGradients: part(this.gradients, weights, inputs * outputs),
        biasGradients: part(this.gradients, weights + inputs * outputs, outputs),
      };
    });
  }

  /** Draws the weights, uniform within ±√(6 / (inputs + outputs)); biases are 0 (Glorot and Bengio, 2010; the default of Keras). */
  initialize(random: Random): void {
    for (const { inputs, outputs, weights, biases } of this.#layers) {
      const limit = Math.sqrt(6 / (inputs + outputs));
      for (let i = 0; i < weights.length; i += 1) weights[i] = random.between(-limit, limit);
      biases.fill(0);
    }
  }

  /**
   * @param inputs at least `rows` rows of the first layer's size.
   * @returns the last layer's values; the array is written anew by the next call.
   */
  forward(inputs: Float64Array, rows: number): Float64Array {
    this.#reserve(rows);
    this.#values[0] = inputs;
    for (const [index, layer] of this.#layers.entries()) {
      multiply(layer, this.#value(index), this.#value(index + 1), rows);
    }
    return this.#value(this.#layers.length);
  }

  /** Fills `gradients` from the derivatives of the loss by the outputs of the last `forward`. */
  backward(outputDerivatives: Float64Array, rows: number): void {
    this.#derivatives[this.#layers.length] = outputDerivatives;
    for (let index = this.#layers.length - 1; index >= 0; index -= 1) {
      const layer = this.#layers[index];
      const above = this.#derivatives[index + 1];
      if (layer === undefined || above === undefined) return;
      if (layer.rectified) rectifyDerivatives(above, this.#value(index + 1), rows * layer.outputs);
      accumulate(layer, this.#value(index), above, rows);
      const below = this.#derivatives[index];
      if (index > 0 && below !== undefined) propagate(layer, above, below, rows);
    }
  }

  #value(index: number): Float64Array {
    return this.#values[index] ?? new Float64Array(0);
  }

  #reserve(rows: number): void {
    const largest = this.#values[1];
    if (largest !== undefined && largest.length >= rows * (this.sizes[1] ?? 0)) return;
    this.#values = this.sizes.map((size) => new Float64Array(rows * size));
    this.#derivatives = this.sizes.map((size) => new Float64Array(rows * size));
  }
}

/** Weights and biases of a network with these layers. */
export function parameterCount(sizes: readonly number[]): number {
  let count = 0;
  for (let index = 1; index < sizes.length; index += 1) count += ((sizes[index - 1] ?? 0) + 1) * (sizes[index] ?? 0);
  return count;
}

interface Layer {
  readonly inputs: number;
  readonly outputs: number;
  readonly rectified: boolean;
  readonly weights: Float64Array;
  readonly biases: Float64Array;
  readonly weightGradients: Float64Array;
  readonly biasGradients: Float64Array;
}

// Eight sums at a time (two rows by four units) keep the processor's multipliers busy and read each weight half as often: a sum alone waits for
// itself. Every sum is still added up in the order of its terms, so that a row gives the same alone as in a batch.

/** to = activation(from × weights + biases) */
function multiply(layer: Layer, from: Float64Array, to: Float64Array, rows: number): void {
  const { inputs, outputs, weights, biases, rectified } = layer;
  let row = 0;
  for (; row + 1 < rows; row += 2) {
    const start = row * inputs;
    const target = row * outputs;
    let unit = 0;
    for (; unit + 3 < outputs; unit += 4) {
      let a = biases[unit] as number;
      let b = biases[unit + 1] as number;
      let c = biases[unit + 2] as number;
      let d = biases[unit + 3] as number;
      let e = a;
      let f = b;
      let g = c;
      let h = d;
      for (let i = start, w = unit * inputs; i < start + inputs; i += 1, w += 1) {
        const x = from[i] as number;
        const y = from[i + inputs] as number;
        const p = weights[w] as number;
        const q = weights[w + inputs] as number;
        const r = weights[w + 2 * inputs] as number;
        const s = weights[w + 3 * inputs] as number;
        a += x * p;
        b += x * q;
        c += x * r;
        d += x * s;
        e += y * p;
        f += y * q;
        g += y * r;
        h += y * s;
      }
      const at = target + unit;
      to[at] = rectified && a < 0 ? 0 : a;
      to[at + 1] = rectified && b < 0 ? 0 : b;
      to[at + 2] = rectified && c < 0 ? 0 : c;
      to[at + 3] = rectified && d < 0 ? 0 : d;
      to[at + outputs] = rectified && e < 0 ? 0 : e;
      to[at + outputs + 1] = rectified && f < 0 ? 0 : f;
      to[at + outputs + 2] = rectified && g < 0 ? 0 : g;
      to[at + outputs + 3] = rectified && h < 0 ? 0 : h;
    }
    multiplyUnits(layer, from, to, row, unit);
    multiplyUnits(layer, from, to, row + 1, unit);
  }
  if (row < rows) multiplyUnits(layer, from, to, row, 0);
}

/** The units from `first` on, of one row. */
function multiplyUnits(layer: Layer, from: Float64Array, to: Float64Array, row: number, first: number): void {
  const { inputs, outputs, weights, biases, rectified } = layer;
  for (let unit = first; unit < outputs; unit += 1) {
    let sum = biases[unit] as number;
    for (let i = 0; i < inputs; i += 1) {
      sum += (from[row * inputs + i] as number) * (weights[unit * inputs + i] as number);
    }
    to[row * outputs + unit] = rectified && sum < 0 ? 0 : sum;
  }
}

function rectifyDerivatives(derivatives: Float64Array, values: Float64Array, count: number): void {
  for (let i = 0; i < count; i += 1) if ((values[i] as number) <= 0) derivatives[i] = 0;
}

/** Gradients of the weights and biases: sums over the rows of the batch. */
function accumulate(layer: Layer, from: Float64Array, above: Float64Array, rows: number): void {
  const { inputs, outputs, weightGradients, biasGradients } = layer;
  for (let unit = 0; unit < outputs; unit += 1) {
    let bias = 0;
    for (let at = unit, row = 0; row < rows; row += 1, at += outputs) bias += above[at] as number;
    biasGradients[unit] = bias;
  }
  let unit = 0;
  for (; unit + 1 < outputs; unit += 2) {
    let i = 0;
    for (; i + 3 < inputs; i += 4) {
      let a = 0;
      let b = 0;
      let c = 0;
      let d = 0;
      let e = 0;
      let f = 0;
      let g = 0;
      let h = 0;
      for (let row = 0, at = unit, x = i; row < rows; row += 1, at += outputs, x += inputs) {
        const one = above[at] as number;
        const two = above[at + 1] as number;
        const p = from[x] as number;
        const q = from[x + 1] as number;
        const r = from[x + 2] as number;
        const s = from[x + 3] as number;
        a += one * p;
        b += one * q;
        c += one * r;
        d += one * s;
        e += two * p;
        f += two * q;
        g += two * r;
        h += two * s;
      }
      const w = unit * inputs + i;
      weightGradients[w] = a;
      weightGradients[w + 1] = b;
      weightGradients[w + 2] = c;
      weightGradients[w + 3] = d;
      weightGradients[w + inputs] = e;
      weightGradients[w + inputs + 1] = f;
      weightGradients[w + inputs + 2] = g;
      weightGradients[w + inputs + 3] = h;
    }
    accumulateInputs(layer, from, above, rows, unit, i);
    accumulateInputs(layer, from, above, rows, unit + 1, i);
  }
  if (unit < outputs) accumulateInputs(layer, from, above, rows, unit, 0);
}

/** The weights from input `first` on, of one unit. */
function accumulateInputs(
  { inputs, outputs, weightGradients }: Layer,
  from: Float64Array,
  above: Float64Array,
  rows: number,
  unit: number,
  first: number,
): void {
  for (let i = first; i < inputs; i += 1) {
    let sum = 0;
    for (let row = 0, at = unit, x = i; row < rows; row += 1, at += outputs, x += inputs) {
      sum += (above[at] as number) * (from[x] as number);
    }
    weightGradients[unit * inputs + i] = sum;
  }
}

/** below = above × transposed weights */
function propagate(layer: Layer, above: Float64Array, below: Float64Array, rows: number): void {
  const { inputs, outputs, weights } = layer;
  let row = 0;
  for (; row + 1 < rows; row += 2) {
    const start = row * outputs;
    let i = 0;
    for (; i + 3 < inputs; i += 4) {
      let a = 0;
      let b = 0;
      let c = 0;
      let d = 0;
      let e = 0;
      let f = 0;
      let g = 0;
      let h = 0;
      for (let unit = start, w = i; unit < start + outputs; unit += 1, w += inputs) {
        const one = above[unit] as number;
        const two = above[unit + outputs] as number;
        const p = weights[w] as number;
        const q = weights[w + 1] as number;
        const r = weights[w + 2] as number;
        const s = weights[w + 3] as number;
        a += one * p;
        b += one * q;
        c += one * r;
        d += one * s;
        e += two * p;
        f += two * q;
        g += two * r;
        h += two * s;
      }
      const at = row * inputs + i;
      below[at] = a;
      below[at + 1] = b;
      below[at + 2] = c;
      below[at + 3] = d;
      below[at + inputs] = e;
      below[at + inputs + 1] = f;
      below[at + inputs + 2] = g;
      below[at + inputs + 3] = h;
    }
    propagateInputs(layer, above, below, row, i);
    propagateInputs(layer, above, below, row + 1, i);
  }
  if (row < rows) propagateInputs(layer, above, below, row, 0);
}

/** The inputs from `first` on, of one row. */
function propagateInputs(
  { inputs, outputs, weights }: Layer,
  above: Float64Array,
  below: Float64Array,
  row: number,
  first: number,
): void {
  for (let i = first; i < inputs; i += 1) {
    let sum = 0;
    for (let unit = 0; unit < outputs; unit += 1) {
      sum += (above[row * outputs + unit] as number) * (weights[unit * inputs + i] as number);
    }
    below[row * inputs + i] = sum;
  }
}
