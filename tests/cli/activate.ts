import { type ChildProcess, spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";

export const ROOT = resolve(__dirname, "../../..");
export const BIN = join(ROOT, "lib", "bin", "activate.mjs");

export interface Ended {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs the command line as a user does, in a process of its own, to its end. */
export function activate(words: readonly string[], env: NodeJS.ProcessEnv = {}): Promise<Ended> {
  return ended(spawn(process.execPath, [BIN, ...words], { env: { ...process.env, ...env } }));
}

export function ended(child: ChildProcess): Promise<Ended> {
  return new Promise((done, fail) => {
    let stdout = "";
    let stderr = "";
    child.stdout?.on("data", (chunk: Buffer) => {
      stdout += chunk.toString("utf8");
    });
    child.stderr?.on("data", (chunk: Buffer) => {
      stderr += chunk.toString("utf8");
    });
    child.once("error", fail);
    child.once("close", (code) => done({ code, stdout, stderr }));
  });
}

/** The one JSON line that `cloud start --json` and `cloud status --json` print. */
export interface Line {
  readonly rest: string;
  readonly grpc: string;
  readonly pid: number;
  readonly state: string;
  readonly project: string;
}

export function line({ stdout }: Ended): Line {
  const lines = stdout.trim().split("\n");
  if (lines.length !== 1) throw new Error(`expected one line, got ${lines.length}: ${stdout}`);
  return JSON.parse(lines[0] ?? "") as Line;
}

export class TemporaryFolder {
  readonly path = mkdtempSync(join(tmpdir(), "activate-test-"));

  remove(): void {
    rmSync(this.path, { recursive: true, force: true });
  }
}

/** Waits until the process with this id runs no more. */
export async function gone(pid: number): Promise<void> {
  const { identityOf } = await import("activate/localcloud/platform/processes.js");
  while (identityOf(pid) !== undefined) await new Promise((done) => setImmediate(done));
}
