import { createHash } from "node:crypto";
import type { Columns } from "../../anomaly/index.js";
import type { Connections } from "../../cloud/connections.js";
import { queryPages } from "../../cloud/pages.js";
import type { Cell, Row } from "../../cloud/rows.js";
import { EXIT, TrainerFailure } from "./failure.js";

/** Rows in the order of their keys, which is the same whatever the order in which BigQuery answers. */
export interface KeyedRows {
  readonly keys: readonly string[];
  readonly columns: Columns;
}

/** Fewer cannot be learnt from: a fifth of them validates, and a threshold is a quantile of those. */
export const ROWS_MIN = 50;
/** 16 features of them take 640 MB. */
export const ROWS_MAX = 5_000_000;

/**
 * Reads the features of all rows that a query answers: a page at a time, of which only numbers and key are kept (8 bytes a number).
 * @param key without such a column the values of a row are its key.
 * @throws TrainerFailure when a column is missing, a value is no finite number, or there are too few or too many rows.
 */
export async function readRows(
  connections: Connections,
  query: string,
  features: readonly string[],
  key: string,
): Promise<KeyedRows> {
  const { columns, pages } = await queryPages(connections, query);
  for (const feature of features) {
    if (columns.includes(feature)) continue;
    throw data(`column ${feature} is missing in what the query answers: ${columns.join(", ")}`);
  }
  const keys: string[] = [];
  const values = features.map(() => new Growing());
  for await (const page of pages) {
    for (const row of page) {
      const name = columns.includes(key) ? String(row[key]) : features.map((feature) => String(row[feature])).join(" ");
      for (const [place, feature] of features.entries()) values[place]?.push(numberOf(row, feature, key, name));
      keys.push(name);
    }
    if (keys.length > ROWS_MAX) throw data(`the query answers more than ${ROWS_MAX} rows; take a sample of them`);
  }
  if (keys.length === 0) throw data("the query answers no rows: there is nothing to learn from");
  if (keys.length < ROWS_MIN) throw data(`the query answers ${keys.length} rows, at least ${ROWS_MIN} are needed`);
  const order = Array.from(keys.keys()).sort((a, b) => compare(keys[a] ?? "", keys[b] ?? "") || a - b);
  const sorted = values.map((column) => Float64Array.from(order, (row) => column.at(row)));
  for (const [place, feature] of features.entries()) {
    const column = sorted[place] ?? new Float64Array();
    if (column.some((value) => value !== column[0])) continue;
    throw data(
      `column ${feature} is ${column[0]} in all ${keys.length} rows: it can tell nothing; leave it out by --features`,
    );
  }
  return {
    keys: order.map((row) => keys[row] ?? ""),
    columns: Object.fromEntries(features.map((feature, place) => [feature, sorted[place] ?? new Float64Array()])),
  };
}

/** The rows of the two parts. Which part a row belongs to depends on its key alone: the first 32 bits of its SHA-256. */
export function splitRows(
  { keys, columns }: KeyedRows,
  validationShare: number,
): { training: KeyedRows; validation: KeyedRows } {
  const validating = keys.map(
    (key) => createHash("sha256").update(key).digest().readUInt32BE(0) / 2 ** 32 < validationShare,
  );
  const part = (wanted: boolean): KeyedRows => {
    const rows = Array.from(keys.keys()).filter((row) => validating[row] === wanted);
    const taken = Object.entries(columns).map(([name, column]) => [
      name,
      Float64Array.from(rows, (row) => column[row] ?? Number.NaN),
    ]);
    return { keys: rows.map((row) => keys[row] ?? ""), columns: Object.fromEntries(taken) };
  };
  const parts = { training: part(false), validation: part(true) };
  if (parts.training.keys.length > 0 && parts.validation.keys.length > 0) return parts;
  throw data(
    `all ${keys.length} rows have the same key, or nearly so: they cannot be split into training and validation rows; see --key`,
  );
}

/** What a row is, by its key. */
export interface Label {
  readonly anomaly: boolean;
  readonly kind: string | null;
}

/** @throws TrainerFailure when the table has other columns. */
export async function readLabels(
  connections: Connections,
  table: string,
  key: string,
): Promise<ReadonlyMap<string, Label>> {
  const { columns, pages } = await queryPages(connections, `SELECT * FROM \`${table}\``);
  for (const column of [key, "is_anomaly"]) {
    if (!columns.includes(column))
      throw data(`column ${column} is missing in the label table ${table}: ${columns.join(", ")}`);
  }
  const labels = new Map<string, Label>();
  for await (const page of pages) {
    for (const row of page) {
      const { is_anomaly: anomaly, kind = null } = row;
      labels.set(String(row[key]), { anomaly: anomaly === true, kind: typeof kind === "string" ? kind : null });
    }
  }
  return labels;
}

function numberOf(row: Row, feature: string, key: string, name: string): number {
  const cell: Cell = row[feature] ?? null;
  // NUMERIC comes as text.
  const value = typeof cell === "string" && cell.trim() !== "" ? Number(cell) : cell;
  if (typeof value === "number" && Number.isFinite(value)) return value;
  const shown = cell === null ? "NULL" : typeof cell === "number" ? String(cell) : JSON.stringify(cell);
  throw data(`column ${feature} holds ${shown} in the row with ${key} ${name}; it must be a finite number`);
}

/** A list of numbers of unknown length, without a box around each. */
class Growing {
  #values = new Float64Array(1024);
  #length = 0;

  push(value: number): void {
    if (this.#length === this.#values.length) {
      const larger = new Float64Array(this.#length * 2);
      larger.set(this.#values);
      this.#values = larger;
    }
    this.#values[this.#length] = value;
    this.#length += 1;
  }

  at(index: number): number {
    return this.#values[index] ?? Number.NaN;
  }
}

const compare = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);

const data = (message: string): TrainerFailure => new TrainerFailure(EXIT.data, message);
