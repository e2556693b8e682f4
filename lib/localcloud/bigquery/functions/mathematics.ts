import { kindOf, sqlOf } from "./arithmetic.js";
import type { Family, JavaScriptFunction, ScalarWriter } from "./call.js";
import { floatText } from "./floatText.js";
import { divideRounded, NUMERIC_ONE, numericText, parseNumeric } from "./numeric.js";

/** Rounding, powers, logarithms, trigonometry. A finite argument without a finite result is an error, as in GoogleSQL. */

/** Where DuckDB computes the function (outside it refuses), and how. What is not finite for a finite argument is an error. */
const CHECKED: Readonly<Record<string, readonly [domain: string, expression: string]>> = {
  exp: ["TRUE", "exp(x)"],
  ln: ["x > 0", "ln(x)"],
  log10: ["x > 0", "log10(x)"],
  acos: ["x BETWEEN -1 AND 1", "acos(x)"],
  asin: ["x BETWEEN -1 AND 1", "asin(x)"],
  acosh: ["x >= 1", "acosh(x)"],
  atanh: ["x > -1 AND x < 1", "atanh(x)"],
  sinh: ["TRUE", "sinh(x)"],
  cosh: ["TRUE", "cosh(x)"],
  csch: ["TRUE", "1 / sinh(x)"],
  coth: ["TRUE", "1 / tanh(x)"],
  csc: ["isfinite(x)", "1 / sin(x)"],
  cot: ["isfinite(x)", "1 / tan(x)"],
  sec: ["isfinite(x)", "1 / cos(x)"],
};

function checkedMacro([name, [domain, expression]]: readonly [string, readonly [string, string]]): string {
  const computed = domain === "TRUE" ? expression : `CASE WHEN ${domain} THEN ${expression} WHEN isnan(x) THEN x END`;
  return `bq_${name}(x) AS bq_checked(${computed}, x, '${name.toUpperCase()}')`;
}

/** Defined for every finite number; infinities give what `limit` says where DuckDB would refuse. */
const TOTAL: Readonly<Record<string, string>> = {
  sin: "CASE WHEN isinf(x) THEN CAST('NaN' AS DOUBLE) ELSE sin(x) END",
  cos: "CASE WHEN isinf(x) THEN CAST('NaN' AS DOUBLE) ELSE cos(x) END",
  tan: "CASE WHEN isinf(x) THEN CAST('NaN' AS DOUBLE) ELSE tan(x) END",
  sech: "1 / cosh(x)",
};

const onlyFloat =
  (write: ScalarWriter): ScalarWriter =>
  (call) =>
    call.returnType.kind === "FLOAT64" ? write(call) : undefined;

const apply =
  (name: string): ScalarWriter =>
  (call) =>
    `${name}(${sqlOf(call, 0)})`;

const round: ScalarWriter = (call) => {
  const [x, digits, mode] = call.args;
  if (!x) return undefined;
  if (mode)
    return call.returnType.kind === "NUMERIC" ? roundByMode(x.sql, digits?.sql ?? "0", mode.literal) : undefined;
  if (call.returnType.kind === "NUMERIC") {
    return digits ? `bq_numeric_round(${x.sql}, ${digits.sql}, 'half')` : `CAST(round(${x.sql}) AS DECIMAL(38,9))`;
  }
  if (call.returnType.kind !== "FLOAT64") return undefined;
  return digits ? `bq_float_round(${x.sql}, CAST(${digits.sql} AS INTEGER))` : `round(${x.sql})`;
};

function roundByMode(x: string, digits: string, mode: unknown): string | undefined {
  if (mode === "ROUND_HALF_EVEN") return `bq_numeric_round(${x}, ${digits}, 'even')`;
  return mode === "ROUND_HALF_AWAY_FROM_ZERO" ? `bq_numeric_round(${x}, ${digits}, 'half')` : undefined;
}

const truncate: ScalarWriter = (call) => {
  const [x, digits] = call.args;
  if (!x) return undefined;
  if (call.returnType.kind === "NUMERIC") return `bq_numeric_round(${x.sql}, ${digits?.sql ?? "0"}, 'trunc')`;
  if (call.returnType.kind !== "FLOAT64") return undefined;
  return digits ? `bq_float_trunc(${x.sql}, ${digits.sql})` : `trunc(${x.sql})`;
};

