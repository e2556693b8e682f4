/** NUMERIC (9 decimals) and BIGNUMERIC (38 decimals) as integers of their last decimal place. */

export const NUMERIC_ONE = 10n ** 9n;
const NUMERIC_MAX = 10n ** 38n - 1n;
const BIGNUMERIC_SCALE = 38;
const BIGNUMERIC_ONE = 10n ** 38n;
const BIGNUMERIC_MAX = 2n ** 255n - 1n;
const BIGNUMERIC_MIN = -(2n ** 255n);

/** Division rounded half away from zero. */
export function divideRounded(numerator: bigint, denominator: bigint): bigint {
  const negative = numerator < 0n !== denominator < 0n;
  const [n, d] = [absolute(numerator), absolute(denominator)];
  const quotient = (2n * n + d) / (2n * d);
  return negative ? -quotient : quotient;
}

export function absolute(value: bigint): bigint {
  return value < 0n ? -value : value;
}

function inNumericRange(value: bigint, message: () => string): bigint {
  if (absolute(value) > NUMERIC_MAX) throw new Error(message());
  return value;
}

export function multiplyNumeric(a: bigint, b: bigint): bigint {
  return inNumericRange(
    divideRounded(a * b, NUMERIC_ONE),
    () => `numeric overflow: ${numericText(a)} * ${numericText(b)}`,
  );
}

export function divideNumeric(a: bigint, b: bigint): bigint {
  if (b === 0n) throw new Error(`division by zero: ${numericText(a)} / ${numericText(b)}`);
  return inNumericRange(
    divideRounded(a * NUMERIC_ONE, b),
    () => `numeric overflow: ${numericText(a)} / ${numericText(b)}`,
  );
}

/** Shortest decimal text: "1.5", "-0.000000001", "10". */
export function numericText(value: bigint): string {
  return decimalText(value, 9);
}

export function decimalText(value: bigint, scale: number): string {
  const digits = absolute(value)
    .toString()
    .padStart(scale + 1, "0");
  const whole = digits.slice(0, digits.length - scale);
  const fraction = digits.slice(digits.length - scale).replace(/0+$/, "");
  return `${value < 0n ? "-" : ""}${whole}${fraction === "" ? "" : `.${fraction}`}`;
}

const DECIMAL = /^\s*([+-])?(\d*)(?:\.(\d*))?(?:[eE]([+-]?\d+))?\s*$/;

/** Decimal text to an integer of `10^-scale`, rounded half away from zero; undefined when it is no number. */
export function parseDecimal(text: string, scale: number): bigint | undefined {
  const match = DECIMAL.exec(text);
  if (!match || (match[2] === "" && !match[3])) return undefined;
  const [, sign, whole = "", fraction = "", exponentPart = "0"] = match;
  const exponent = Number(exponentPart) + scale - fraction.length;
  if (exponent > 500) return /^0*$/.test(whole + fraction) ? 0n : undefined;
  if (exponent < -2000) return 0n;
  const digits = BigInt(whole + fraction);
  const value = exponent >= 0 ? digits * 10n ** BigInt(exponent) : divideRounded(digits, 10n ** BigInt(-exponent));
  return sign === "-" ? -value : value;
}

/** @throws Error with BigQuery's text. */
export function parseNumeric(text: string): bigint {
  const value = parseDecimal(text, 9);
  if (value === undefined || absolute(value) > NUMERIC_MAX) throw new Error(`Invalid NUMERIC value: ${text}`);
  return value;
}

/** BIGNUMERIC travels as its shortest decimal text; inside, an integer of 10^-38. @throws Error with BigQuery's text. */
export function parseBignumeric(text: string): bigint {
  const value = parseDecimal(text, BIGNUMERIC_SCALE);
  if (value === undefined || value > BIGNUMERIC_MAX || value < BIGNUMERIC_MIN) {
    throw new Error(`Invalid BIGNUMERIC value: ${text}`);
  }
  return value;
}

export function bignumericText(value: bigint): string {
  return decimalText(value, BIGNUMERIC_SCALE);
}

type Operator = "+" | "-" | "*" | "/";

/** Two BIGNUMERICs by an operator, as text. @throws Error with BigQuery's text. */
export function bignumericOperation(left: string, operator: Operator, right: string): string {
  const [a, b] = [parseBignumeric(left), parseBignumeric(right)];
  if (operator === "/" && b === 0n) throw new Error(`division by zero: ${left} / ${right}`);
  const value = {
    "+": () => a + b,
    "-": () => a - b,
    "*": () => divideRounded(a * b, BIGNUMERIC_ONE),
    "/": () => divideRounded(a * BIGNUMERIC_ONE, b),
  }[operator]();
  if (value > BIGNUMERIC_MAX || value < BIGNUMERIC_MIN) {
    throw new Error(`BIGNUMERIC overflow: ${left} ${operator} ${right}`);
  }
  return bignumericText(value);
}

/** Text that sorts as the number does: 78 digits of the number plus 2^255. */
export function bignumericKey(text: string): string {
  return (parseBignumeric(text) - BIGNUMERIC_MIN).toString().padStart(78, "0");
}
