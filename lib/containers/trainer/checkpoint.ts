import { createHash } from "node:crypto";
import type { DetectorKind, DetectorSettings, Epoch } from "../../anomaly/index.js";
import type { Folder } from "../folder.js";
import type { KeyedRows } from "./rows.js";

/** A training that can go on: what `Training.checkpoint` gave, and the epochs so far. */
export interface Checkpoint {
  /** Of rows, settings and seed: another training does not go on from it. */
  readonly fingerprint: string;
  readonly epochs: readonly Epoch[];
  readonly training: unknown;
}

export const checkpointFile = (kind: DetectorKind): string => `checkpoint-${kind}.json`;

/** One hash over all that decides how a training goes. */
export function fingerprintOf(
  parts: readonly KeyedRows[],
  kind: DetectorKind,
  settings: DetectorSettings,
  seed: string,
): string {
  const hash = createHash("sha256").update(JSON.stringify([kind, Object.entries(settings).sort(), seed]));
  for (const { keys, columns } of parts) {
    hash.update(JSON.stringify([keys.length, Object.keys(columns)]));
    for (const column of Object.values(columns)) hash.update(Float64Array.from(column));
  }
  return hash.digest("hex");
}

/** @returns undefined when there is none, or it is another training's or damaged (`reason` says so). */
export async function readCheckpoint(
  folder: Folder,
  kind: DetectorKind,
  fingerprint: string,
  ignored: (reason: string) => void,
): Promise<Checkpoint | undefined> {
  const text = await folder.read(checkpointFile(kind));
  if (text === undefined) return undefined;
  try {
    const checkpoint = JSON.parse(text) as Checkpoint;
    if (checkpoint.fingerprint === fingerprint && Array.isArray(checkpoint.epochs)) return checkpoint;
    ignored("it belongs to other rows, settings or another seed");
  } catch {
    ignored("it is damaged");
  }
  return undefined;
}
