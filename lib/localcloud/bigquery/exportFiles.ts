import { gzipSync } from "node:zlib";
import { invalid, notSupported } from "./errors.js";
import { checkFlat, csvHeader, csvLine, type ExportColumn, jsonLine } from "./exportRows.js";
import { parseUri, type RemoteObjects, shardOf } from "./objects.js";
import type { WireRow } from "./wire.js";

export interface ExportOptions {
  /** CSV or NEWLINE_DELIMITED_JSON. */
  readonly format: string;
  readonly uri: string;
  readonly gzip: boolean;
  /** Of CSV. */
  readonly header: boolean;
  readonly delimiter: string;
}

/** Where a URI with an asterisk begins its next file. */
const SHARD_BYTES = 64 * 1024 * 1024;
/** The most that goes to a single file (cloud.google.com/bigquery/docs/exporting-data#limitations). */
const FILE_BYTES_MAX = 1024 * 1024 * 1024;

/** @throws CloudError invalid, notImplemented */
export function checkFormat(format: string, compression: string | null | undefined): { format: string; gzip: boolean } {
  const upper = format.toUpperCase() === "JSON" ? "NEWLINE_DELIMITED_JSON" : format.toUpperCase();
  if (["AVRO", "PARQUET"].includes(upper)) {
    throw notSupported(
      `Exporting to ${upper} here`,
      "Use CSV or NEWLINE_DELIMITED_JSON; extract jobs write PARQUET too.",
    );
  }
  if (upper !== "CSV" && upper !== "NEWLINE_DELIMITED_JSON") throw invalid(`Invalid export format: ${format}`);
  const packed = (compression ?? "NONE").toUpperCase();
  if (packed !== "NONE" && packed !== "GZIP") throw notSupported(`Compression ${packed}`, "Use GZIP or NONE.");
  return { format: upper, gzip: packed === "GZIP" };
}

/** Writes rows to one object, or to as many as an asterisk in the URI allows; what is in memory stays below a file's size. */
export class ExportFiles {
  readonly #objects: RemoteObjects;
  readonly #options: ExportOptions;
  #columns: readonly ExportColumn[] = [];
  #parts: Buffer[] = [];
  #bytes = 0;
  files = 0;
  rows = 0;

  constructor(objects: RemoteObjects, options: ExportOptions) {
    parseUri(options.uri);
    this.#objects = objects;
    this.#options = options;
  }

  begin(columns: readonly ExportColumn[]): void {
    this.#columns = columns;
    if (this.#options.format === "CSV") checkFlat(columns);
  }

  async write(batch: readonly WireRow[]): Promise<void> {
    const { format, delimiter, uri } = this.#options;
    const lines = batch.map(({ f }) => {
      const values = f.map(({ v }) => v);
      return format === "CSV" ? csvLine(values, this.#columns, delimiter) : jsonLine(values, this.#columns);
    });
    this.#add(lines.join(""));
    this.rows += batch.length;
    if (uri.includes("*") && this.#bytes >= SHARD_BYTES) await this.#flush();
    if (this.#bytes > FILE_BYTES_MAX) {
      throw invalid(
        "The table is too large to be exported to a single file. Specify a uri including a * to shard export.",
      );
    }
  }

  /** An empty result makes a file too. */
  async finish(): Promise<void> {
    if (this.#bytes > 0 || this.files === 0) await this.#flush();
  }

  #add(text: string): void {
    const { format, header, delimiter } = this.#options;
    const begins = this.#bytes === 0 && format === "CSV" && header;
    const part = Buffer.from(begins ? csvHeader(this.#columns, delimiter) + text : text);
    this.#parts.push(part);
    this.#bytes += part.length;
  }

  async #flush(): Promise<void> {
    if (this.#bytes === 0) this.#add("");
    const { uri, gzip, format } = this.#options;
    const { bucket, name } = shardOf(uri, this.files);
    const whole = Buffer.concat(this.#parts);
    const type = format === "CSV" ? "text/csv" : "application/json";
    await this.#objects.write(bucket, name, gzip ? gzipSync(whole) : whole, gzip ? "application/gzip" : type);
    this.#parts = [];
    this.#bytes = 0;
    this.files += 1;
  }
}
