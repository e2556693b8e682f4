import { Arena } from "../../../webassembly/arena.js";
import { type MatrixProducts, matrixProducts, padded } from "./matrixProduct.js";

/**
 * Where a network computes: weights, values and derivatives of up to `rowsMax` rows in one memory of WebAssembly. In there all widths are filled up
 * with zeros to whole tiles; they add nothing. Outside, arrays are dense.
 */
export class NetworkMemory {
  readonly rowsMax: number;
  readonly #products: MatrixProducts;
  readonly #layers: readonly Layer[];
  /** Values of each layer for the batch at hand, the inputs first; and the derivatives of the loss by those values. */
  readonly #values: readonly Block[];
  readonly #derivatives: readonly Block[];
  readonly #zeros: Float64Array;
  readonly #one: Float64Array;
  readonly #outputs: Float64Array;

  /** @throws RangeError when it would be larger than what WebAssembly reaches. */
  constructor(sizes: readonly number[], rowsMax: number) {
    this.rowsMax = rowsMax;
    const widths = sizes.map(padded);
    const rows = padded(rowsMax);
    let doubles = Math.max(...widths) + 2;
    for (const [index, width] of widths.entries()) {
      const below = widths[index - 1] ?? 0;
      doubles += 2 * rows * width + (3 * below + 1 + BIAS_ROWS) * width;
    }
    const arena = new Arena([doubles * Float64Array.BYTES_PER_ELEMENT], true);
    if (arena.memory === undefined) throw new RangeError(`${rowsMax} rows at a time do not fit into memory`);
    this.#products = matrixProducts(arena.memory);
    const block = (width: number) => ({ width, values: arena.doubles(rows * width) });
    this.#values = widths.map(block);
    this.#derivatives = widths.map(block);
    this.#layers = sizes.slice(1).map((outputs, index) => {
      const inputs = sizes[index] ?? 0;
      const size = padded(inputs) * padded(outputs);
      return {
        inputs,
        outputs,
        rectified: index < sizes.length - 2,
        weights: arena.doubles(size),
        transposed: arena.doubles(size),
        biases: arena.doubles(padded(outputs)),
        weightGradients: arena.doubles(size),
        biasGradients: arena.doubles(BIAS_ROWS * padded(outputs)),
      };
    });
    this.#zeros = arena.doubles(Math.max(...widths));
    this.#one = arena.doubles(1).fill(1);
    this.#outputs = new Float64Array(rowsMax * (sizes.at(-1) ?? 0));
  }

  /** @returns the last layer's values; the array is written anew by the next call. */
  forward(parameters: Float64Array, inputs: Float64Array, rows: number): Float64Array {
    this.#take(parameters);
    const [first] = this.#values;
    if (first !== undefined) widen(inputs, this.#layers[0]?.inputs ?? 0, first, rows);
    for (const [index, layer] of this.#layers.entries()) {
      const [from, to] = [this.#values[index], this.#values[index + 1]];
      if (from === undefined || to === undefined) continue;
      this.#products[layer.rectified ? "multiplyRectified" : "multiply"]({
        left: from.values,
        rowStep: from.width,
        termStep: 1,
        right: layer.transposed,
        start: layer.biases,
        into: to.values,
        rows: padded(rows),
        terms: layer.inputs,
        columns: to.width,
      });
    }
    const last = this.#values.at(-1);
    if (last !== undefined) narrow(last, this.#outputs, this.#layers.at(-1)?.outputs ?? 0, rows);
    return this.#outputs;
  }

  /** @param gradients are filled from the derivatives of the loss by the outputs of the last `forward`. */
  backward(outputDerivatives: Float64Array, rows: number, gradients: Float64Array): void {
    const last = this.#derivatives.at(-1);
    if (last !== undefined) widen(outputDerivatives, this.#layers.at(-1)?.outputs ?? 0, last, rows);
    for (let index = this.#layers.length - 1; index >= 0; index -= 1) {
      const layer = this.#layers[index];
      const [from, to] = [this.#values[index], this.#values[index + 1]];
      const [below, above] = [this.#derivatives[index], this.#derivatives[index + 1]];
      if (!layer || !from || !to || !below || !above) return;
      if (layer.rectified) rectifyDerivatives(above.values, to.values, rows * above.width);
      this.#accumulate(layer, from, above, rows);
      if (index > 0) {
        this.#products.multiply({
          left: above.values,
          rowStep: above.width,
          termStep: 1,
          right: layer.weights,
          start: this.#zeros,
          into: below.values,
          rows: padded(rows),
          terms: layer.outputs,
          columns: below.width,
        });
      }
    }
    this.#giveGradients(gradients);
  }

  /** Gradients of the weights and biases: sums over the rows of the batch. */
  #accumulate(layer: Layer, from: Block, above: Block, rows: number): void {
    this.#products.multiply({
      left: above.values,
      rowStep: 1,
      termStep: above.width,
      right: from.values,
      start: this.#zeros,
      into: layer.weightGradients,
      rows: above.width,
      terms: rows,
      columns: from.width,
    });
    this.#products.multiply({
      left: this.#one,
      rowStep: 0,
      termStep: 0,
      right: above.values,
      start: this.#zeros,
      into: layer.biasGradients,
      rows: BIAS_ROWS,
      terms: rows,
      columns: above.width,
    });
  }

  #take(parameters: Float64Array): void {
    let at = 0;
    for (const { inputs, outputs, weights, transposed, biases } of this.#layers) {
      const [width, height] = [padded(inputs), padded(outputs)];
      for (let unit = 0; unit < outputs; unit += 1) {
        for (let i = 0; i < inputs; i += 1, at += 1) {
          const weight = parameters[at] as number;
          weights[unit * width + i] = weight;
          transposed[i * height + unit] = weight;
        }
      }
      for (let unit = 0; unit < outputs; unit += 1, at += 1) biases[unit] = parameters[at] as number;
    }
  }

  #giveGradients(gradients: Float64Array): void {
    let at = 0;
    for (const { inputs, outputs, weightGradients, biasGradients } of this.#layers) {
      const width = padded(inputs);
      for (let unit = 0; unit < outputs; unit += 1) {
        for (let i = 0; i < inputs; i += 1, at += 1) gradients[at] = weightGradients[unit * width + i] as number;
      }
      for (let unit = 0; unit < outputs; unit += 1, at += 1) gradients[at] = biasGradients[unit] as number;
    }
  }
}

