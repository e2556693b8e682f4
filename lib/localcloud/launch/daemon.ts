/** The process that is the local cloud. Started by `launch.ts`, which talks to it over the IPC channel until it answers. */
import { fstatSync, rmSync } from "node:fs";
import { type LocalCloud, startLocalCloud } from "../server/cloud.js";
import { errorCode, LaunchError, portInUse, portNotAllowed, stateRefused } from "./errors.js";
import { boundLog } from "./log.js";
import { type Ownership, takeOwnership } from "./ownership.js";
import { lockFileOf, openStateFolder } from "./stateFolder.js";

const LOG_CHECK_MS = 30_000;

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
  const stop = async (exitCode: number): Promise<void> => {
    if (stopping) return;
    stopping = true;
    try {
      await cloud?.stop();
      if (options.ephemeral && ownership) rmSync(options.stateDir, { recursive: true, force: true });
      else ownership?.release();
    } catch (thrown) {
      console.error(thrown);
      process.exit(1);
    }
    process.exit(exitCode);
  };
  const fatal = (thrown: unknown): void => {
    console.error(thrown);
    void stop(1);
  };
  process.on("SIGTERM", () => void stop(0));
  process.on("SIGINT", () => void stop(0));
  process.on("SIGHUP", () => void stop(0));
  process.on("uncaughtException", fatal);
  process.on("unhandledRejection", fatal);
  process.on("disconnect", () => {
    if (options.attached) void stop(0);
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
    tell({ kind: "failed", message }, () => void stop(1));
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
  try {
    return await startLocalCloud({ stateDir, project, port });
  } catch (thrown) {
    switch (errorCode(thrown)) {
      case "EADDRINUSE":
        throw portInUse(port);
      case "EACCES":
        throw port > 0 && port < 1024 ? portNotAllowed(port) : stateRefused(stateDir, thrown);
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
