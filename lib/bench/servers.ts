/** Both sides as running servers. */

import { join } from "node:path";
import type { BigQuery } from "@google-cloud/bigquery";
import { ROOT } from "../cli/paths.js";
import { freePort } from "../localcloud/platform/containers/index.js";
import type { BenchContext } from "./bench.js";
import { answers, signal, startProgram } from "./processes.js";
import { benchPython } from "./python.js";

export const PROJECT = "activate-local";
export const BIN = join(ROOT, "lib", "bin", "activate.mjs");

export interface Server {
  readonly rest: string;
  readonly pid: number;
}

/** Starts our local cloud as users do: by its command line, in a process of its own, with state on disk. */
export async function startOurs({ folder, afterwards }: BenchContext): Promise<Server & { readonly grpc: string }> {
  const started = await startProgram(process.execPath, [
    BIN,
    "cloud",
    "start",
    "--state",
    join(folder, "state"),
    "--json",
  ]);
  const { rest, grpc, pid } = JSON.parse(await started.line()) as Server & { readonly grpc: string };
  afterwards(() => endProcess(pid));
  return { rest, grpc, pid };
}

/** Ends a process that is not our child and waits until it is gone. */
export async function endProcess(pid: number): Promise<void> {
  signal(pid, "SIGTERM");
  for (let waited = 0; waited < 200; waited += 1) {
    if (!isRunning(pid)) return;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  signal(pid, "SIGKILL");
}

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

/** Starts bqemulator, in memory, which is its default. @throws PeerAbsent when it cannot be had. */
export async function startBqemulator(context: BenchContext): Promise<Server> {
  const python = benchPython(context);
  const port = await freePort();
  const words = ["start", "--rest-port", `${port}`, "--grpc-port", `${await freePort()}`, "--log-level", "error"];
  const program = await startProgram(join(python.bin, "bqemulator"), words, {
    env: { ...process.env, HOME: python.home },
  });
  context.afterwards(() => program.stop());
  const rest = `http://127.0.0.1:${port}`;
  await answers(`${rest}/bigquery/v2/projects/${PROJECT}/datasets`);
  return { rest, pid: program.pid };
}

/** Google's own client, pointed at a server. */
export async function bigQueryClient({ rest }: Server): Promise<BigQuery> {
  const [{ BigQuery: Client }, { PassThroughClient }] = await Promise.all([
    import("@google-cloud/bigquery"),
    import("google-auth-library"),
  ]);
  return new Client({ projectId: PROJECT, apiEndpoint: rest, authClient: new PassThroughClient() });
}
