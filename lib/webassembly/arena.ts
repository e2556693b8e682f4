import { PAGE, PAGES_MAX } from "./writer.js";

const ALIGNMENT = 16;

/**
 * Arrays of a training in one piece of memory that threads and WebAssembly share; what does not fit into the 4 GB that
 * WebAssembly reaches is given out as arrays of their own.
 */
export class Arena {
  /** Absent when it was not wanted, or would be too large. */
  readonly memory: WebAssembly.Memory<SharedArrayBuffer> | undefined;
  #used = 0;

  /** @param sizes bytes of each array that will be asked for. */
  constructor(sizes: readonly number[], wanted: boolean) {
    const pages = Math.ceil(sizes.reduce((sum, size) => sum + aligned(size), 0) / PAGE);
    if (!wanted || pages > PAGES_MAX) return;
    this.memory = new WebAssembly.Memory<SharedArrayBuffer>({ initial: pages, maximum: pages, shared: true });
  }

  doubles(length: number): Float64Array {
    return new Float64Array(...this.#take(length * Float64Array.BYTES_PER_ELEMENT), length);
  }

  bytes(length: number): Uint8Array {
    return new Uint8Array(...this.#take(length), length);
  }

  #take(size: number): readonly [buffer: SharedArrayBuffer, offset: number] {
    if (!this.memory) return [new SharedArrayBuffer(size), 0];
    const offset = this.#used;
    this.#used += aligned(size);
    return [this.memory.buffer, offset];
  }
}

const aligned = (size: number): number => Math.ceil(size / ALIGNMENT) * ALIGNMENT;
