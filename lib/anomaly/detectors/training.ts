import type { Detector } from "./detector.js";

/** One pass over the training rows. */
export interface Epoch {
  /** From 1. */
  readonly epoch: number;
  /** At most so many. */
  readonly epochs: number;
  /** Mean over the training rows. */
  readonly loss: number;
  /** Mean over the validation rows, when there are any. */
  readonly validationLoss?: number;
}

/** A detector on its way. Kinds that need no epochs are finished from the start. */
export interface Training {
  /** At most so many; 0 for a kind that is fitted at once. */
  readonly epochs: number;
  readonly finished: boolean;
  /** One more epoch. @throws Error when it is finished. */
  step(): Epoch;
  /** All that `resume` needs beside rows, settings and seed; plain JSON. */
  checkpoint(): unknown;
  /** The detector as it is now. */
  detector(): Detector;
}
