import type { Row } from "./rows.js";

/** The part of a danfo DataFrame that our notebooks use; the object is the real one, see danfojs for the rest. */
export interface DataFrame {
  readonly shape: readonly [rows: number, columns: number];
  readonly columns: string[];
  /** Names of the rows. */
  readonly index: readonly (string | number)[];
  /** Row by row. */
  readonly values: readonly (readonly (string | number | boolean | null)[])[];
  head(rows?: number): DataFrame;
  describe(): DataFrame;
  query(condition: unknown): DataFrame;
  groupby(columns: string[]): { mean(): DataFrame; sum(): DataFrame; count(): DataFrame; max(): DataFrame };
  sortValues(column: string, options?: { ascending?: boolean }): DataFrame;
  loc(selection: { rows?: unknown[]; columns?: string[] }): DataFrame;
  print(): void;
}

/** Rows as a danfo DataFrame. The package is loaded at the first call: that takes about 1.5 s. */
export async function toDataFrame(rows: readonly Row[]): Promise<DataFrame> {
  const { DataFrame } = await import("danfojs-node");
  return new DataFrame([...rows]) as unknown as DataFrame;
}
