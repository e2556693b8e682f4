import {
  closeSync,
  existsSync,
  fstatSync,
  ftruncateSync,
  openSync,
  readSync,
  renameSync,
  statSync,
  writeSync,
} from "node:fs";

const LOG_BYTES_MAX = 4 * 1024 * 1024;
const KEPT_BYTES = 1024 * 1024;

/** Opens the log to be appended to; one that has grown long makes place (`cloud.log.1` keeps it). */
export function openLog(path: string): number {
  if (existsSync(path) && statSync(path).size > KEPT_BYTES) renameSync(path, `${path}.1`);
  return openSync(path, "a+");
}

/** Keeps the file behind an append descriptor below its bound: its newest part stays. */
export function boundLog(descriptor: number): void {
  const { size } = fstatSync(descriptor);
  if (size <= LOG_BYTES_MAX) return;
  const kept = Buffer.alloc(KEPT_BYTES);
  readSync(descriptor, kept, 0, KEPT_BYTES, size - KEPT_BYTES);
  ftruncateSync(descriptor, 0);
  writeSync(descriptor, kept.subarray(kept.indexOf("\n") + 1));
}

/** The last lines of a log, for an error message; empty when there is none. */
export function tailOf(path: string, lines = 10): string {
  if (!existsSync(path)) return "";
  const descriptor = openSync(path, "r");
  try {
    const { size } = fstatSync(descriptor);
    const bytes = Buffer.alloc(Math.min(size, 16 * 1024));
    readSync(descriptor, bytes, 0, bytes.length, size - bytes.length);
    return bytes.toString("utf8").trimEnd().split("\n").slice(-lines).join("\n");
  } finally {
    closeSync(descriptor);
  }
}
