import { type Detector, type DetectorKind, type Epoch, startTraining } from "../../anomaly/index.js";
import type { Folder } from "../folder.js";
import type { ContainerHost } from "../host.js";
import { log } from "../log.js";
import { checkpointFile, fingerprintOf, readCheckpoint } from "./checkpoint.js";
import { EXIT, TrainerFailure } from "./failure.js";
import { type Flags, settingsFor } from "./flags.js";
import type { KeyedRows } from "./rows.js";

export interface Trained {
  readonly detector: Detector;
  readonly epochs: readonly Epoch[];
}

const CHECKPOINTS = 20;

/**
 * Trains one kind of detector, a line an epoch, and writes a checkpoint after every twentieth of the epochs; goes on from one that is there.
 * @throws TrainerFailure terminated, after a last checkpoint, when the container is asked to end.
 */
export async function train(
  host: ContainerHost,
  kind: DetectorKind,
  flags: Flags,
  { training: rows, validation }: { readonly training: KeyedRows; readonly validation: KeyedRows },
  checkpoints: Folder | undefined,
): Promise<Trained> {
  const settings = settingsFor(kind, flags.settings);
  const options = { features: flags.features, seed: flags.seed, settings, validation: validation.columns };
  const fingerprint = fingerprintOf([rows, validation], kind, settings, flags.seed);
  const ignored = (reason: string) =>
    log(host, "WARNING", `The checkpoint in ${checkpoints?.uri} is not used: ${reason}`);
  const resumed = checkpoints && (await readCheckpoint(checkpoints, kind, fingerprint, ignored));
  const training = startTraining(kind, rows.columns, options, resumed?.training);
  const epochs: Epoch[] = [...(resumed?.epochs ?? [])];
  if (resumed !== undefined) log(host, "INFO", `${kind}: goes on after epoch ${epochs.length} of ${training.epochs}`);
  const save = async (): Promise<void> => {
    const text = JSON.stringify({ fingerprint, epochs, training: training.checkpoint() });
    await checkpoints?.write(checkpointFile(kind), text);
  };
  const period = Math.max(1, Math.ceil(training.epochs / CHECKPOINTS));
  while (!training.finished) {
    if (host.terminated.aborted) {
      await save();
      throw new TrainerFailure(EXIT.terminated, `asked to end after epoch ${epochs.length} of ${training.epochs}`);
    }
    const epoch = training.step();
    epochs.push(epoch);
    log(host, "INFO", wordsOf(kind, epoch), { detector: kind, ...epoch });
    if (epoch.epoch % period === 0 && !training.finished) await save();
    // Signals and output have their turn.
    await new Promise((resolve) => setImmediate(resolve));
  }
  const last = epochs.at(-1);
  if (last !== undefined && last.epoch < last.epochs) {
    log(
      host,
      "INFO",
      `${kind}: stopped early after epoch ${last.epoch}, validation rows are no longer restored better`,
    );
  }
  return { detector: training.detector(), epochs };
}

function wordsOf(kind: DetectorKind, { epoch, epochs, loss, validationLoss }: Epoch): string {
  const validation = validationLoss === undefined ? "" : `, validation loss ${validationLoss.toPrecision(4)}`;
  return `${kind}: epoch ${epoch} of ${epochs}, loss ${loss.toPrecision(4)}${validation}`;
}
