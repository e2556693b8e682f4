import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { identityOf, isAlive, type ProcessIdentity } from "../processes.js";

/**
 * Which processes are this cloud's containers, one file each, so that the next cloud on the same folder ends what a
 * killed one left behind (a program in the middle of a computation does not notice that its cloud is gone).
 */
export class ProcessRecords {
  readonly #folder: string;

  constructor(folder: string) {
    this.#folder = folder;
  }

  add(pid: number): void {
    const identity = identityOf(pid);
    if (!identity) return;
    mkdirSync(this.#folder, { recursive: true });
    writeFileSync(join(this.#folder, String(pid)), JSON.stringify(identity));
  }

  remove(pid: number): void {
    rmSync(join(this.#folder, String(pid)), { force: true });
  }

  /** Ends the recorded processes that still run. To be called before any is added. */
  endLeftOvers(): void {
    mkdirSync(this.#folder, { recursive: true });
    for (const name of readdirSync(this.#folder)) {
      const identity = readIdentity(join(this.#folder, name));
      if (identity && isAlive(identity)) endProcess(identity.pid);
      rmSync(join(this.#folder, name), { force: true });
    }
  }
}

function readIdentity(file: string): ProcessIdentity | undefined {
  try {
    return JSON.parse(readFileSync(file, "utf8")) as ProcessIdentity;
  } catch {
    return undefined;
  }
}

function endProcess(pid: number): void {
  try {
    process.kill(pid, "SIGKILL");
  } catch {
    // It ended between the look and the kill.
  }
}
