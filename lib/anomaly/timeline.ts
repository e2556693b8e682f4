/** When sessions begin: the shop's day and week, and the merging of overlapping sessions into one stream. */

import type { Random } from "./random.js";

const HOUR_MS = 3_600_000;
const DAY_HOURS = 24;

/** Sessions by hour of the day (UTC), relative: quiet nights, a bump at lunch, a peak in the evening. */
export const HOUR_WEIGHTS: readonly number[] = [
  0.25, 0.15, 0.1, 0.08, 0.08, 0.15, 0.35, 0.6, 0.85, 1.0, 1.1, 1.2, 1.35, 1.25, 1.1, 1.1, 1.2, 1.4, 1.7, 2.0, 2.1, 1.8,
  1.2, 0.6,
];

/** Sessions by day of the week, Sunday first, relative. */
export const WEEKDAY_WEIGHTS: readonly number[] = [1.3, 0.95, 0.9, 0.9, 0.95, 0.95, 1.05];

/** How busy the shop is in the hour that begins at `milliseconds`, relative to an average hour. */
export function intensity(milliseconds: number): number {
  const date = new Date(milliseconds);
  return ((HOUR_WEIGHTS[date.getUTCHours()] ?? 0) * (WEEKDAY_WEIGHTS[date.getUTCDay()] ?? 0)) / MEAN_INTENSITY;
}

const MEAN_INTENSITY = mean(HOUR_WEIGHTS) * mean(WEEKDAY_WEIGHTS);

/** `count` times in [startMs, startMs + days), ascending, denser where the shop is busier (inverse of the cumulated intensity). */
export function drawTimes(random: Random, startMs: number, days: number, count: number): number[] {
  const cumulated: number[] = [0];
  for (let hour = 0; hour < days * DAY_HOURS; hour += 1) {
    cumulated.push((cumulated[hour] ?? 0) + intensity(startMs + hour * HOUR_MS));
  }
  const total = cumulated.at(-1) ?? 0;
  const draws = Array.from({ length: count }, () => random.unit() * total).sort((a, b) => a - b);
  let hour = 0;
  return draws.map((draw) => {
    while ((cumulated[hour + 1] ?? total) <= draw && hour < cumulated.length - 2) hour += 1;
    const low = cumulated[hour] ?? 0;
    const width = (cumulated[hour + 1] ?? total) - low;
    return Math.floor(startMs + (hour + (draw - low) / width) * HOUR_MS);
  });
}

/** Times without end from `startMs` on, `perSecond` of them on average; with `rhythm` busier hours have more (thinning). */
export function* arrivals(random: Random, startMs: number, perSecond: number, rhythm: boolean): Generator<number> {
  const peak = rhythm ? (Math.max(...HOUR_WEIGHTS) * Math.max(...WEEKDAY_WEIGHTS)) / MEAN_INTENSITY : 1;
  for (let time = startMs; ; ) {
    time += random.exponential(1000 / (perSecond * peak));
    if (!rhythm || random.unit() * peak < intensity(time)) yield Math.floor(time);
  }
}

export interface Timed {
  readonly timeMs: number;
}

/** Merges lists that begin in ascending order into one ascending stream, holding only what is under way. */
export function* mergeByTime<T extends Timed>(lists: Iterable<readonly T[]>): Generator<T> {
  const pending = new Heap<T>();
  for (const list of lists) {
    const begin = list[0];
    if (begin === undefined) continue;
    for (let top = pending.peek(); top !== undefined && top.timeMs <= begin.timeMs; top = pending.peek()) {
      yield top;
      pending.pop();
    }
    for (const entry of list) pending.push(entry);
  }
  for (let top = pending.peek(); top !== undefined; top = pending.peek()) {
    yield top;
    pending.pop();
  }
}

/** A binary heap: no entry is later than those at twice its place and one beyond; equal times leave in order of arrival. */
class Heap<T extends Timed> {
  #entries: { readonly entry: T; readonly order: number }[] = [];
  #order = 0;

  peek(): T | undefined {
    return this.#entries[0]?.entry;
  }

  push(entry: T): void {
    const added = { entry, order: this.#order++ };
    const entries = this.#entries;
    let place = entries.length;
    entries.push(added);
    while (place > 0) {
      const above = (place - 1) >> 1;
      const other = entries[above];
      if (other === undefined || !before(added, other)) break;
      entries[place] = other;
      place = above;
    }
    entries[place] = added;
  }

  pop(): void {
    const entries = this.#entries;
    const last = entries.pop();
    if (last === undefined || entries.length === 0) return;
    let place = 0;
    for (;;) {
      let below = 2 * place + 1;
      let child = entries[below];
      const right = entries[below + 1];
      if (child !== undefined && right !== undefined && before(right, child)) {
        below += 1;
        child = right;
      }
      if (child === undefined || !before(child, last)) break;
      entries[place] = child;
      place = below;
    }
    entries[place] = last;
  }
}

function before(
  a: { readonly entry: Timed; readonly order: number },
  b: { readonly entry: Timed; readonly order: number },
): boolean {
  return a.entry.timeMs < b.entry.timeMs || (a.entry.timeMs === b.entry.timeMs && a.order < b.order);
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}
