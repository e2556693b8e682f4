import { spawn } from "node:child_process";
import { constants } from "node:os";
import { clientVariables, defaultStateDir, findLocalCloud, stopLocalCloud } from "../../localcloud/launch/index.js";
import { refusePositionals } from "../arguments.js";
import type { Command } from "../command.js";
import { SetupError, UsageError } from "../usage.js";
import { CLOUD_OPTIONS, startAsAsked } from "./cloud.js";

export const exec: Command = {
  summary: "Runs a command against the local cloud: starts it, sets the variables, stops it, passes the exit code on.",
  usage: "exec [--ephemeral | --state DIR] [--project ID] [--port N] -- COMMAND [ARGUMENT ...]",
  options: CLOUD_OPTIONS,
  run: async (given) => {
    refusePositionals(given);
    const [program, ...words] = given.rest ?? [];
    if (program === undefined) throw new UsageError("Say what to run, after two dashes: activate exec -- COMMAND.");
    const wasRunning =
      !given.flags.has("ephemeral") && findLocalCloud(given.values.get("state") ?? defaultStateDir()) !== undefined;
    const running = await startAsAsked(given, true);
    try {
      return await runCommand(program, words, { ...process.env, ...clientVariables(running) });
    } finally {
      if (!wasRunning) await stopLocalCloud(running.state);
    }
  },
};

/** Runs a program on our terminal; resolves to its exit code, 128 + the signal's number when one ended it. */
export function runCommand(program: string, words: readonly string[], env: NodeJS.ProcessEnv): Promise<number> {
  return new Promise((done, fail) => {
    const child = spawn(program, words, { env, stdio: "inherit" });
    // The terminal sends Ctrl-C to the child as well: we stay until it has ended, and then clean up.
    const forward = (signal: NodeJS.Signals): void => void child.kill(signal);
    const stay = (): void => {};
    process.on("SIGINT", stay).on("SIGTERM", forward).on("SIGHUP", forward);
    const finish = (): void => {
      process.off("SIGINT", stay).off("SIGTERM", forward).off("SIGHUP", forward);
    };
    child.once("error", (error: NodeJS.ErrnoException) => {
      finish();
      const reason = error.code === "ENOENT" ? "there is no such program on the PATH" : error.message;
      if (error.code === "ENOENT" || error.code === "EACCES") {
        console.error(`activate: ${program} cannot be run: ${reason}.`);
        done(error.code === "ENOENT" ? 127 : 126);
      } else fail(new SetupError(`${program} cannot be run: ${reason}.`));
    });
    child.once("exit", (code, signal) => {
      finish();
      done(signal ? 128 + constants.signals[signal] : (code ?? 1));
    });
  });
}
