import type { Column } from "../../engine/modelHook.js";
import type { Proto } from "../../googlesql/analyzer.js";
import { typeProtoOf } from "../../googlesql/types.js";
import type { SqlType } from "../../schema.js";
import { ANALYTICS } from "./analytics.js";

/** The preprocessing functions as the analyzer's catalog takes them (`zetasql.FunctionProto`), in its folder `ML`. */

const FLOAT64: SqlType = { kind: "FLOAT64" };
const INT64: SqlType = { kind: "INT64" };
const STRING: SqlType = { kind: "STRING" };
const BOOL: SqlType = { kind: "BOOL" };
const array = (element: SqlType): SqlType => ({ kind: "ARRAY", element });
/** Arrays are not coerced: one signature an element type. */
const NUMBER_ARRAYS = [FLOAT64, INT64, { kind: "NUMERIC" } as const].map(array);
const ENCODED: SqlType = array({
  kind: "STRUCT",
  fields: [
    { name: "index", type: INT64 },
    { name: "value", type: FLOAT64 },
  ],
});

interface Signature {
  readonly arguments: readonly SqlType[];
  /** How many of the arguments must be there; the rest are optional. */
  readonly required: number;
  readonly returns: SqlType;
}

const signature = (types: readonly SqlType[], required: number, returns: SqlType): Signature => ({
  arguments: types,
  required,
  returns,
});

const SIGNATURES: Readonly<Record<string, readonly Signature[]>> = {
  STANDARD_SCALER: [signature([FLOAT64], 1, FLOAT64)],
  MIN_MAX_SCALER: [signature([FLOAT64], 1, FLOAT64)],
  MAX_ABS_SCALER: [signature([FLOAT64], 1, FLOAT64)],
  ROBUST_SCALER: [signature([FLOAT64, array(INT64), BOOL, BOOL], 1, FLOAT64)],
  QUANTILE_BUCKETIZE: [signature([FLOAT64, INT64, STRING], 2, STRING)],
  LABEL_ENCODER: [signature([STRING, INT64, INT64], 1, INT64)],
  ONE_HOT_ENCODER: [signature([STRING, STRING, INT64, INT64], 1, ENCODED)],
  MULTI_HOT_ENCODER: [signature([array(STRING), INT64, INT64], 1, ENCODED)],
  IMPUTER: [signature([FLOAT64, STRING], 2, FLOAT64), signature([STRING, STRING], 2, STRING)],
  BUCKETIZE: NUMBER_ARRAYS.flatMap((points) => [
    signature([FLOAT64, points, BOOL, STRING], 2, STRING),
    signature([FLOAT64, points, STRING], 3, STRING),
  ]),
  NORMALIZER: NUMBER_ARRAYS.map((values) => signature([values, FLOAT64], 1, array(FLOAT64))),
  NGRAMS: [array(INT64), INT64].map((range) => signature([array(STRING), range, STRING], 2, array(STRING))),
  HASH_BUCKETIZE: [signature([STRING, INT64], 2, INT64)],
};

export const FUNCTION_PROTOS: readonly Proto[] = Object.entries(SIGNATURES).map(([name, signatures]) => ({
  ...head(name, name),
  signature: signatures.map((each) => ({
    argument: each.arguments.map((type, index) => argumentProto(type, index >= each.required)),
    return_type: argumentProto(each.returns, false),
  })),
}));

/** What the values of options are written with, as functions that give a STRUCT (`ml/tuning.ts`). */
export const OPTION_FUNCTION_PROTOS: readonly Proto[] = [
  structProto(
    "HPARAM_RANGE",
    [INT64, INT64],
    [
      { name: "least", type: INT64 },
      { name: "greatest", type: INT64 },
    ],
  ),
  structProto("HPARAM_CANDIDATES", [array(INT64)], [{ name: "candidates", type: array(INT64) }]),
];

function structProto(name: string, types: readonly SqlType[], fields: readonly Column[]): Proto {
  const returns: SqlType = { kind: "STRUCT", fields };
  return {
    ...head(name, name),
    signature: [
      { argument: types.map((type) => argumentProto(type, false)), return_type: argumentProto(returns, false) },
    ],
  };
}

/** A function of one call, with any argument and a STRUCT of the given fields for its result. */
export function structFunctionProto(name: string, alias: string, fields: readonly string[], element: SqlType): Proto {
  const returns: SqlType = { kind: "STRUCT", fields: fields.map((field) => ({ name: field, type: element })) };
  return {
    ...head(name, alias),
    signature: [
      {
        argument: [{ kind: "ARG_TYPE_ARBITRARY", num_occurrences: 1 }, argumentProto(INT64, true)],
        return_type: argumentProto(returns, false),
      },
    ],
  };
}

/** The group tells the function, whatever the name that the call has in the text given to the analyzer. */
function head(name: string, alias: string): Proto {
  const isAnalytic = `ml.${name.toLowerCase()}` in ANALYTICS;
  return {
    name_path: [alias],
    group: `ML.${name}`,
    mode: isAnalytic ? "ANALYTIC" : "SCALAR",
    ...(isAnalytic
      ? {
          options: {
            supports_over_clause: true,
            window_ordering_support: "ORDER_UNSUPPORTED",
            supports_window_framing: false,
          },
        }
      : {}),
  };
}

function argumentProto(type: SqlType, isOptional: boolean): Proto {
  return {
    kind: "ARG_TYPE_FIXED",
    type: typeProtoOf(type),
    num_occurrences: isOptional ? 0 : 1,
    options: { cardinality: isOptional ? "OPTIONAL" : "REQUIRED" },
  };
}
