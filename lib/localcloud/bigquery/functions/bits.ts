import { kindOf, sqlOf } from "./arithmetic.js";
import type { Family, ScalarWriter } from "./call.js";

/** Bitwise operators on INT64; on BYTES the evaluator's. Shifts drop bits silently, right shifts bring in zeros. */

const ofIntegers =
  (write: (a: string, b: string) => string): ScalarWriter =>
  (call) =>
    kindOf(call, 0) === "INT64" ? write(sqlOf(call, 0), sqlOf(call, 1)) : undefined;

export const bits: Family = {
  scalars: {
    $bitwise_and: ofIntegers((a, b) => `(${a} & ${b})`),
    $bitwise_or: ofIntegers((a, b) => `(${a} | ${b})`),
    $bitwise_xor: ofIntegers((a, b) => `xor(${a}, ${b})`),
    $bitwise_not: ofIntegers((a) => `(~(${a}))`),
    $bitwise_left_shift: ofIntegers((a, b) => `bq_shift_left(${a}, ${b})`),
    $bitwise_right_shift: ofIntegers((a, b) => `bq_shift_right(${a}, ${b})`),
    bit_count: ofIntegers((a) => `CAST(bit_count(${a}) AS BIGINT)`),
  },
  javascript: [
    {
      name: "bq_shift_left",
      parameters: ["bigint", "bigint"],
      returns: "bigint",
      call: (value: bigint, by: bigint) => (checkShift(by) > 63n ? 0n : BigInt.asIntN(64, value << by)),
    },
    {
      name: "bq_shift_right",
      parameters: ["bigint", "bigint"],
      returns: "bigint",
      call: (value: bigint, by: bigint) =>
        checkShift(by) > 63n ? 0n : BigInt.asIntN(64, BigInt.asUintN(64, value) >> by),
    },
  ],
};

function checkShift(by: bigint): bigint {
  if (by < 0n) throw new Error("Bitwise shift by negative offset.");
  return by;
}
