import { z } from "zod";
import type { Matrix } from "../columns.js";
import type { Scorer } from "../detector.js";
import type { DetectorSettings } from "../settings.js";
import type { Epoch } from "../training.js";
import { Ensemble } from "./autoencoder.js";
import { MemberTraining } from "./member.js";

const STEPS = 2500;
const EPOCHS_MIN = 10;
const EPOCHS_MAX = 500;

/**
 * Training of networks side by side. The first, third, … sees values in deviations of all rows, the others in deviations of the middle ones: outliers stretch
 * the former, so that it sees what is far out and overlooks small breaches of a rule; the latter sees those.
 */
export class AutoencoderTraining {
  readonly epochs: number;
  readonly #patience: number;
  readonly #members: readonly MemberTraining[];
  #epoch = 0;
  #best: { readonly epoch: number; readonly loss: number } | undefined;

  constructor(rows: Matrix, validation: Matrix | undefined, settings: DetectorSettings, seed: string) {
    const { batchSize = 128, networks = 2, patience = Number.POSITIVE_INFINITY } = settings;
    this.#patience = patience;
    this.epochs =
      settings.epochs ?? Math.min(EPOCHS_MAX, Math.max(EPOCHS_MIN, Math.ceil((STEPS * batchSize) / rows.rows)));
    this.#members = Array.from({ length: networks }, (_, index) => {
      const scaling = index % 2 === 0 ? "all" : "middle";
      const own = { settings, seed: `${seed}, network ${index}`, epochs: this.epochs, scaling } as const;
      return new MemberTraining(rows, validation, own);
    });
  }

  get finished(): boolean {
    return this.#epoch >= this.epochs || (this.#best !== undefined && this.#epoch - this.#best.epoch >= this.#patience);
  }

  /** The losses are means over the networks. */
  step(): Epoch {
    if (this.finished) throw new Error("the training is finished");
    const steps = this.#members.map((member) => member.step());
    this.#epoch += 1;
    const loss = mean(steps.map((step) => step.loss));
    const validationLosses = steps.flatMap(({ validationLoss }) => validationLoss ?? []);
    if (validationLosses.length === 0) return { epoch: this.#epoch, epochs: this.epochs, loss };
    const validationLoss = mean(validationLosses);
    if (this.#best === undefined || validationLoss < this.#best.loss) {
      this.#best = { epoch: this.#epoch, loss: validationLoss };
      for (const member of this.#members) member.keepWeights();
    }
    return { epoch: this.#epoch, epochs: this.epochs, loss, validationLoss };
  }

  /** Of the epoch with the least loss on the validation rows; without such rows, of the last one. */
  scorer(): Scorer {
    return new Ensemble(this.#members.map((member) => member.member()));
  }

  checkpoint(): unknown {
    return {
      epoch: this.#epoch,
      ...(this.#best === undefined ? {} : { best: this.#best }),
      members: this.#members.map((member) => member.checkpoint()),
    };
  }

  /** @throws Error when this is no checkpoint of a training on these rows with these settings. */
  restore(checkpoint: unknown): void {
    const { epoch, best, members } = checkpointSchema.parse(checkpoint);
    if (members.length !== this.#members.length) throw new Error("the checkpoint belongs to other rows or settings");
    for (const [index, member] of this.#members.entries()) member.restore(members[index]);
    this.#epoch = epoch;
    this.#best = best;
  }
}

const mean = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length;

const checkpointSchema = z.object({
  epoch: z.int(),
  best: z.object({ epoch: z.int(), loss: z.number() }).optional(),
  members: z.array(z.unknown()),
});