/** A product has a tile of rows at least: the sums over a batch come out as many times, and the first is taken. */
const BIAS_ROWS = padded(1);

/** Rows of a padded width, a row after the other. */
interface Block {
  readonly width: number;
  readonly values: Float64Array;
}

interface Layer {
  readonly inputs: number;
  readonly outputs: number;
  readonly rectified: boolean;
  /** A row an output, as they are saved; and a row an input. */
  readonly weights: Float64Array;
  readonly transposed: Float64Array;
  readonly biases: Float64Array;
  readonly weightGradients: Float64Array;
  readonly biasGradients: Float64Array;
}

function widen(dense: Float64Array, size: number, { width, values }: Block, rows: number): void {
  for (let row = 0, at = 0; row < rows; row += 1) {
    for (let place = row * width; place < row * width + size; place += 1, at += 1) values[place] = dense[at] as number;
  }
}

function narrow({ width, values }: Block, dense: Float64Array, size: number, rows: number): void {
  for (let row = 0, at = 0; row < rows; row += 1) {
    for (let place = row * width; place < row * width + size; place += 1, at += 1) dense[at] = values[place] as number;
  }
}

function rectifyDerivatives(derivatives: Float64Array, values: Float64Array, count: number): void {
  for (let i = 0; i < count; i += 1) if ((values[i] as number) <= 0) derivatives[i] = 0;
}
