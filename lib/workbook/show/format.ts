/**
 * A number as people read it: thousands apart, no more digits than say something.
 * @example formatNumber(60000) // "60,000"
 * @example formatNumber(0.123456) // "0.1235"
 */
export function formatNumber(value: number): string {
  if (!Number.isFinite(value)) return String(value);
  if (Number.isInteger(value)) return value.toLocaleString("en-US");
  const size = Math.abs(value);
  if (size >= 1e15 || size < 1e-4) return value.toExponential(2);
  const digits = size >= 1000 ? 1 : size >= 100 ? 2 : size >= 1 ? 3 : 4;
  return value.toLocaleString("en-US", { maximumFractionDigits: digits });
}

/** 0.1234 as "12.3 %"; below a tenth of a percent one digit more. */
export function formatPercent(share: number): string {
  const percent = share * 100;
  return `${percent.toLocaleString("en-US", { maximumFractionDigits: Math.abs(percent) < 0.1 ? 2 : 1 })} %`;
}

/** US dollars: cents, or what is left of them. @example formatDollars(0.1095) // "$0.110" */
export function formatDollars(dollars: number): string {
  if (dollars === 0) return "$0";
  return `$${dollars.toFixed(dollars >= 1 ? 2 : dollars >= 0.01 ? 3 : 6)}`;
}

/** @example formatDuration(83_000) // "1 min 23 s" */
export function formatDuration(milliseconds: number): string {
  if (milliseconds < 1000) return `${Math.round(milliseconds)} ms`;
  if (milliseconds < 60_000) return `${(milliseconds / 1000).toFixed(1)} s`;
  return `${Math.floor(milliseconds / 60_000)} min ${Math.round((milliseconds % 60_000) / 1000)} s`;
}

/** "1 purchase", "2 purchases". */
export function counted(count: number, one: string, many = `${one}s`): string {
  return `${formatNumber(count)} ${count === 1 ? one : many}`;
}
