/** Numbers between text and what DuckDB stores. */

const INT64_MIN = -(2n ** 63n);
const INT64_MAX = 2n ** 63n - 1n;
/** NUMERIC: 29 digits before the point, 9 after. BIGNUMERIC: 38 digits after, about 38.8 before. */
const NUMERIC_MAX = 10n ** 38n - 1n;
const BIGNUMERIC_MAX = 2n ** 255n - 1n;

/** Decimal text with an optional fraction of zeros ("7.0" is 7), or undefined. */
export function parseInt64(text: string): bigint | undefined {
  const match = /^\s*([+-]?\d+)(?:\.0*)?\s*$/.exec(text);
  if (!match?.[1]) return undefined;
  const value = BigInt(match[1]);
  return value < INT64_MIN || value > INT64_MAX ? undefined : value;
}

export function parseFloat64(text: string): number | undefined {
  const trimmed = text.trim();
  if (/^[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?$/.test(trimmed)) return Number(trimmed);
  const word = /^([+-]?)(inf|infinity|nan)$/i.exec(trimmed);
  if (!word) return undefined;
  if (word[2]?.toLowerCase() === "nan") return Number.NaN;
  return word[1] === "-" ? Number.NEGATIVE_INFINITY : Number.POSITIVE_INFINITY;
}

/** The number scaled by 10^scale, rounded half away from zero; undefined when it is no number or too large. */
function parseScaled(text: string, scale: number, max: bigint): bigint | undefined {
  const match = /^\s*([+-]?)(\d*)(?:\.(\d*))?(?:[eE]([+-]?\d{1,4}))?\s*$/.exec(text);
  const digits = (match?.[2] ?? "") + (match?.[3] ?? "");
  if (!match || digits === "") return undefined;
  const shift = scale - (match[3] ?? "").length + Number(match[4] ?? 0);
  if (shift > 100) return BigInt(digits) === 0n ? 0n : undefined;
  const value =
    shift >= 0
      ? BigInt(digits) * 10n ** BigInt(shift)
      : (BigInt(digits) * 2n + 10n ** BigInt(-shift)) / (2n * 10n ** BigInt(-shift));
  if (value > max) return undefined;
  return match[1] === "-" ? -value : value;
}

/** Scaled by 10^9. */
export function parseNumeric(text: string): bigint | undefined {
  return parseScaled(text, 9, NUMERIC_MAX);
}

/** Canonical text, since no type of DuckDB holds it. */
export function parseBigNumeric(text: string): string | undefined {
  const scaled = parseScaled(text, 38, BIGNUMERIC_MAX);
  return scaled === undefined ? undefined : formatScaled(scaled, 38);
}

/** Decimal text without trailing zeros: "200.5", "0", "-0.01". */
export function formatScaled(scaled: bigint, scale: number): string {
  const negative = scaled < 0n;
  const digits = (negative ? -scaled : scaled).toString().padStart(scale + 1, "0");
  const whole = digits.slice(0, digits.length - scale);
  const fraction = digits.slice(digits.length - scale).replace(/0+$/, "");
  return `${negative ? "-" : ""}${whole}${fraction === "" ? "" : `.${fraction}`}`;
}

/** The shortest text that reads back as the same double, laid out as BigQuery does ("1.0", "1.0E-7", "1.2345678E7"). */
export function formatFloat64(value: number): string {
  if (!Number.isFinite(value)) return Number.isNaN(value) ? "NaN" : value > 0 ? "Infinity" : "-Infinity";
  if (value === 0) return Object.is(value, -0) ? "-0.0" : "0.0";
  const magnitude = Math.abs(value);
  if (magnitude >= 1e-3 && magnitude < 1e7) return Number.isInteger(value) ? `${value}.0` : String(value);
  const [digits = "", exponent = "0"] = value.toExponential().split("e");
  return `${digits.includes(".") ? digits : `${digits}.0`}E${Number(exponent)}`;
}

/** Integer microseconds as the float seconds that clients expect who do not ask for integers: "1.704164645123456E9". */
export function microsToFloatSeconds(micros: string): string {
  const negative = micros.startsWith("-");
  const digits = micros.replace(/^-?0*/, "");
  if (digits === "") return "0.0";
  const significant = digits.replace(/0+$/, "");
  const exponent = digits.length - 1 - 6;
  const sign = negative ? "-" : "";
  if (exponent >= -3 && exponent < 7) return sign + plainText(significant, exponent);
  return `${sign}${significant[0]}.${significant.slice(1) || "0"}E${exponent}`;
}

function plainText(significant: string, exponent: number): string {
  if (exponent < 0) return `0.${"0".repeat(-exponent - 1)}${significant}`;
  const whole = significant.slice(0, exponent + 1).padEnd(exponent + 1, "0");
  return `${whole}.${significant.slice(exponent + 1) || "0"}`;
}

/** As JSON.parse, except that integers which a double cannot hold stay exact: they become text. */
export function parseJsonExact(text: string): unknown {
  if (!/[:,[\s]-?\d{16,}[,\]}\s]/.test(text)) return JSON.parse(text);
  const exact = text.replace(/"(?:[^"\\]|\\.)*"|-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?/g, (token) =>
    /^-?\d{16,}$/.test(token) && !Number.isSafeInteger(Number(token)) ? `"${token}"` : token,
  );
  return JSON.parse(exact);
}
