/**
 * FLOAT64 as GoogleSQL's text: the 15 digits of `%.15g` where they read back as the same number, else the 17 of `%.17g`
 * (googlesql `RoundTripDoubleToString`). `floatText(1 / 3)` is "0.33333333333333331", `floatText(1e15)` is "1e+15".
 */
export function floatText(value: number): string {
  if (Number.isNaN(value)) return "nan";
  if (!Number.isFinite(value)) return value > 0 ? "inf" : "-inf";
  if (value === 0) return Object.is(value, -0) ? "-0" : "0";
  const fifteen = Number(value.toPrecision(15));
  return general(value, fifteen === value ? 15 : 17);
}

/** C's `%.{precision}g`. */
export function general(value: number, precision: number, keepZeros = false): string {
  if (value === 0) return Object.is(value, -0) ? "-0" : "0";
  const digits = Math.max(precision, 1);
  const scientific = value.toExponential(digits - 1);
  const exponent = Number(scientific.slice(scientific.indexOf("e") + 1));
  if (exponent < -4 || exponent >= digits) {
    const mantissa = scientific.slice(0, scientific.indexOf("e"));
    return `${keepZeros ? mantissa : trimZeros(mantissa)}e${exponentText(exponent)}`;
  }
  const fixed = toFixedHalfEven(value, Math.max(digits - 1 - exponent, 0));
  return keepZeros ? fixed : trimZeros(fixed);
}

/** Further digits that show whether the value lies just between two texts. */
const TIE_DIGITS = 25;

/** `toFixed` as C has it: of two texts that are equally near, the even one (JavaScript takes the larger). */
function toFixedHalfEven(value: number, decimals: number): string {
  const rounded = value.toFixed(decimals);
  if (decimals + TIE_DIGITS > 100) return rounded;
  const exact = value.toFixed(decimals + TIE_DIGITS);
  const cut = exact.slice(0, -TIE_DIGITS).replace(/\.$/, "");
  const isTie = /^50*$/.test(exact.slice(-TIE_DIGITS));
  return isTie && /[02468]$/.test(cut) ? cut : rounded;
}

export function exponentText(exponent: number): string {
  return `${exponent < 0 ? "-" : "+"}${String(Math.abs(exponent)).padStart(2, "0")}`;
}

function trimZeros(text: string): string {
  return text.includes(".") ? text.replace(/\.?0+$/, "") : text;
}
