import type { Clock } from "./clock.js";

/** Decimal ids of 19 digits as Google generates them; they rise with time, so that keys sort by age. */
export class IdGenerator {
  readonly #clock: Clock;
  readonly #random: () => number;
  #sequence = 0;

  constructor(clock: Clock, random: () => number) {
    this.#clock = clock;
    this.#random = random;
  }

  /** @param isTaken asked for each candidate: ids of another process's lifetime may share the millisecond. */
  next(isTaken: (id: string) => boolean): string {
    for (;;) {
      this.#sequence = (this.#sequence + 1) % 1000;
      const id = [
        String(Math.trunc(this.#clock.now())).padStart(13, "1"),
        String(this.#sequence).padStart(3, "0"),
        String(Math.trunc(this.#random() * 1000)).padStart(3, "0"),
      ].join("");
      if (!isTaken(id)) return id;
    }
  }
}
