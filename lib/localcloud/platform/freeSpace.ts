import { statfsSync } from "node:fs";
import { CloudError } from "./errors.js";

/**
 * A disk with less free space than this counts as full. The databases below the state folder do not survive a write that
 * finds no place (DuckDB refuses everything from then on, LMDB takes the process along), so the last bytes are kept for
 * what is under way.
 */
export const FREE_BYTES_MIN = 32 * 1024 * 1024;

/** Whether the disk that holds `folder` is full; a file system that cannot say counts as one that is not. */
export function isDiskFull(folder: string): boolean {
  try {
    const { bavail, bsize } = statfsSync(folder);
    return bavail * bsize < FREE_BYTES_MIN;
  } catch {
    return false;
  }
}

/** @throws CloudError FAILED_PRECONDITION before a write into `folder` that may find no place. */
export function refuseFullDisk(folder: string): void {
  if (isDiskFull(folder)) throw diskFull(folder);
}

/** Not a code that Google's clients repeat for half a minute: waiting does not mend it. */
export function diskFull(folder: string, cause?: unknown): CloudError {
  return new CloudError(
    "FAILED_PRECONDITION",
    `The disk that holds the local cloud's state (${folder}) is full, so nothing is written. Free some space there and try again.`,
    { reason: "resourcesExceeded", ...(cause === undefined ? {} : { cause }) },
  );
}
