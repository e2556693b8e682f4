/** Published messages stay in memory until they have been read from here or this much has come after them. */
const BYTES_MAX = 32 * 1024 * 1024;

/** Recent messages, so that the usual delivery does not read what was just written. First in, first out. */
export class MessageCache {
  readonly #messages = new Map<number, Buffer>();
  #bytes = 0;

  get(sequence: number): Buffer | undefined {
    return this.#messages.get(sequence);
  }

  set(sequence: number, message: Buffer): void {
    this.#messages.set(sequence, message);
    this.#bytes += message.length;
    for (const [oldest, { length }] of this.#messages) {
      if (this.#bytes <= BYTES_MAX) break;
      this.#messages.delete(oldest);
      this.#bytes -= length;
    }
  }

  delete(sequence: number): void {
    const message = this.#messages.get(sequence);
    if (!message) return;
    this.#messages.delete(sequence);
    this.#bytes -= message.length;
  }
}
