import type { Family } from "./call.js";
import { bignumericKey, bignumericOperation } from "./numeric.js";

/** BIGNUMERIC: no type of DuckDB holds its 76 digits; values are canonical text, operators JavaScript. */
export const bignumerics: Family = {
  javascript: [
    ...(
      [
        ["add", "+"],
        ["subtract", "-"],
        ["multiply", "*"],
        ["divide", "/"],
      ] as const
    ).map(([name, operator]) => ({
      name: `bq_bignumeric_${name}`,
      parameters: ["string", "string"] as const,
      returns: "string" as const,
      call: (a: string, b: string) => bignumericOperation(a, operator, b),
    })),
    { name: "bignumeric_key", parameters: ["string"], returns: "string", call: bignumericKey },
  ],
};
