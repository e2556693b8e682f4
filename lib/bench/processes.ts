import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { createInterface } from "node:readline";
import { setTimeout as delay } from "node:timers/promises";

const STOP_MS = 10_000;

export interface Program {
  readonly pid: number;
  /** The next line of its standard output. @throws Error with what it wrote to standard error when it ends before. */
  line(): Promise<string>;
  write(line: string): void;
  /** Closes its standard input and waits until it has ended by itself. */
  finish(): Promise<void>;
  /** Ends it, and what it started. */
  stop(): Promise<void>;
}

/** Starts a program in a process group of its own. @throws Error when it cannot be started. */
export async function startProgram(
  command: string,
  words: readonly string[],
  options: { readonly env?: NodeJS.ProcessEnv; readonly cwd?: string } = {},
): Promise<Program> {
  const child = spawn(command, words, { ...options, stdio: ["pipe", "pipe", "pipe"], detached: true });
  let complaints = "";
  child.stderr.on("data", (chunk: Buffer) => {
    complaints = (complaints + chunk.toString("utf8")).slice(-4000);
  });
  await once(child, "spawn");
  const pid = child.pid;
  if (pid === undefined) throw new Error(`${command} has no process id`);
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  return {
    pid,
    line: async () => {
      const { value, done } = await lines.next();
      if (done) throw new Error(`${command} ended early. ${complaints.trim()}`);
      return value;
    },
    write: (line) => child.stdin.write(`${line}\n`),
    finish: async () => {
      child.stdin.end();
      if (child.exitCode === null && child.signalCode === null) await once(child, "exit");
    },
    stop: () => stopGroup(child, pid),
  };
}

async function stopGroup(child: ChildProcess, pid: number): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = once(child, "exit");
  signal(-pid, "SIGTERM");
  const timeout = new AbortController();
  await Promise.race([ended, delay(STOP_MS, undefined, { signal: timeout.signal, ref: false }).catch(() => {})]);
  timeout.abort();
  signal(-pid, "SIGKILL");
}

/** Signals a process or, when negative, a group that may have ended already. */
export function signal(pid: number, name: NodeJS.Signals): void {
  try {
    process.kill(pid, name);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ESRCH") throw error;
  }
}

/** Waits until a server answers with success. @throws Error after `timeoutMs`. */
export async function answers(url: string, timeoutMs = 60_000): Promise<void> {
  const end = performance.now() + timeoutMs;
  for (;;) {
    const answer = await fetch(url).catch(() => undefined);
    await answer?.body?.cancel();
    if (answer?.ok) return;
    if (performance.now() > end) throw new Error(`${url} did not answer within ${timeoutMs / 1000} s`);
    await delay(10);
  }
}

/** Resident memory of a process in MB (2^20 bytes); Linux only, elsewhere NaN. */
export function residentMegabytes(pid: number): number {
  try {
    const [, kilobytes] = /^VmRSS:\s+(\d+) kB/m.exec(readFileSync(`/proc/${pid}/status`, "utf8")) ?? [];
    return Number(kilobytes) / 1024;
  } catch {
    return Number.NaN;
  }
}
