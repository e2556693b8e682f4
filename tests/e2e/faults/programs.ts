import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { setTimeout as delay } from "node:timers/promises";

/** A program of ours as a child process that can be killed and comes back at the same address. */
export class Program {
  readonly #script: string;
  readonly #environment: Readonly<Record<string, string>>;
  readonly #answers: () => Promise<boolean>;
  #child: ChildProcess | undefined;

  /** @param answers tells whether it is up. */
  constructor(script: string, environment: Readonly<Record<string, string>>, answers: () => Promise<boolean>) {
    this.#script = script;
    this.#environment = environment;
    this.#answers = answers;
  }

  /** @throws Error when it ends, or has not answered within a minute. */
  async start(): Promise<void> {
    const child = spawn(process.execPath, ["-e", this.#script], {
      env: { ...process.env, ...this.#environment },
      stdio: ["ignore", "ignore", "pipe"],
    });
    this.#child = child;
    let said = "";
    child.stderr?.on("data", (text) => {
      said = `${said}${text}`.slice(-2000);
    });
    for (const end = Date.now() + 60_000; !(await this.#answers().catch(() => false)); await delay(20)) {
      if (child.exitCode !== null || child.signalCode !== null || Date.now() > end) {
        throw new Error(`The program did not come up (${child.exitCode ?? child.signalCode ?? "no answer"}): ${said}`);
      }
    }
  }

  /** kill -9. */
  kill(): Promise<void> {
    return this.#end("SIGKILL");
  }

  /** SIGTERM; kill -9 after ten seconds, as Cloud Run does it. */
  async stop(): Promise<void> {
    await Promise.race([this.#end("SIGTERM"), delay(10_000, undefined, { ref: false })]);
    await this.#end("SIGKILL");
  }

  async #end(signal: NodeJS.Signals): Promise<void> {
    const child = this.#child;
    if (!child || child.exitCode !== null || child.signalCode !== null) return;
    const gone = once(child, "exit");
    child.kill(signal);
    await gone;
  }
}
