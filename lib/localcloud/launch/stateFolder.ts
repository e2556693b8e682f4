import { accessSync, constants, existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { isDiskFull } from "../platform/freeSpace.js";
import { diskFull, errorCode, foreignEntries, stateRefused } from "./errors.js";
import { readLivingOwner } from "./ownership.js";

const LOCK = "cloud.lock";
const LOG = "cloud.log";
const PORTS = "cloud.ports";
const EPHEMERAL_PREFIX = "activate-cloud-";
/** An ephemeral folder without a lock belongs to a start under way, unless it is older than this. */
const ABANDONED_MS = 10 * 60 * 1000;

/** Everything that the local cloud and its services put into their state folder (a test holds them to it). */
const OWN_ENTRIES =
  /^(cloud\.lock(\..+)?|cloud\.log(\.1)?|cloud\.ports|boto|documents|bigquery|pubsub|storage|vertex|containers|hello|credentials)$/;

/** ACTIVATE_STATE, or `.activate` beside the `lib` folder that this file is installed in. */
export function defaultStateDir(environment: NodeJS.ProcessEnv = process.env): string {
  const chosen = environment.ACTIVATE_STATE;
  return chosen ? resolve(chosen) : resolve(__dirname, "../../../../.activate");
}

export const lockFileOf = (stateDir: string): string => join(stateDir, LOCK);
export const portsFileOf = (stateDir: string): string => join(stateDir, PORTS);
export const logFileOf = (stateDir: string): string => join(stateDir, LOG);

/** Creates the folder where it is missing. @throws LaunchError when it cannot be written or is somebody else's. */
export function openStateFolder(stateDir: string): void {
  try {
    makeFolder(stateDir);
    accessSync(stateDir, constants.W_OK);
  } catch (thrown) {
    throw stateRefused(stateDir, thrown);
  }
  if (isDiskFull(stateDir)) throw diskFull(stateDir);
  refuseForeign(stateDir, "used as a state folder");
}

/** A new temporary folder; those that dead processes left behind are removed on the way. */
export function makeEphemeralStateFolder(nowMs: number): string {
  for (const name of readdirSync(tmpdir())) {
    if (name.startsWith(EPHEMERAL_PREFIX)) sweep(join(tmpdir(), name), nowMs);
  }
  return mkdtempSync(join(tmpdir(), EPHEMERAL_PREFIX));
}

/** @throws LaunchError when the folder holds anything that is not the local cloud's. */
export function refuseForeign(stateDir: string, deed: string): void {
  const foreign = foreignIn(stateDir);
  if (foreign.length > 0) throw foreignEntries(stateDir, foreign, deed);
}

/** Removes the state from a folder whose lock the caller holds; the lock stays. */
export function emptyStateFolder(stateDir: string): void {
  refuseForeign(stateDir, "emptied");
  try {
    for (const name of entriesOf(stateDir)) {
      if (!name.startsWith(LOCK)) rmSync(join(stateDir, name), { recursive: true, force: true });
    }
  } catch (thrown) {
    throw stateRefused(stateDir, thrown);
  }
}

/** Not `mkdir` with `recursive`: Node.js 20 never returns from it below /proc. */
function makeFolder(folder: string): void {
  if (existsSync(folder) && statSync(folder).isDirectory()) return;
  if (!existsSync(dirname(folder))) makeFolder(dirname(folder));
  try {
    mkdirSync(folder);
  } catch (thrown) {
    if (errorCode(thrown) !== "EEXIST" || !statSync(folder).isDirectory()) throw thrown;
  }
}

function foreignIn(stateDir: string): string[] {
  return entriesOf(stateDir).filter((name) => !OWN_ENTRIES.test(name));
}

function entriesOf(stateDir: string): string[] {
  try {
    return readdirSync(stateDir);
  } catch (thrown) {
    if (errorCode(thrown) === "ENOENT") return [];
    throw stateRefused(stateDir, thrown);
  }
}

function sweep(stateDir: string, nowMs: number): void {
  try {
    if (readLivingOwner(lockFileOf(stateDir)) || foreignIn(stateDir).length > 0) return;
    if (nowMs - statSync(stateDir).mtimeMs < ABANDONED_MS) return;
    rmSync(stateDir, { recursive: true, force: true });
  } catch {
    // Another user's folder, or another sweeper was faster: not ours to mend.
  }
}
