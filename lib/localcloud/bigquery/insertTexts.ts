import type { ScalarKind } from "./schema.js";
import type { ProblemTexts, ValueProblem } from "./values.js";

/** Texts of tabledata.insertAll, as recorded from the service in public traces (contracts 2.8). */
export const insertTexts: ProblemTexts = {
  unknownField: (path) => ({ location: path, message: `no such field: ${path}.` }),
  missingRequired: (paths) => ({
    location: "",
    message: `Missing required field${paths.length > 1 ? "s" : ""}: ${paths
      .map((path) => `Msg_0_CLOUD_QUERY_TABLE.${path}`)
      .join(", ")}.`,
  }),
  badValue,
  arrayForScalar: (path) => ({ location: path, message: `Array specified for non-repeated field: ${path}.` }),
  scalarForArray: (path) => ({ location: path, message: "Repeated field must be imported as a JSON array." }),
  notARecord: (path) => ({ location: path, message: `This field: ${path} is not a record.` }),
  nullInRequired: (path) => ({
    location: path,
    message: `Only optional fields can be set to NULL. Field: ${path}; Value: NULL`,
  }),
};

const NUMBER_WORDS: Partial<Readonly<Record<ScalarKind, string>>> = {
  INT64: "integer",
  FLOAT64: "floating point",
  BOOL: "boolean",
};

const TYPE_WORDS: Partial<Readonly<Record<ScalarKind, string>>> = { STRING: "std::string", BYTES: "bytes" };

function badValue(kind: ScalarKind, path: string, value: unknown): ValueProblem {
  return { location: path, message: badValueMessage(kind, path, value) };
}

function badValueMessage(kind: ScalarKind, path: string, value: unknown): string {
  if (typeof value === "object") return `This field: ${path} is not a record.`;
  const word = NUMBER_WORDS[kind];
  if (word !== undefined) return `Cannot convert value to ${word} (bad value): ${String(value)}`;
  switch (kind) {
    case "STRING":
    case "BYTES":
      return typeof value === "string"
        ? `Could not decode base64 string to bytes. Field: ${path}; Value: ${value}`
        : `Conversion from ${typeof value === "boolean" ? "bool" : "double"} to ${TYPE_WORDS[kind]} is unsupported.`;
    case "TIMESTAMP":
      return `Could not parse '${String(value)}' as a timestamp. Required format is YYYY-MM-DD HH:MM[:SS[.SSSSSS]]`;
    case "DATE":
      return `Could not parse '${String(value)}' as a date. Required format is YYYY-MM-DD`;
    case "DATETIME":
      return `Could not parse '${String(value)}' as a datetime. Required format is YYYY-MM-DD HH:MM:SS[.SSSSSS]`;
    case "TIME":
      return `Could not parse '${String(value)}' as a time. Required format is HH:MM:SS[.SSSSSS]`;
    default:
      return `Invalid ${kind} value: ${String(value)} Field: ${path}`;
  }
}
