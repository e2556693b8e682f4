import { gzipSync } from "node:zlib";

const BLOCK = 512;

export interface TarEntry {
  /** With slashes, at most 100 bytes. */
  readonly path: string;
  readonly content: Uint8Array;
}

/** A compressed archive (POSIX ustar, IEEE Std 1003.1 "pax", in gzip); the same entries give the same bytes. */
export function tarGz(entries: readonly TarEntry[]): Buffer {
  const blocks: Uint8Array[] = [];
  for (const { path, content } of entries) {
    blocks.push(header(path, content.length), content, Buffer.alloc((BLOCK - (content.length % BLOCK)) % BLOCK));
  }
  return gzipSync(Buffer.concat([...blocks, Buffer.alloc(2 * BLOCK)]));
}

function header(path: string, size: number): Buffer {
  const block = Buffer.alloc(BLOCK);
  if (Buffer.byteLength(path) > 100) throw new RangeError(`${path} is too long for a tar entry.`);
  const octal = (value: number, digits: number): string => `${value.toString(8).padStart(digits, "0")}\0`;
  block.write(path, 0);
  block.write(octal(0o644, 7), 100);
  block.write(octal(0, 7), 108);
  block.write(octal(0, 7), 116);
  block.write(octal(size, 11), 124);
  block.write(octal(0, 11), 136);
  block.write("        ", 148);
  block.write("0", 156);
  block.write("ustar\x0000", 257, "latin1");
  const sum = block.reduce((total, byte) => total + byte, 0);
  block.write(`${sum.toString(8).padStart(6, "0")}\0 `, 148);
  return block;
}
