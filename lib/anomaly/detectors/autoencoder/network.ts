import type { Random } from "../../random.js";
import { NetworkMemory } from "./networkMemory.js";

/**
 * A feed-forward network of dense layers: hidden layers with the rectifier max(0, x), a linear last layer. Values are 64-bit floats in typed
 * arrays, a row after the other; the products of matrices are done in WebAssembly. Its memory is kept from batch to batch, so that training
 * allocates nothing.
 */
export class Network {
  /** Units of each layer, the inputs first. */
  readonly sizes: readonly number[];
  /** All weights and biases: per layer the weights (`outputs` rows of `inputs`), then the biases. */
  readonly parameters: Float64Array;
  /** Of the last `backward`, laid out as `parameters`. */
  readonly gradients: Float64Array;
  #memory: NetworkMemory | undefined;

  /** @param parameters of a network that was saved; without them zeros, see `initialize`. @throws RangeError when their number is wrong. */
  constructor(sizes: readonly number[], parameters?: ArrayLike<number>) {
    this.sizes = sizes;
    const count = parameterCount(sizes);
    if (parameters !== undefined && parameters.length !== count) {
      throw new RangeError(`a network ${sizes.join("-")} has ${count} parameters, got ${parameters.length}`);
    }
    this.parameters = parameters === undefined ? new Float64Array(count) : Float64Array.from(parameters);
    this.gradients = new Float64Array(count);
  }

  /** Draws the weights, uniform within ±√(6 / (inputs + outputs)); biases are 0 (Glorot and Bengio, 2010; the default of Keras). */
  initialize(random: Random): void {
    this.parameters.fill(0);
    let offset = 0;
    for (const [index, outputs] of this.sizes.slice(1).entries()) {
      const inputs = this.sizes[index] ?? 0;
      const limit = Math.sqrt(6 / (inputs + outputs));
      for (let i = 0; i < inputs * outputs; i += 1) this.parameters[offset + i] = random.between(-limit, limit);
      offset += (inputs + 1) * outputs;
    }
  }

  /**
   * @param inputs at least `rows` rows of the first layer's size.
   * @returns the last layer's values; the array is written anew by the next call.
   * @throws RangeError when the rows do not fit into memory.
   */
  forward(inputs: Float64Array, rows: number): Float64Array {
    let memory = this.#memory;
    if (memory === undefined || memory.rowsMax < rows) {
      memory = new NetworkMemory(this.sizes, Math.max(rows, 2 * (memory?.rowsMax ?? 0)));
      this.#memory = memory;
    }
    return memory.forward(this.parameters, inputs, rows);
  }

  /** Fills `gradients` from the derivatives of the loss by the outputs of the last `forward`. */
  backward(outputDerivatives: Float64Array, rows: number): void {
    this.#memory?.backward(outputDerivatives, rows, this.gradients);
  }
}

/** Weights and biases of a network with these layers. */
export function parameterCount(sizes: readonly number[]): number {
  let count = 0;
  for (let index = 1; index < sizes.length; index += 1) count += ((sizes[index - 1] ?? 0) + 1) * (sizes[index] ?? 0);
  return count;
}
