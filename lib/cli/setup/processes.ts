import { spawn, spawnSync } from "node:child_process";

export interface Finished {
  readonly code: number;
  /** Standard output and standard error as they came. */
  readonly output: string;
}

/** Runs a program to its end without a terminal; a program that cannot be started gives code 127. */
export function finished(
  program: string,
  words: readonly string[],
  env: NodeJS.ProcessEnv = process.env,
  cwd: string = process.cwd(),
): Promise<Finished> {
  return new Promise((done) => {
    const child = spawn(program, words, { cwd, env, stdio: ["ignore", "pipe", "pipe"] });
    let output = "";
    child.stdout.on("data", (chunk: Buffer) => {
      output += chunk.toString("utf8");
    });
    child.stderr.on("data", (chunk: Buffer) => {
      output += chunk.toString("utf8");
    });
    child.once("error", (error) => done({ code: 127, output: error.message }));
    child.once("close", (code) => done({ code: code ?? 1, output }));
  });
}

/** Standard output of a short call, trimmed; undefined when it fails. */
export function answerOf(
  program: string,
  words: readonly string[],
  env: NodeJS.ProcessEnv = process.env,
): string | undefined {
  const run = spawnSync(program, words, { env, encoding: "utf8", stdio: ["ignore", "pipe", "ignore"] });
  return run.status === 0 ? run.stdout.trim() : undefined;
}
