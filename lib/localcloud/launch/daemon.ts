/** The process that is the local cloud. Started by `launch.ts`, which talks to it over the IPC channel until it answers. */
import { fstatSync, rmSync } from "node:fs";
import { setTimeout as delay } from "node:timers/promises";
import { type LocalCloud, startLocalCloud } from "../server/cloud.js";
import { errorCode, LaunchError, portInUse, stateRefused } from "./errors.js";
import { boundLog } from "./log.js";
import { type Ownership, takeOwnership } from "./ownership.js";
import { choosePorts, rememberPorts } from "./ports.js";
import { lockFileOf, openStateFolder, portsFileOf } from "./stateFolder.js";

const LOG_CHECK_MS = 30_000;
/** A stop waits no longer than this for the services to finish: a query that runs, an analyzer that warms up. */
const ORDERLY_STOP_MS_MAX = 5_000;

export interface DaemonOptions {
  readonly stateDir: string;
  readonly project: string;
  readonly port: number;
  /** Stop when the starter goes away, however it ends. */
  readonly attached: boolean;
  /** The state is temporary: remove it when stopping. */
  readonly ephemeral: boolean;
}

/** What the daemon tells its starter. */
export type DaemonMessage =
  | { readonly kind: "ready"; readonly rest: string; readonly grpc: string }
  | { readonly kind: "owned" }
  | { readonly kind: "failed"; readonly message: string };

async function run(options: DaemonOptions): Promise<void> {
  let ownership: Ownership | undefined;
  let cloud: LocalCloud | undefined;
  let stopping = false;
  const stop = async (): Promise<void> => {
    if (stopping) return;
    stopping = true;
    try {
      if (options.ephemeral) {
        // Nobody will read this state again: no need to put it in order first.
        if (ownership) rmSync(options.stateDir, { recursive: true, force: true, maxRetries: 3 });
      } else {
        await Promise.race([cloud?.stop(), delay(ORDERLY_STOP_MS_MAX)]);
        ownership?.release();
      }
    } catch (thrown) {
      console.error(thrown);
    }
    // A thread in the middle of native code would hold up an orderly exit; what was acknowledged is on disk.
    process.kill(process.pid, "SIGKILL");
  };
  const fatal = (thrown: unknown): void => {
    console.error(thrown);
    void stop();
  };
  process.on("SIGTERM", () => void stop());
  process.on("SIGINT", () => void stop());
  process.on("SIGHUP", () => void stop());
  process.on("uncaughtException", fatal);
  process.on("unhandledRejection", fatal);
  process.on("disconnect", () => {
    if (options.attached) void stop();
  });

  try {
    openStateFolder(options.stateDir);
    ownership = own(options);
    if (!ownership) {
      tell({ kind: "owned" }, () => process.exit(0));
      return;
    }
    cloud = await open(options);
    ownership.publish({ rest: cloud.rest, grpc: cloud.grpc });
  } catch (thrown) {
    const message = thrown instanceof LaunchError ? thrown.message : `The local cloud did not start: ${String(thrown)}`;
    if (!(thrown instanceof LaunchError)) console.error(thrown);
    tell({ kind: "failed", message }, () => void stop());
    return;
  }
  if (fstatSync(1).isFile()) setInterval(() => boundLog(1), LOG_CHECK_MS).unref();
  tell({ kind: "ready", rest: cloud.rest, grpc: cloud.grpc }, () => {
    if (!options.attached && process.connected) process.disconnect();
  });
}

function own(options: DaemonOptions): Ownership | undefined {
  try {
    return takeOwnership(lockFileOf(options.stateDir), options.project);
  } catch (thrown) {
    throw stateRefused(options.stateDir, thrown);
  }
}

async function open({ stateDir, project, port }: DaemonOptions): Promise<LocalCloud> {
  const { rest, grpc } = await choosePorts(portsFileOf(stateDir), port);
  try {
    const cloud = await startLocalCloud({ stateDir, project, port: rest, grpcPort: grpc });
    rememberPorts(portsFileOf(stateDir), cloud);
    return cloud;
  } catch (thrown) {
    switch (errorCode(thrown)) {
      case "EADDRINUSE":
        throw portInUse(rest);
      case "EACCES":
      case "ENOSPC":
      case "EDQUOT":
      case "EROFS":
        throw stateRefused(stateDir, thrown);
      default:
        throw thrown;
    }
  }
}

function tell(message: DaemonMessage, then: () => void): void {
  if (!process.send || !process.connected) then();
  else process.send(message, undefined, undefined, then);
}

void run(JSON.parse(process.argv[2] ?? "{}") as DaemonOptions);