const whole =
  (name: "ceil" | "floor"): ScalarWriter =>
  (call) => {
    if (call.returnType.kind === "FLOAT64") return `${name}(${sqlOf(call, 0)})`;
    return call.returnType.kind === "NUMERIC" ? `CAST(${name}(${sqlOf(call, 0)}) AS DECIMAL(38,9))` : undefined;
  };

const sign: ScalarWriter = (call) => {
  const x = sqlOf(call, 0);
  switch (kindOf(call, 0)) {
    case "INT64":
      return `CAST(sign(${x}) AS BIGINT)`;
    case "NUMERIC":
      return `CAST(sign(${x}) AS DECIMAL(38,9))`;
    case "FLOAT64":
      return `CASE WHEN isnan(${x}) THEN ${x} ELSE CAST(sign(${x}) AS DOUBLE) END`;
    default:
      return undefined;
  }
};

const absoluteValue: ScalarWriter = (call) =>
  call.returnType.kind === "BIGNUMERIC" ? `ltrim(${sqlOf(call, 0)}, '-')` : `abs(${sqlOf(call, 0)})`;

const sqrt = onlyFloat((call) => `bq_sqrt(${sqlOf(call, 0)})`);

export const mathematics: Family = {
  scalars: {
    ...Object.fromEntries(Object.keys(CHECKED).map((name) => [name, onlyFloat(apply(`bq_${name}`))])),
    ...Object.fromEntries(Object.keys(TOTAL).map((name) => [name, onlyFloat(apply(`bq_${name}`))])),
    abs: absoluteValue,
    sign,
    round,
    trunc: truncate,
    ceil: whole("ceil"),
    floor: whole("floor"),
    sqrt,
    cbrt: onlyFloat(apply("bq_cbrt")),
    pow: (call) =>
      call.returnType.kind === "NUMERIC"
        ? `bq_numeric_pow(${sqlOf(call, 0)}, ${sqlOf(call, 1)})`
        : call.returnType.kind === "FLOAT64"
          ? `bq_pow(${sqlOf(call, 0)}, ${sqlOf(call, 1)})`
          : undefined,
    log: onlyFloat((call) =>
      call.args.length === 1 ? `bq_ln(${sqlOf(call, 0)})` : `bq_log(${sqlOf(call, 0)}, ${sqlOf(call, 1)})`,
    ),
    atan: onlyFloat(apply("atan")),
    atan2: onlyFloat((call) => `atan2(${sqlOf(call, 0)}, ${sqlOf(call, 1)})`),
    tanh: onlyFloat(apply("tanh")),
    asinh: onlyFloat(apply("asinh")),
    pi: () => "pi()",
    pi_numeric: () => "CAST('3.141592654' AS DECIMAL(38,9))",
    rand: () => "random()",
    generate_uuid: () => "CAST(uuid() AS VARCHAR)",
    range_bucket: (call) =>
      ["INT64", "NUMERIC", "STRING", "DATE", "DATETIME", "TIMESTAMP"].includes(kindOf(call, 0))
        ? `bq_range_bucket(${sqlOf(call, 0)}, ${sqlOf(call, 1)})`
        : undefined,
  },
  macros: [
    "bq_checked(result, x, name) AS CASE WHEN isfinite(result) THEN result WHEN x IS NULL THEN NULL WHEN result IS NULL OR isfinite(x) THEN bq_error('Floating point error in function: ' || name || '(' || bq_float64_text(x) || ')') ELSE result END",
    ...Object.entries(CHECKED).map(checkedMacro),
    ...Object.entries(TOTAL).map(([name, expression]) => `bq_${name}(x) AS ${expression}`),
    "bq_sqrt(x) AS CASE WHEN x >= 0 THEN sqrt(x) WHEN x < 0 THEN bq_error('Argument to SQRT cannot be negative: ' || bq_float64_text(x)) END",
    "bq_checked2(result, x, y, name) AS CASE WHEN isfinite(result) THEN result WHEN x IS NULL OR y IS NULL THEN NULL WHEN result IS NULL OR (isfinite(x) AND isfinite(y)) THEN bq_error('Floating point error in function: ' || name || '(' || bq_float64_text(x) || ', ' || bq_float64_text(y) || ')') ELSE result END",
    "bq_pow(x, y) AS bq_checked2(pow(x, y), x, y, 'POW')",
    "bq_log(x, y) AS bq_checked2(CASE WHEN x > 0 AND y > 0 THEN ln(x) / ln(y) END, x, y, 'LOG')",
    // GoogleSQL rounds the double's exact value; DuckDB's product with 10^n may have rounded to a tie before: then, exactly.
    "bq_float_round(x, n) AS (CASE WHEN n <= 0 OR NOT isfinite(x) THEN round(x, n) WHEN n > 15 OR abs(x) * pow(10, n) > 1e11 OR abs(abs(x * pow(10, n) - trunc(x * pow(10, n))) - 0.5) < 1e-4 THEN bq_float_round_exact(x, n) ELSE round(x, n) END) + 0e0",
    "bq_range_bucket(x, bounds) AS CASE WHEN x IS NOT NULL AND bounds IS NOT NULL THEN CAST(len(list_filter(bounds, b -> b <= x)) AS BIGINT) END",
  ],
  javascript: [
    { name: "bq_float_round_exact", parameters: ["number", "bigint"], returns: "number", call: roundFloat },
    // DuckDB's own gives 3.0000000000000004 for 27.
    { name: "bq_cbrt", parameters: ["number"], returns: "number", call: (x: number) => Math.cbrt(x) },
    { name: "bq_float_trunc", parameters: ["number", "bigint"], returns: "number", call: truncateFloat },
    {
      name: "bq_numeric_round",
      parameters: ["numeric", "bigint", "string"],
      returns: "numeric",
      call: (value: bigint, digits: bigint, mode: string) => roundNumeric(value, Number(digits), mode),
    },
    {
      name: "bq_numeric_pow",
      parameters: ["numeric", "numeric"],
      returns: "numeric",
      call: (base: bigint, exponent: bigint) => powNumeric(base, exponent),
    },
  ] satisfies readonly JavaScriptFunction[],
};

