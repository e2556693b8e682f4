import { type ChildProcess, spawn } from "node:child_process";
import { closeSync, existsSync } from "node:fs";
import { join, resolve } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { isAlive } from "../platform/processes.js";
import type { DaemonMessage, DaemonOptions } from "./daemon.js";
import { LaunchError, runsOtherwise, stateRefused } from "./errors.js";
import { openLog, tailOf } from "./log.js";
import { type Owner, readLivingOwner, takeOwnership } from "./ownership.js";
import {
  defaultStateDir,
  emptyStateFolder,
  lockFileOf,
  logFileOf,
  makeEphemeralStateFolder,
  openStateFolder,
  refuseForeign,
} from "./stateFolder.js";

export const DEFAULT_PROJECT = "activate-local";
const START_MS_MAX = 60_000;
const STOP_MS_MAX = 30_000;
const POLL_MS = 20;
/** Node.js calls its WASI experimental at each start; that is no news for the log. */
const NODE_FLAGS = ["--disable-warning=ExperimentalWarning"];

/** A local cloud that runs in a process of its own. */
export interface RunningCloud {
  /** `http://127.0.0.1:P` */
  readonly rest: string;
  /** `127.0.0.1:Q` */
  readonly grpc: string;
  readonly pid: number;
  /** Absolute path of its state folder. */
  readonly state: string;
  readonly project: string;
}

export interface LaunchOptions {
  /** Default: `defaultStateDir()`. */
  readonly stateDir?: string;
  /** Default: that of the cloud that already runs there, else "activate-local". */
  readonly project?: string;
  /** Port of the REST server. Default: that of the cloud that already runs there, else a free one. */
  readonly port?: number;
}

/**
 * Finds the local cloud of a state folder, or starts it and waits until it answers. It outlives this process.
 * Any number of processes may call this at once: they all get the same one.
 * @throws LaunchError when the folder or the port cannot be used, or it already runs with another project or port.
 */
export async function launchLocalCloud(options: LaunchOptions = {}): Promise<RunningCloud> {
  const stateDir = resolve(options.stateDir ?? defaultStateDir());
  return launch(stateDir, options, { attached: false, ephemeral: false });
}

/** Starts a local cloud on a new temporary folder, removed when it stops. `attached`: it stops when this process ends. */
export async function launchEphemeralCloud(
  options: Omit<LaunchOptions, "stateDir"> & { readonly attached: boolean },
): Promise<RunningCloud> {
  const stateDir = makeEphemeralStateFolder(Date.now());
  return launch(stateDir, options, { attached: options.attached, ephemeral: true });
}

/** The local cloud that runs on this folder, if one does and answers. */
export function findLocalCloud(stateDir: string = defaultStateDir()): RunningCloud | undefined {
  const folder = resolve(stateDir);
  const owner = livingOwner(folder);
  return owner && running(folder, owner);
}

/** Stops the local cloud of this folder and waits until it has. False when none runs. */
export async function stopLocalCloud(stateDir: string = defaultStateDir()): Promise<boolean> {
  const folder = resolve(stateDir);
  const owner = livingOwner(folder);
  if (!owner) return false;
  process.kill(owner.pid, "SIGTERM");
  const deadline = Date.now() + STOP_MS_MAX;
  while (isAlive(owner)) {
    if (Date.now() > deadline) {
      throw new LaunchError(
        `The local cloud of ${folder} (process ${owner.pid}) has not stopped within ${STOP_MS_MAX / 1000} s. End it with: kill -9 ${owner.pid} (what it acknowledged is kept).`,
      );
    }
    await delay(POLL_MS);
  }
  return true;
}

/** Stops the local cloud of this folder and removes its state. @throws LaunchError when the folder holds anything else. */
export async function resetLocalCloud(stateDir: string = defaultStateDir()): Promise<void> {
  const folder = resolve(stateDir);
  refuseForeign(folder, "emptied");
  await stopLocalCloud(folder);
  if (!existsSync(folder)) return;
  const ownership = takeOwnership(lockFileOf(folder), DEFAULT_PROJECT);
  if (!ownership)
    throw new LaunchError(`The local cloud of ${folder} was started again meanwhile; nothing was removed.`);
  try {
    emptyStateFolder(folder);
  } finally {
    ownership.release();
  }
}

