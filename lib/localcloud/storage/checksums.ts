import { createHash, type Hash } from "node:crypto";

/** CRC-32C (Castagnoli polynomial, reflected 0x82F63B78; RFC 3720 appendix B.4), eight bytes a step. */
const TABLES: readonly Int32Array[] = makeTables();

function makeTables(): Int32Array[] {
  const first = new Int32Array(256);
  for (let byte = 0; byte < 256; byte++) {
    let crc = byte;
    for (let bit = 0; bit < 8; bit++) crc = crc & 1 ? (crc >>> 1) ^ 0x82f63b78 : crc >>> 1;
    first[byte] = crc;
  }
  const tables = [first];
  for (let step = 1; step < 8; step++) {
    const before = tables[step - 1] ?? first;
    tables.push(first.map((_, byte) => ((before[byte] ?? 0) >>> 8) ^ (first[(before[byte] ?? 0) & 0xff] ?? 0)));
  }
  return tables;
}

const [T0, T1, T2, T3, T4, T5, T6, T7] = TABLES as [
  Int32Array,
  Int32Array,
  Int32Array,
  Int32Array,
  Int32Array,
  Int32Array,
  Int32Array,
  Int32Array,
];

/** @param crc the value so far; 0 at the beginning. */
export function crc32c(bytes: Uint8Array, crc = 0): number {
  let value = ~crc;
  let at = 0;
  for (const end = bytes.length - 7; at < end; at += 8) {
    value ^= at4(bytes, at);
    const next = at4(bytes, at + 4);
    value =
      look(T7, value) ^
      look(T6, value >>> 8) ^
      look(T5, value >>> 16) ^
      look(T4, value >>> 24) ^
      look(T3, next) ^
      look(T2, next >>> 8) ^
      look(T1, next >>> 16) ^
      look(T0, next >>> 24);
  }
  for (; at < bytes.length; at++) value = (value >>> 8) ^ look(T0, value ^ (bytes[at] ?? 0));
  return ~value >>> 0;
}

function look(table: Int32Array, index: number): number {
  return table[index & 0xff] as number;
}

function at4(bytes: Uint8Array, at: number): number {
  return (
    (bytes[at] as number) |
    ((bytes[at + 1] as number) << 8) |
    ((bytes[at + 2] as number) << 16) |
    ((bytes[at + 3] as number) << 24)
  );
}

/** Checksums as resources carry them: base64, crc32c in big-endian order. */
export interface Checksums {
  readonly crc32c: string;
  readonly md5Hash: string;
}

/** Both checksums and the length of bytes that pass by; `copy` keeps a place to come back to. */
export class Hasher {
  #crc = 0;
  #md5: Hash = createHash("md5");
  bytes = 0;

  update(part: Uint8Array): void {
    this.#crc = crc32c(part, this.#crc);
    this.#md5.update(part);
    this.bytes += part.length;
  }

  copy(): Hasher {
    const twin = new Hasher();
    twin.#crc = this.#crc;
    twin.#md5 = this.#md5.copy();
    twin.bytes = this.bytes;
    return twin;
  }

  /** Of what has passed so far. */
  digest(): Checksums {
    const crc = Buffer.alloc(4);
    crc.writeUInt32BE(this.#crc);
    return { crc32c: crc.toString("base64"), md5Hash: this.#md5.copy().digest("base64") };
  }
}
