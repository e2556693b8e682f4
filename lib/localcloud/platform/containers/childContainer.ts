import { type ChildProcess, spawn } from "node:child_process";
import { join } from "node:path";
import type { Clock } from "../clock.js";
import type { Container, ContainerExit, ContainerSpec, ImageInfo } from "./container.js";
import { commandLine } from "./images.js";
import { type FileLog, splitLines } from "./log.js";
import type { ProcessRecords } from "./processRecords.js";

const GRACE_MS = 10_000;
/** What a shell and Docker answer for a program that is not there. */
const EXIT_NO_PROGRAM = 127;
/** The one program in our image. */
const NODE = "node";

export interface Surroundings {
  readonly clock: Clock;
  readonly log: FileLog;
  readonly records: ProcessRecords;
  readonly instanceId: string;
  /** Where the local cloud answers: what the metadata server is on Google Cloud. */
  readonly address: Readonly<Record<string, string>>;
}

export class ChildContainer implements Container {
  readonly instanceId: string;
  readonly log: FileLog;
  readonly exited: Promise<ContainerExit>;
  readonly #child: ChildProcess | undefined;
  readonly #clock: Clock;
  #exit: ContainerExit | undefined;

  constructor(image: ImageInfo, spec: ContainerSpec, surroundings: Surroundings) {
    const { clock, log, records, instanceId, address } = surroundings;
    this.instanceId = instanceId;
    this.log = log;
    this.#clock = clock;
    const [program = "", ...words] = commandLine(image, spec.command, spec.args);
    if (program !== NODE) {
      this.say(`exec: "${program}": executable file not found in $PATH`);
      this.#exit = { code: EXIT_NO_PROGRAM, signal: null };
      this.exited = Promise.resolve(this.#exit);
      return;
    }
    const child = spawn(process.execPath, ["--require", join(__dirname, "tether.js"), ...words], {
      cwd: image.folder,
      env: { ...necessities(), ...address, ...spec.env },
      stdio: ["ignore", "pipe", "pipe", "ipc"],
    });
    this.#child = child;
    if (child.pid !== undefined) records.add(child.pid);
    const ends = (["stdout", "stderr"] as const).map((stream) => {
      const source = child[stream];
      if (!source) return () => undefined;
      return splitLines(source, (text) => log.append({ timeMs: clock.now(), stream, text, instanceId }));
    });
    this.exited = new Promise((resolve) => {
      const end = (exit: ContainerExit): void => {
        for (const endOfStream of ends) endOfStream();
        if (child.pid !== undefined) records.remove(child.pid);
        this.#exit = exit;
        resolve(exit);
      };
      child.once("error", (error) => {
        this.say(error.message);
        if (child.pid === undefined) end({ code: EXIT_NO_PROGRAM, signal: null });
      });
      // "close", not "exit": its last words are in the log.
      child.once("close", (code, signal) => end({ code, signal }));
    });
  }

  get pid(): number {
    return this.#child?.pid ?? 0;
  }

  get exit(): ContainerExit | undefined {
    return this.#exit;
  }

  /** A line of the platform's in the container's log. */
  say(text: string): void {
    this.log.append({ timeMs: this.#clock.now(), stream: "system", text, instanceId: this.instanceId });
  }

  async stop(graceMs = GRACE_MS): Promise<ContainerExit> {
    if (this.#exit) return this.#exit;
    const ended = new AbortController();
    this.#child?.kill("SIGTERM");
    const killed = this.#clock.sleep(graceMs, ended.signal).then(
      () => this.#child?.kill("SIGKILL"),
      () => undefined,
    );
    const exit = await this.exited;
    ended.abort();
    await killed;
    return exit;
  }
}

/** What no process can do without on this machine; nothing of the user's own (HOME would lead to credentials). */
function necessities(): Record<string, string> {
  const names = ["PATH", "TMPDIR", "SystemRoot"];
  return Object.fromEntries(
    names.flatMap((name) => {
      const value = process.env[name];
      return value === undefined ? [] : [[name, value]];
    }),
  );
}
