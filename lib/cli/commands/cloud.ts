import { resolve } from "node:path";
import {
  defaultStateDir,
  findLocalCloud,
  type LaunchOptions,
  launchEphemeralCloud,
  launchLocalCloud,
  type RunningCloud,
  resetLocalCloud,
  stopLocalCloud,
} from "../../localcloud/launch/index.js";
import type { Arguments } from "../arguments.js";
import type { Command } from "../command.js";
import { SetupError, UsageError, unknown } from "../usage.js";

const ACTIONS: Readonly<Record<string, (given: Arguments) => Promise<number>>> = { start, stop, status, reset };

/** Options that say which local cloud is meant, shared by the commands that start one. */
export const CLOUD_OPTIONS = {
  state: { value: "DIR" },
  ephemeral: "flag",
  project: { value: "ID" },
  port: { value: "N" },
} as const;

export const cloud: Command = {
  summary: "Starts, stops, shows or empties the local cloud.",
  usage: [
    "cloud start  [--state DIR] [--ephemeral] [--project ID] [--port N] [--json]",
    "cloud stop   [--state DIR] [--json]",
    "cloud status [--state DIR] [--json]",
    "cloud reset  [--state DIR] [--json]",
  ].join("\n"),
  options: { ...CLOUD_OPTIONS, json: "flag" },
  run: async (given) => {
    const [action, surplus] = given.positionals;
    if (action === undefined) throw new UsageError(`Say what to do: ${Object.keys(ACTIONS).join(", ")}.`);
    if (surplus !== undefined) throw new UsageError(`Unexpected word: ${surplus}.`);
    const run = Object.hasOwn(ACTIONS, action) ? ACTIONS[action] : undefined;
    if (!run) throw unknown("action", action, Object.keys(ACTIONS));
    await refuseSlips(process.env);
    return run(given);
  },
};

/**
 * A misspelt ACTIVATE_STATE would empty another folder than was meant. Most environments have no setting: nothing is loaded.
 * @throws SetupError
 */
async function refuseSlips(environment: NodeJS.ProcessEnv): Promise<void> {
  if (!Object.keys(environment).some((name) => name.startsWith("ACTIVATE_"))) return;
  const { unknownKeys } = await import("../../cloud/config.js");
  const slips = unknownKeys(environment);
  if (slips.length > 0) throw new SetupError(slips.join("\n"));
}

/** Starts what the options ask for. `attached`: an ephemeral one ends with this process. */
export async function startAsAsked(given: Arguments, attached: boolean): Promise<RunningCloud> {
  const options = launchOptions(given);
  if (!given.flags.has("ephemeral")) return launchLocalCloud(options);
  if (options.stateDir !== undefined) {
    throw new UsageError("--ephemeral keeps its state in a temporary folder of its own: leave out --state.");
  }
  return launchEphemeralCloud({ ...options, attached });
}

function launchOptions({ values }: Arguments): LaunchOptions {
  const state = values.get("state");
  const project = values.get("project");
  const port = values.get("port");
  if (project !== undefined && !/^[a-z][a-z0-9-]{4,28}[a-z0-9]$/.test(project)) {
    throw new UsageError(
      `--project ${project} is not a project id: 6 to 30 lower-case letters, digits and hyphens, a letter first, no hyphen last.`,
    );
  }
  if (port !== undefined && !(/^\d{1,5}$/.test(port) && Number(port) <= 65_535)) {
    throw new UsageError(`--port ${port} is not a port: a whole number from 0 (any free one) to 65535.`);
  }
  return {
    ...(state === undefined ? {} : { stateDir: resolve(state) }),
    ...(project === undefined ? {} : { project }),
    ...(port === undefined ? {} : { port: Number(port) }),
  };
}

async function start(given: Arguments): Promise<number> {
  const running = await startAsAsked(given, false);
  if (given.flags.has("json")) console.log(jsonLine(running));
  else {
    const own = running.state === defaultStateDir() ? "" : ` --state ${running.state}`;
    console.log(
      `${sentence(running)}\nClients' variables: activate env${own}. Stop it with: activate cloud stop${own}`,
    );
  }
  return 0;
}

async function stop(given: Arguments): Promise<number> {
  const stateDir = folderOf(given);
  const stopped = await stopLocalCloud(stateDir);
  if (given.flags.has("json")) console.log(JSON.stringify({ state: stateDir, stopped }));
  else console.log(stopped ? `Stopped. The state stays in ${stateDir}.` : `No local cloud runs on ${stateDir}.`);
  return 0;
}

async function status(given: Arguments): Promise<number> {
  const stateDir = folderOf(given);
  const running = findLocalCloud(stateDir);
  if (given.flags.has("json"))
    console.log(running ? jsonLine(running) : JSON.stringify({ state: stateDir, pid: null }));
  else
    console.log(
      running ? sentence(running) : `No local cloud runs on ${stateDir}. Start it with: activate cloud start`,
    );
  return running ? 0 : 1;
}

async function reset(given: Arguments): Promise<number> {
  const stateDir = folderOf(given);
  await resetLocalCloud(stateDir);
  if (given.flags.has("json")) console.log(JSON.stringify({ state: stateDir, reset: true }));
  else console.log(`The local cloud of ${stateDir} is stopped and its state removed.`);
  return 0;
}

function folderOf(given: Arguments): string {
  for (const name of ["project", "port"]) {
    if (given.values.has(name)) throw new UsageError(`--${name} goes with start only.`);
  }
  if (given.flags.has("ephemeral")) {
    throw new UsageError("--ephemeral goes with start only; name a running one by --state DIR, as start printed it.");
  }
  return launchOptions(given).stateDir ?? defaultStateDir();
}

const jsonLine = ({ rest, grpc, pid, state, project }: RunningCloud): string =>
  JSON.stringify({ rest, grpc, pid, state, project });

const sentence = ({ rest, grpc, pid, state, project }: RunningCloud): string =>
  `The local cloud answers at ${rest} (REST) and ${grpc} (gRPC): project ${project}, state ${state}, process ${pid}.`;
