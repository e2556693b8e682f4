/**
 * JSON to the binary form of `google.protobuf.Value` (google/protobuf/struct.proto). Messages are written from their
 * end to their beginning: a part's length is known by then and nothing is measured or moved twice.
 */

const FIRST_BYTES = 4096;

/** Fills a buffer from its end; what is written last stands first. */
export class BackwardWriter {
  #bytes = Buffer.allocUnsafe(FIRST_BYTES);
  #start = FIRST_BYTES;

  /** Bytes written so far. */
  get size(): number {
    return this.#bytes.length - this.#start;
  }

  finish(): Buffer {
    return this.#bytes.subarray(this.#start);
  }

  byte(value: number): void {
    this.#reserve(1);
    this.#bytes[--this.#start] = value;
  }

  varint(value: number): void {
    if (value < 128) {
      this.byte(value);
      return;
    }
    const groups: number[] = [];
    let rest = value;
    for (; rest >= 128; rest = Math.floor(rest / 128)) groups.push((rest % 128) | 128);
    this.byte(rest);
    for (let index = groups.length - 1; index >= 0; index--) this.byte(groups[index] ?? 0);
  }

  double(value: number): void {
    this.#reserve(8);
    this.#start -= 8;
    this.#bytes.writeDoubleLE(value, this.#start);
  }

  /** A field of text: tag, length, text. */
  text(tag: number, text: string): void {
    const length = Buffer.byteLength(text);
    this.#reserve(length);
    this.#start -= length;
    this.#bytes.write(text, this.#start, length, "utf8");
    this.varint(length);
    this.byte(tag);
  }

  /** Closes a message field that began when `size` was `before`. */
  close(tag: number, before: number): void {
    this.varint(this.size - before);
    this.byte(tag);
  }

  #reserve(count: number): void {
    if (this.#start >= count) return;
    const used = this.size;
    const larger = Buffer.allocUnsafe(2 * (this.#bytes.length + count));
    const start = larger.length - used;
    this.#bytes.copy(larger, start, this.#start);
    this.#bytes = larger;
    this.#start = start;
  }
}

/** Writes a message field of type Value. @param json as `JSON.parse` gives it. */
export function writeValue(writer: BackwardWriter, tag: number, json: unknown): void {
  const before = writer.size;
  if (typeof json === "number") {
    writer.double(json);
    writer.byte(17);
  } else if (typeof json === "string") writer.text(26, json);
  else if (typeof json === "boolean") {
    writer.byte(json ? 1 : 0);
    writer.byte(32);
  } else if (json === null || json === undefined) {
    writer.byte(0);
    writer.byte(8);
  } else if (Array.isArray(json)) {
    for (let index = json.length - 1; index >= 0; index--) writeValue(writer, 10, json[index]);
    writer.close(50, before);
  } else {
    const fields = json as Readonly<Record<string, unknown>>;
    const keys = Object.keys(fields);
    for (let index = keys.length - 1; index >= 0; index--) {
      const key = keys[index] ?? "";
      const entry = writer.size;
      writeValue(writer, 18, fields[key]);
      writer.text(10, key);
      writer.close(10, entry);
    }
    writer.close(42, before);
  }
  writer.close(tag, before);
}
