import { createHash } from "node:crypto";

/** Milliseconds that something takes. */
export async function timed(work: () => Promise<unknown>): Promise<number> {
  const begin = performance.now();
  await work();
  return performance.now() - begin;
}

/** The middle value; the mean of the two middle ones of an even number. @throws RangeError when there is none. */
export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const low = sorted[(sorted.length - 1) >> 1];
  const high = sorted[sorted.length >> 1];
  if (low === undefined || high === undefined) throw new RangeError("a median needs at least one value");
  return (low + high) / 2;
}

/** The geometric mean: a ratio of two of them is the mean ratio, however different the parts are in size. */
export function geometricMean(values: readonly number[]): number {
  return Math.exp(values.reduce((sum, value) => sum + Math.log(value), 0) / values.length);
}

export interface Rounds {
  readonly rounds: number;
  /** Whether one round before does not count. Default true. */
  readonly warmUp?: boolean;
}

/**
 * Times both sides in turn, each beginning every second round.
 * @returns the medians.
 */
export async function alternate(
  { rounds, warmUp = true }: Rounds,
  ours: () => Promise<number>,
  peer: () => Promise<number>,
): Promise<{ readonly ours: number; readonly peer: number }> {
  if (warmUp) {
    await ours();
    await peer();
  }
  const times = { ours: [] as number[], peer: [] as number[] };
  for (let round = 0; round < rounds; round += 1) {
    const order = round % 2 === 0 ? (["ours", "peer"] as const) : (["peer", "ours"] as const);
    for (const side of order) times[side].push(await (side === "ours" ? ours() : peer()));
  }
  return { ours: median(times.ours), peer: median(times.peer) };
}

/** Twelve hexadecimal digits over a result; floating-point numbers count to nine significant digits, order counts. */
export function digest(result: unknown): string {
  const text = JSON.stringify(result, (_, value: unknown) =>
    typeof value === "number" && !Number.isInteger(value) ? Number(value.toPrecision(9)) : value,
  );
  return createHash("sha256").update(text).digest("hex").slice(0, 12);
}