async function launch(
  stateDir: string,
  options: LaunchOptions,
  kind: { attached: boolean; ephemeral: boolean },
): Promise<RunningCloud> {
  openStateFolder(stateDir);
  const deadline = Date.now() + START_MS_MAX;
  for (;;) {
    const owner = livingOwner(stateDir);
    const found = owner && running(stateDir, owner);
    if (found) return sameAsAsked(found, options);
    if (Date.now() > deadline) {
      throw new LaunchError(
        `The local cloud of ${stateDir} has not answered within ${START_MS_MAX / 1000} s.${logNote(stateDir)}`,
      );
    }
    if (owner) await delay(POLL_MS);
    else {
      const started = await startDaemon({
        stateDir,
        project: options.project ?? DEFAULT_PROJECT,
        port: options.port ?? 0,
        ...kind,
      });
      if (started) return started;
      await delay(POLL_MS);
    }
  }
}

function sameAsAsked(cloud: RunningCloud, { project, port }: LaunchOptions): RunningCloud {
  if (project !== undefined && project !== cloud.project) {
    throw runsOtherwise(cloud.state, "project", cloud.project, project);
  }
  const runningPort = new URL(cloud.rest).port;
  if (port !== undefined && port !== 0 && String(port) !== runningPort) {
    throw runsOtherwise(cloud.state, "port", runningPort, String(port));
  }
  return cloud;
}

/** Undefined when another process took the folder in the meantime. */
async function startDaemon(options: DaemonOptions): Promise<RunningCloud | undefined> {
  const child = spawnDaemon(options);
  try {
    const message = await firstMessage(child, options.stateDir);
    if (message.kind === "failed") throw new LaunchError(message.message);
    if (message.kind === "owned") return undefined;
    const { rest, grpc } = message;
    return { rest, grpc, pid: child.pid ?? 0, state: options.stateDir, project: options.project };
  } finally {
    if (!options.attached && child.connected) child.disconnect();
    child.unref();
    child.channel?.unref();
  }
}

function spawnDaemon(options: DaemonOptions): ChildProcess {
  let log: number;
  try {
    log = openLog(logFileOf(options.stateDir));
  } catch (thrown) {
    throw stateRefused(options.stateDir, thrown);
  }
  try {
    return spawn(process.execPath, [...NODE_FLAGS, join(__dirname, "daemon.js"), JSON.stringify(options)], {
      cwd: options.stateDir,
      detached: true,
      stdio: ["ignore", log, log, "ipc"],
    });
  } finally {
    closeSync(log);
  }
}

function firstMessage(child: ChildProcess, stateDir: string): Promise<DaemonMessage> {
  return new Promise((done, fail) => {
    child.once("message", (message) => done(message as DaemonMessage));
    child.once("error", (error) => fail(new LaunchError(`The local cloud did not start: ${error.message}`)));
    child.once("exit", (code, signal) =>
      fail(new LaunchError(`The local cloud ended at its start (${signal ?? `exit ${code}`}).${logNote(stateDir)}`)),
    );
  });
}

function logNote(stateDir: string): string {
  const tail = tailOf(logFileOf(stateDir));
  return tail === "" ? "" : ` The end of ${logFileOf(stateDir)}:\n${tail}`;
}

function livingOwner(stateDir: string): Owner | undefined {
  try {
    return readLivingOwner(lockFileOf(stateDir));
  } catch (thrown) {
    throw stateRefused(stateDir, thrown);
  }
}

function running(stateDir: string, owner: Owner): RunningCloud | undefined {
  const { rest, grpc, pid, project } = owner;
  return rest && grpc ? { rest, grpc, pid, state: stateDir, project } : undefined;
}
