import type { ScalarKind } from "./schema.js";
import type { ProblemTexts } from "./values.js";

/** Texts of load jobs over JSON, as recorded from the service in public traces (contracts 2.9). */
export const loadTexts: ProblemTexts = {
  unknownField: (path) => ({ location: path, message: `No such field: ${path}.` }),
  missingRequired: (paths) => ({
    location: "",
    message: `Missing required field${paths.length > 1 ? "s" : ""}: ${paths.join(", ")}.`,
  }),
  badValue: (kind, path, value) => ({ location: path, message: badValue(kind, path, value) }),
  arrayForScalar: (path) => ({ location: path, message: `Array specified for non-repeated field: ${path}.` }),
  scalarForArray: (path) => ({
    location: path,
    message: `Repeated field must be imported as a JSON array. Field: ${path}.`,
  }),
  notARecord: (path) => ({ location: path, message: `This field: ${path} is not a record.` }),
  nullInRequired: (path) => ({
    location: path,
    message: `Only optional fields can be set to NULL. Field: ${path}; Value: NULL`,
  }),
};

const WORDS: Partial<Readonly<Record<ScalarKind, string>>> = {
  INT64: "integer",
  FLOAT64: "double",
  BOOL: "boolean",
  STRING: "string",
};

function badValue(kind: ScalarKind, path: string, value: unknown): string {
  if (typeof value === "object") return `This field: ${path} is not a record.`;
  const word = WORDS[kind];
  if (word !== undefined)
    return `Could not convert value '${asProto(value)}' to ${word}. Field: ${path}; Value: ${String(value)}`;
  return `Couldn't convert value to ${kind.toLowerCase()}: ${parseText(kind, String(value))} Field: ${path}; Value: ${String(value)}`;
}

function asProto(value: unknown): string {
  if (typeof value === "string") return `string_value: "${value}"`;
  return typeof value === "boolean" ? `bool_value: ${value}` : `number_value: ${String(value)}`;
}

/** Why a text is no value of the type; shared with CSV. */
export function parseText(kind: ScalarKind, value: string): string {
  switch (kind) {
    case "TIMESTAMP":
      return `Could not parse '${value}' as a timestamp. Required format is YYYY-MM-DD HH:MM[:SS[.SSSSSS]] or YYYY/MM/DD HH:MM[:SS[.SSSSSS]]`;
    case "DATE":
      return `Could not parse '${value}' as a date. Required format is YYYY-MM-DD or YYYY/MM/DD`;
    case "DATETIME":
      return `Could not parse '${value}' as a datetime. Required format is YYYY-MM-DD HH:MM[:SS[.SSSSSS]]`;
    case "TIME":
      return `Could not parse '${value}' as a time. Required format is HH:MM[:SS[.SSSSSS]]`;
    default:
      return `Could not parse '${value}' as ${kind}.`;
  }
}
