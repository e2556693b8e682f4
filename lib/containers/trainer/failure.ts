/** Exit codes of the trainer, after BSD's sysexits.h; Vertex AI ends the job FAILED for each, without another try (contracts 3.10). */
export const EXIT = {
  ok: 0,
  /** A flag that does not exist, or is out of range. */
  usage: 64,
  /** The rows cannot be learnt from. */
  data: 65,
  /** BigQuery or Cloud Storage. */
  service: 74,
  /** SIGTERM; a checkpoint is written. */
  terminated: 143,
} as const;

/** Why there is no model, and the exit code that says so. */
export class TrainerFailure extends Error {
  override readonly name = "TrainerFailure";

  constructor(
    readonly exitCode: number,
    message: string,
  ) {
    super(message);
  }
}
