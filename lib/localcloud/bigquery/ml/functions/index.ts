import type { PreprocessingHook } from "../../engine/modelHook.js";
import { invalidQuery } from "../../errors.js";
import type { SqlType } from "../../schema.js";
import { ANALYTICS } from "./analytics.js";
import { DEGREE_DEFAULT, FEATURES_MAX, STRUCT_FUNCTIONS } from "./combinations.js";
import { FUNCTION_PROTOS, OPTION_FUNCTION_PROTOS, structFunctionProto } from "./protos.js";
import { SCALARS } from "./scalars.js";

const ELEMENTS: Readonly<Record<string, SqlType>> = {
  FEATURE_CROSS: { kind: "STRING" },
  POLYNOMIAL_EXPAND: { kind: "FLOAT64" },
};

/** The preprocessing functions of BigQuery ML, in queries and in TRANSFORM clauses. */
export const preprocessing: PreprocessingHook = {
  functions: FUNCTION_PROTOS,
  optionFunctions: OPTION_FUNCTION_PROTOS,
  structFunctions: Object.keys(STRUCT_FUNCTIONS),
  structFunction: ({ name, alias, fields, degree }) => {
    const definition = STRUCT_FUNCTIONS[name];
    const element = ELEMENTS[name];
    if (!definition || !element) throw new RangeError(`ML.${name} gives no STRUCT`);
    const { min, max } = definition.degree;
    const chosen = degree ?? DEGREE_DEFAULT;
    if (!Number.isInteger(chosen) || chosen < min || chosen > max) {
      throw invalidQuery(`The degree of ML.${name} must be an INT64 literal between ${min} and ${max}.`);
    }
    if (fields.length > FEATURES_MAX) {
      throw invalidQuery(`ML.${name} takes up to ${FEATURES_MAX} features, it was given ${fields.length}.`);
    }
    const names = definition
      .combine(fields.length, chosen)
      .map((positions) => positions.map((at) => fields[at]).join("_"));
    return structFunctionProto(name, alias, names, element);
  },
  writeScalar: (call) => {
    const write = SCALARS[call.name];
    if (!write) throw new RangeError(`${call.name} is not written`);
    if (call.safe) throw invalidQuery(`SAFE. cannot stand before ${call.name.toUpperCase()}.`);
    return write(call);
  },
  writeAnalytic: (call, use) => {
    const write = ANALYTICS[call.name];
    if (!write) throw new RangeError(`${call.name} is not written`);
    if (call.partitionBy.length > 0 || call.orderBy.length > 0 || call.frame !== undefined) {
      throw invalidQuery(`The OVER clause of ${call.name.toUpperCase()} must be empty: OVER ().`);
    }
    return write(call, use);
  },
};
