import type { Slot } from "./output.js";
import { type Figure, figureHtml } from "./plot.js";
import type { Stopwatch } from "./progress.js";

/** A figure in one place of a cell's output, drawn anew as there is more to see. */
export class LiveFigure {
  readonly #slot: Slot;
  readonly #id: string;
  readonly #now: Stopwatch;
  #shownAt = Number.NEGATIVE_INFINITY;

  /** @param id unique in the notebook. */
  constructor(slot: Slot, id: string, now: Stopwatch = () => performance.now()) {
    this.#slot = slot;
    this.#id = id;
    this.#now = now;
  }

  /** Draws and shows the figure unless one was shown within the last half second: a page keeps up with no more. */
  update(draw: () => Figure): void {
    if (this.#now() - this.#shownAt >= 500) this.finish(draw());
  }

  /** Shows the figure, as the last one of all. */
  finish(figure: Figure): void {
    this.#shownAt = this.#now();
    this.#slot.html(figureHtml(figure, this.#id).text);
  }
}
