/**
 * Protobuf's wire format (protobuf.dev/programming-guides/encoding), for the messages whose number or size counts:
 * about ten times as fast as going through message objects, measured with `pubsub-throughput`.
 */

import { CloudError } from "../platform/errors.js";

export class ProtoReader {
  readonly #bytes: Buffer;
  #position = 0;
  #wireType = 0;
  /** Where the tag of the current field begins. */
  tagPosition = 0;
  /** Number of the current field. */
  field = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = Buffer.isBuffer(bytes) ? bytes : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  get position(): number {
    return this.#position;
  }

  /** Goes to the next field; false at the end. @throws CloudError INVALID_ARGUMENT for bytes that are no message. */
  next(): boolean {
    if (this.#position >= this.#bytes.length) return false;
    this.tagPosition = this.#position;
    const tag = this.#varint();
    this.field = Math.floor(tag / 8);
    this.#wireType = tag % 8;
    if (this.field === 0) throw malformed();
    return true;
  }

  /** Of an integer field, as far as a double holds it exactly. */
  number(): number {
    if (this.#wireType !== 0) throw malformed();
    return this.#varint();
  }

  /** Adds a repeated field's numbers, packed or not. */
  numbers(to: number[]): void {
    if (this.#wireType === 0) {
      to.push(this.#varint());
      return;
    }
    const inner = new ProtoReader(this.bytes());
    while (inner.#position < inner.#bytes.length) to.push(inner.#varint());
  }

  /** A view on the request's memory. */
  bytes(): Buffer {
    const end = this.#delimited();
    const found = this.#bytes.subarray(this.#position, end);
    this.#position = end;
    return found;
  }

  text(): string {
    const end = this.#delimited();
    const found = this.#bytes.toString("utf8", this.#position, end);
    this.#position = end;
    return found;
  }

  /** As `text`, for what we have written ourselves. */
  ascii(): string {
    const end = this.#delimited();
    const found = this.#bytes.toString("latin1", this.#position, end);
    this.#position = end;
    return found;
  }

  skip(): void {
    switch (this.#wireType) {
      case 0:
        this.#varint();
        return;
      case 1:
        this.#position += 8;
        break;
      case 2:
        this.#position = this.#delimited();
        break;
      case 5:
        this.#position += 4;
        break;
      default:
        throw malformed();
    }
    if (this.#position > this.#bytes.length) throw malformed();
  }

  #delimited(): number {
    if (this.#wireType !== 2) throw malformed();
    const length = this.#varint();
    const end = this.#position + length;
    if (length < 0 || end > this.#bytes.length) throw malformed();
    return end;
  }

  /** Negative numbers come in ten bytes, in two's complement. */
  #varint(): number {
    let result = 0;
    let factor = 1;
    for (let count = 0; count < 10; count++) {
      const byte = this.#bytes[this.#position++];
      if (byte === undefined) throw malformed();
      result += (byte & 0x7f) * factor;
      if (byte < 0x80) return count === 9 ? result - 2 ** 64 : result;
      factor *= 128;
    }
    throw malformed();
  }
}

function malformed(): CloudError {
  return new CloudError("INVALID_ARGUMENT", "The request is not a protobuf message of the expected type.");
}

export function varintLength(value: number): number {
  let length = 1;
  for (let rest = value; rest >= 128; rest /= 128) length++;
  return length;
}

/** Grows as needed; field numbers up to 15. */
export class ProtoWriter {
  #bytes: Buffer;
  #position = 0;

  constructor(size: number) {
    this.#bytes = Buffer.allocUnsafe(size);
  }

  tag(field: number, wireType: number): void {
    this.#reserve(1);
    this.#bytes[this.#position++] = (field << 3) | wireType;
  }

  varint(value: number): void {
    this.#reserve(10);
    let rest = value;
    while (rest >= 128) {
      this.#bytes[this.#position++] = (rest % 128) | 0x80;
      rest = Math.floor(rest / 128);
    }
    this.#bytes[this.#position++] = rest;
  }

  fixed32(value: number): void {
    this.#reserve(4);
    this.#position = this.#bytes.writeUInt32LE(value, this.#position);
  }

  varintField(field: number, value: number): void {
    this.tag(field, 0);
    this.varint(value);
  }

  bytesField(field: number, value: Uint8Array): void {
    this.tag(field, 2);
    this.varint(value.length);
    this.raw(value);
  }

  textField(field: number, value: string): void {
    this.bytesField(field, Buffer.from(value, "utf8"));
  }

  asciiField(field: number, value: string): void {
    this.tag(field, 2);
    this.varint(value.length);
    this.#reserve(value.length);
    this.#bytes.write(value, this.#position, "latin1");
    this.#position += value.length;
  }

  raw(value: Uint8Array): void {
    this.#reserve(value.length);
    this.#bytes.set(value, this.#position);
    this.#position += value.length;
  }

  finish(): Buffer {
    return this.#bytes.subarray(0, this.#position);
  }

  #reserve(length: number): void {
    if (this.#position + length <= this.#bytes.length) return;
    const larger = Buffer.allocUnsafe(Math.max(this.#bytes.length * 2, this.#position + length));
    this.#bytes.copy(larger, 0, 0, this.#position);
    this.#bytes = larger;
  }
}
