import {
  BIGINT,
  BLOB,
  BOOLEAN,
  DECIMAL,
  DOUBLE,
  DuckDBBlobValue,
  type DuckDBConnection,
  type DuckDBDataChunk,
  DuckDBDecimalValue,
  DuckDBIntervalValue,
  DuckDBListValue,
  DuckDBScalarFunction,
  type DuckDBType,
  type DuckDBValue,
  type DuckDBVector,
  INTERVAL,
  LIST,
  SQLNULL,
  VARCHAR,
} from "@duckdb/node-api";
import type { Crossing, JavaScriptFunction } from "./call.js";
import { FAMILIES } from "./families.js";

const TYPES: Readonly<Record<Crossing, DuckDBType>> = {
  bigint: BIGINT,
  number: DOUBLE,
  boolean: BOOLEAN,
  string: VARCHAR,
  bytes: BLOB,
  numeric: DECIMAL(38, 9),
  interval: INTERVAL,
  strings: LIST(VARCHAR),
  bigints: LIST(BIGINT),
  bytesList: LIST(BLOB),
  nothing: SQLNULL,
};

/**
 * Makes the library's macros and JavaScript functions known to a DuckDB instance; to be called once an instance, on the
 * thread that runs its queries (DuckDB calls JavaScript back there).
 */
export async function installFunctions(connection: DuckDBConnection): Promise<void> {
  for (const family of FAMILIES) {
    for (const definition of family.javascript ?? []) connection.registerScalarFunction(scalarFunction(definition));
  }
  const macros = inOrder(FAMILIES.flatMap((family) => family.macros ?? []));
  await connection.run(macros.map((macro) => `CREATE OR REPLACE MACRO ${macro};`).join("\n"));
}

/** Macros so that each stands behind those it uses: DuckDB looks for them when a macro is made. */
function inOrder(macros: readonly string[]): readonly string[] {
  const byName = new Map(macros.map((macro) => [macro.slice(0, macro.indexOf("(")), macro]));
  const ordered = new Set<string>();
  const place = (macro: string) => {
    if (ordered.has(macro)) return;
    for (const [used] of macro.slice(macro.indexOf(")")).matchAll(/\bbq_\w+/g)) {
      const dependency = byName.get(used);
      if (dependency !== undefined && dependency !== macro) place(dependency);
    }
    ordered.add(macro);
  };
  macros.forEach(place);
  return [...ordered];
}

function scalarFunction(definition: JavaScriptFunction): DuckDBScalarFunction {
  const { name, parameters, returns, nulls, call } = definition;
  return DuckDBScalarFunction.create({
    name,
    parameterTypes: parameters.map((parameter) => TYPES[parameter]),
    returnType: TYPES[returns],
    specialHandling: nulls ?? false,
    mainFunction: (_info, chunk, output) => {
      run(call as Callable, nulls ?? false, returns, chunk, output);
    },
  });
}

type Callable = (...args: readonly unknown[]) => unknown;

function run(call: Callable, nulls: boolean, returns: Crossing, chunk: DuckDBDataChunk, output: DuckDBVector): void {
  const vectors: DuckDBVector[] = [];
  for (let column = 0; column < chunk.columnCount; column += 1) vectors.push(chunk.getColumnVector(column));
  for (let row = 0; row < chunk.rowCount; row += 1) {
    const args: unknown[] = [];
    let missing = false;
    for (const vector of vectors) {
      const value = fromDuckDB(vector.getItem(row));
      missing ||= value === null;
      args.push(value);
    }
    output.setItem(row, missing && !nulls ? null : toDuckDB(call(...args), returns));
  }
  output.flush();
}

function fromDuckDB(value: DuckDBValue): unknown {
  if (value === null || typeof value !== "object") return value;
  if (value instanceof DuckDBBlobValue) return value.bytes;
  if (value instanceof DuckDBListValue) return value.items.map(fromDuckDB);
  if (value instanceof DuckDBDecimalValue) return value.value;
  return value;
}

function toDuckDB(value: unknown, kind: Crossing): DuckDBValue {
  if (value === undefined || value === null) return null;
  switch (kind) {
    case "numeric":
      return new DuckDBDecimalValue(value as bigint, 38, 9);
    case "interval": {
      const { months, days, micros } = value as { months: number; days: number; micros: bigint };
      return new DuckDBIntervalValue(months, days, micros);
    }
    case "bytes":
      return new DuckDBBlobValue(value as Uint8Array);
    case "strings":
    case "bigints":
      return new DuckDBListValue(value as DuckDBValue[]);
    case "bytesList":
      return new DuckDBListValue((value as readonly (Uint8Array | null)[]).map((item) => toDuckDB(item, "bytes")));
    default:
      return value as DuckDBValue;
  }
}