/** `toFixed` works on the exact value and rounds ties away from zero. */
function roundFloat(value: number, digits: bigint): number {
  return Math.abs(value) >= 1e21 || digits > 100n ? value : Number(value.toFixed(Number(digits)));
}

/** Cuts the exact decimal expansion. */
function truncateFloat(value: number, digits: bigint): number {
  if (!Number.isFinite(value) || digits > 100n) return value;
  if (digits <= 0n) {
    const unit = 10 ** Number(-digits);
    return Number.isFinite(unit) ? Math.trunc(value / unit) * unit : 0;
  }
  if (Math.abs(value) >= 1e21) return value;
  const text = value.toFixed(100);
  return Number(text.slice(0, text.indexOf(".") + 1 + Number(digits)));
}

function roundNumeric(value: bigint, digits: number, mode: string): bigint {
  if (digits >= 9) return value;
  if (digits < -38) return 0n;
  const unit = 10n ** BigInt(9 - digits);
  const half = divideRounded(value, unit);
  if (mode === "trunc") return (value / unit) * unit;
  const tie = (value % unit) * 2n === unit || (value % unit) * 2n === -unit;
  const rounded = mode === "even" && tie && half % 2n !== 0n ? half - (value < 0n ? -1n : 1n) : half;
  const result = rounded * unit;
  if (result >= 10n ** 38n || result <= -(10n ** 38n))
    throw new Error(`numeric overflow: ROUND(${numericText(value)}, ${digits})`);
  return result;
}

function powNumeric(base: bigint, exponent: bigint): bigint {
  if (exponent % NUMERIC_ONE === 0n && exponent >= 0n && exponent / NUMERIC_ONE <= 200n) {
    const power = exponent / NUMERIC_ONE;
    const scale = 9n * power;
    const result = power === 0n ? NUMERIC_ONE : divideRounded(base ** power, 10n ** (scale - 9n));
    if (result < 10n ** 38n && result > -(10n ** 38n)) return result;
    throw new Error(`numeric overflow: POW(${numericText(base)}, ${numericText(exponent)})`);
  }
  const result = Number(numericText(base)) ** Number(numericText(exponent));
  if (!Number.isFinite(result)) {
    throw new Error(`Floating point error in function: POW(${numericText(base)}, ${numericText(exponent)})`);
  }
  return parseNumeric(floatText(result));
}
