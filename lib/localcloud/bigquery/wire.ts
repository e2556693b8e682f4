import type {
  DuckDBBlobValue,
  DuckDBDataChunk,
  DuckDBDateValue,
  DuckDBDecimalValue,
  DuckDBIntervalValue,
  DuckDBListValue,
  DuckDBStructValue,
  DuckDBTimestampTZValue,
  DuckDBTimestampValue,
  DuckDBTimeValue,
  DuckDBValue,
} from "@duckdb/node-api";
import type { WireValue } from "./engine/engine.js";
import { formatFloat64, formatScaled } from "./numbers.js";
import type { SqlType } from "./schema.js";
import { formatDate, formatDatetime, formatTime } from "./times.js";

/** A row as the REST API writes it. */
export interface WireRow {
  readonly f: readonly { readonly v: WireValue }[];
}

/** The rows of a chunk of DuckDB; `types` are the columns' GoogleSQL types. TIMESTAMP in integer microseconds. */
export function encodeRows(chunk: DuckDBDataChunk, types: readonly SqlType[]): WireRow[] {
  const columns = types.map((type, index) => {
    const encode = encoder(type);
    return chunk.getColumnValues(index).map(encode);
  });
  const rows: WireRow[] = [];
  for (let row = 0; row < chunk.rowCount; row++) {
    rows.push({ f: columns.map((column) => ({ v: column[row] ?? null })) });
  }
  return rows;
}

type Encoder = (value: DuckDBValue) => WireValue;

/** How a value of the type goes out; NULL is null, an ARRAY that is NULL is empty. */
export function encoder(type: SqlType): Encoder {
  if (type.kind === "ARRAY") {
    const encode = encoder(type.element);
    return (value) => (value === null ? [] : (value as DuckDBListValue).items.map((item) => ({ v: encode(item) })));
  }
  const encode = presentEncoder(type);
  return (value) => (value === null ? null : encode(value));
}

function presentEncoder(type: SqlType): Encoder {
  switch (type.kind) {
    case "INT64":
    case "BOOL":
    case "STRING":
    case "JSON":
    case "GEOGRAPHY":
    case "BIGNUMERIC":
      return (value) => String(value);
    case "FLOAT64":
      return (value) => formatFloat64(Number(value));
    case "NUMERIC":
      return (value) => formatScaled((value as DuckDBDecimalValue).value, (value as DuckDBDecimalValue).scale);
    case "BYTES":
      return (value) => {
        const { bytes } = value as DuckDBBlobValue;
        return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString("base64");
      };
    case "DATE":
      return (value) => formatDate((value as DuckDBDateValue).days);
    case "TIME":
      return (value) => formatTime((value as DuckDBTimeValue).micros);
    case "DATETIME":
      return (value) => formatDatetime((value as DuckDBTimestampValue).micros);
    case "TIMESTAMP":
      return (value) => String((value as DuckDBTimestampTZValue).micros);
    case "INTERVAL":
      return (value) => formatInterval(value as DuckDBIntervalValue);
    case "STRUCT": {
      const fields = type.fields.map((field) => encoder(field.type));
      return (value) => {
        const values = Object.values((value as DuckDBStructValue).entries);
        return { f: fields.map((encode, index) => ({ v: encode(values[index] ?? null) })) };
      };
    }
    case "RANGE": {
      const encode = encoder(type.element);
      return (value) => {
        const [start, end] = Object.values((value as DuckDBStructValue).entries);
        return `[${encode(start ?? null) ?? "UNBOUNDED"}, ${encode(end ?? null) ?? "UNBOUNDED"})`;
      };
    }
    case "ARRAY":
      return encoder(type);
  }
}

/** `Y-M D H:M:S[.F]`, each part with its sign. */
function formatInterval({ months, days, micros }: DuckDBIntervalValue): string {
  const sign = (negative: boolean): string => (negative ? "-" : "");
  const [m, us] = [Math.abs(months), micros < 0n ? -micros : micros];
  const seconds = Number(us / 1_000_000n);
  const fraction = String(us % 1_000_000n)
    .padStart(6, "0")
    .replace(/0+$/, "");
  const time = `${Math.floor(seconds / 3600)}:${Math.floor(seconds / 60) % 60}:${seconds % 60}`;
  return `${sign(months < 0)}${Math.floor(m / 12)}-${m % 12} ${days} ${sign(micros < 0n)}${time}${fraction && `.${fraction}`}`;
}
