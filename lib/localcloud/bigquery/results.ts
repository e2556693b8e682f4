import { closeSync, mkdirSync, openSync, readSync, rmSync, writeSync } from "node:fs";
import { dirname, join } from "node:path";
import { diskFull, refuseFullDisk } from "../platform/freeSpace.js";
import type { RowSink } from "./engine/engine.js";
import { PAGE_BYTES_MAX } from "./limits.js";
import type { FieldSchema } from "./schema.js";
import { fieldOf } from "./storage.js";
import type { WireRow } from "./wire.js";

/** Bytes of one result kept in memory; what is beyond goes to a file. */
const MEMORY_BYTES = 1024 * 1024;
/** Bytes of all results in memory, and of all files; the results used longest ago are dropped beyond. */
const MEMORY_BYTES_ALL = 64 * 1024 * 1024;
const FILE_BYTES_ALL = 2 * 1024 * 1024 * 1024;
/** Rows of a piece: the unit that is read back at once. */
const PIECE_ROWS = 1_000;

/** Some rows as JSON text (without the brackets of the list), in memory or at a place of the file. */
interface Piece {
  readonly firstRow: number;
  readonly rowCount: number;
  readonly bytes: number;
  readonly text?: string;
  readonly offset?: number;
}

/** A page of rows as JSON text: `[…]`. */
export interface ResultPage {
  readonly json: string;
  readonly rowCount: number;
}

/** Keeps rows of finished queries for as long as there is room. */
export class ResultStore {
  readonly #folder: string;
  #fileNumber = 0;
  #memoryBytes = 0;
  #fileBytes = 0;
  /** In the order of last use, the oldest first. */
  readonly #results = new Set<Result>();

  constructor(folder: string) {
    this.#folder = folder;
    rmSync(folder, { recursive: true, force: true });
    mkdirSync(folder, { recursive: true });
  }

  create(): Result {
    const result: Result = new Result(
      () => join(this.#folder, `${++this.#fileNumber}.json`),
      (memory, file) => this.#grown(result, memory, file),
    );
    this.#results.add(result);
    return result;
  }

  touch(result: Result): void {
    if (this.#results.delete(result)) this.#results.add(result);
  }

  drop(result: Result): void {
    if (!this.#results.delete(result)) return;
    this.#memoryBytes -= result.memoryBytes;
    this.#fileBytes -= result.fileBytes;
    result.dispose();
  }

  close(): void {
    for (const result of this.#results) result.dispose();
    this.#results.clear();
    rmSync(this.#folder, { recursive: true, force: true });
  }

  #grown(grown: Result, memory: number, file: number): void {
    this.#memoryBytes += memory;
    this.#fileBytes += file;
    for (const oldest of this.#results) {
      if (this.#memoryBytes <= MEMORY_BYTES_ALL && this.#fileBytes <= FILE_BYTES_ALL) break;
      if (oldest !== grown) this.drop(oldest);
    }
  }
}

/** The rows of one statement, written once, read by page. */
export class Result implements RowSink {
  readonly #fileName: () => string;
  readonly #grown: (memory: number, file: number) => void;
  #fields: readonly FieldSchema[] = [];
  #pieces: Piece[] = [];
  #pending: string[] = [];
  #pendingBytes = 0;
  #totalRows = 0;
  #file: { readonly descriptor: number; readonly path: string } | undefined;
  #disposed = false;
  memoryBytes = 0;
  fileBytes = 0;

  constructor(fileName: () => string, grown: (memory: number, file: number) => void) {
    this.#fileName = fileName;
    this.#grown = grown;
  }

  get fields(): readonly FieldSchema[] {
    return this.#fields;
  }
  get totalRows(): number {
    return this.#totalRows;
  }
  /** Were the rows dropped to make room? */
  get disposed(): boolean {
    return this.#disposed;
  }

  begin(columns: Parameters<RowSink["begin"]>[0]): void {
    this.#fields = columns.map(({ name, type }) => fieldOf(name, type));
  }

  rows(batch: readonly WireRow[]): void {
    for (const row of batch) {
      const text = JSON.stringify(row);
      this.#pending.push(text);
      this.#pendingBytes += text.length + 1;
      this.#totalRows += 1;
      if (this.#pending.length >= PIECE_ROWS || this.#pendingBytes >= MEMORY_BYTES) this.#flush();
    }
  }

  /** To be called after the last row. */
  finish(): void {
    this.#flush();
  }

  /**
   * Rows from `start`, at most `limit` and about 10 MB of them, at least one if there is any.
   * @throws RangeError when the rows were dropped.
   */
  page(start: number, limit: number): ResultPage {
    if (this.#disposed) throw new RangeError("the rows are no longer kept");
    const parts: string[] = [];
    let bytes = 0;
    let next = start;
    const end = Math.min(start + limit, this.#totalRows);
    for (let index = this.#pieceAt(start); next < end; index++) {
      const piece = this.#pieces[index];
      if (!piece || (bytes > 0 && bytes + piece.bytes > PAGE_BYTES_MAX)) break;
      const whole = piece.firstRow === next && piece.firstRow + piece.rowCount <= end;
      const text = this.#textOf(piece);
      const from = next - piece.firstRow;
      const to = Math.min(piece.rowCount, end - piece.firstRow);
      parts.push(whole ? text : sliceRows(text, from, to));
      bytes += piece.bytes;
      next = piece.firstRow + to;
    }
    return { json: `[${parts.join(",")}]`, rowCount: next - start };
  }

  dispose(): void {
    this.#disposed = true;
    this.#pieces = [];
    this.#pending = [];
    if (!this.#file) return;
    closeSync(this.#file.descriptor);
    rmSync(this.#file.path, { force: true });
    this.#file = undefined;
  }

  #pieceAt(row: number): number {
    let [low, high] = [0, this.#pieces.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      const piece = this.#pieces[middle];
      if (piece && piece.firstRow + piece.rowCount <= row) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  #flush(): void {
    if (this.#pending.length === 0 || this.#disposed) return;
    const text = this.#pending.join(",");
    const rowCount = this.#pending.length;
    this.#pending = [];
    this.#pendingBytes = 0;
    const firstRow = this.#totalRows - rowCount;
    if (this.memoryBytes + text.length <= MEMORY_BYTES) {
      this.#pieces.push({ firstRow, rowCount, bytes: text.length, text });
      this.memoryBytes += text.length;
      this.#grown(text.length, 0);
      return;
    }
    if (!this.#file) {
      const path = this.#fileName();
      refuseFullDisk(dirname(path));
      this.#file = { descriptor: openSync(path, "w+"), path };
    }
    const data = Buffer.from(text);
    const offset = this.fileBytes;
    const written = writeSync(this.#file.descriptor, data, 0, data.length, offset);
    if (written < data.length) throw diskFull(this.#file.path);
    this.#pieces.push({ firstRow, rowCount, bytes: data.length, offset });
    this.fileBytes += data.length;
    this.#grown(0, data.length);
  }

  #textOf(piece: Piece): string {
    if (piece.text !== undefined) return piece.text;
    const data = Buffer.allocUnsafe(piece.bytes);
    if (this.#file) readSync(this.#file.descriptor, data, 0, data.length, piece.offset ?? 0);
    return data.toString();
  }
}

function sliceRows(text: string, from: number, to: number): string {
  const rows = JSON.parse(`[${text}]`) as readonly WireRow[];
  return rows
    .slice(from, to)
    .map((row) => JSON.stringify(row))
    .join(",");
}
