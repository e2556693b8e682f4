import { formatDuration, formatNumber } from "./format.js";
import { html } from "./html.js";
import type { Output, Slot } from "./output.js";
import { colors, theme } from "./theme.js";

/** Milliseconds since some moment; for durations only. */
export type Stopwatch = () => number;

/** A bar that moves in place. With a total it shows the share, without one only that something goes on, and which stage. */
export class ProgressBar {
  readonly #slot: Slot;
  readonly #label: string;
  readonly #total: number | undefined;
  readonly #now: Stopwatch;
  readonly #start: number;
  #shownAt = Number.NEGATIVE_INFINITY;

  constructor(output: Output, label: string, total?: number, now: Stopwatch = () => performance.now()) {
    this.#slot = output.slot();
    this.#label = label;
    this.#total = total;
    this.#now = now;
    this.#start = now();
    this.#draw(0, "");
  }

  /** @param done how many of the total. At most ten drawings a second: a notebook keeps up with no more. */
  update(done: number, stage = ""): void {
    if (this.#now() - this.#shownAt >= 100) this.#draw(done, stage);
  }

  /** The last state: what came of it and how long it took. */
  finish(result: string): void {
    const took = formatDuration(this.#now() - this.#start);
    this.#slot.html(
      html`<div style="font:13px ${theme.font};color:${theme.text};margin:4px 0"><span style="color:${colors.good}">✔</span> ${this.#label}: ${result} <span style="color:${theme.muted}">(${took})</span></div>`
        .text,
    );
  }

  /** The last state of something that failed; the error itself is the caller's to throw. */
  fail(): void {
    this.#slot.html(
      html`<div style="font:13px ${theme.font};color:${theme.text};margin:4px 0"><span style="color:${colors.bad}">✘</span> ${this.#label}: stopped</div>`
        .text,
    );
  }

  #draw(done: number, stage: string): void {
    this.#shownAt = this.#now();
    const share = this.#total === undefined || this.#total === 0 ? undefined : Math.min(1, done / this.#total);
    const count = this.#total === undefined ? stage : `${formatNumber(done)} of ${formatNumber(this.#total)}`;
    const width = share === undefined ? 100 : share * 100;
    this.#slot.html(
      html`<div style="font:13px ${theme.font};color:${theme.text};margin:4px 0;max-width:560px"><div style="display:flex;justify-content:space-between"><span>${this.#label}</span><span style="color:${theme.muted}">${count}</span></div><div style="height:6px;border-radius:3px;background:${theme.faint};overflow:hidden;margin-top:3px"><div style="height:6px;width:${width.toFixed(1)}%;background:${colors.accent};opacity:${share === undefined ? 0.35 : 1}"></div></div></div>`
        .text,
    );
  }
}
