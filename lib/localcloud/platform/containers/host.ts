import { join } from "node:path";
import type { Clock } from "../clock.js";
import { ChildContainer } from "./childContainer.js";
import type { ContainerHost, ContainerSpec, ImageInfo } from "./container.js";
import { resolveImage } from "./images.js";
import { type ContainerLog, FileLog, logFile, removeLogFiles } from "./log.js";
import { ProcessRecords } from "./processRecords.js";

export interface ContainerHostOptions {
  /** Folder of the logs and of what is known of processes. */
  readonly folder: string;
  readonly imagesFolder: string;
  readonly clock: Clock;
  readonly random: () => number;
  /** Asked at each start: where the local cloud answers, as environment variables. */
  readonly address: () => Readonly<Record<string, string>>;
}

/** Logs that nobody writes to are closed beyond this number. */
const OPEN_LOGS_MAX = 256;

export class ChildProcessHost implements ContainerHost {
  readonly #options: ContainerHostOptions;
  readonly #records: ProcessRecords;
  readonly #running = new Set<ChildContainer>();
  readonly #logs = new Map<string, FileLog>();
  #stopped = false;

  /** Ends what a killed cloud on the same folder has left behind. */
  constructor(options: ContainerHostOptions) {
    this.#options = options;
    this.#records = new ProcessRecords(join(options.folder, "processes"));
    this.#records.endLeftOvers();
  }

  resolve(image: string): ImageInfo {
    return resolveImage(this.#options.imagesFolder, image);
  }

  async start(spec: ContainerSpec): Promise<ChildContainer> {
    const image = this.resolve(spec.image);
    if (this.#stopped) throw new Error("The local cloud is stopping: no container starts any more.");
    const { clock, address } = this.#options;
    const container = new ChildContainer(image, spec, {
      clock,
      log: this.#openLog(spec.name),
      records: this.#records,
      instanceId: this.#drawId(),
      address: address(),
    });
    this.#running.add(container);
    container.exited.finally(() => this.#running.delete(container)).catch(() => undefined);
    return container;
  }

  log(name: string): ContainerLog {
    return this.#openLog(name);
  }

  async removeLogs(name: string): Promise<void> {
    for (const [open, log] of this.#logs) {
      if (open !== name && !open.startsWith(`${name}/`)) continue;
      this.#logs.delete(open);
      await log.close();
    }
    removeLogFiles(join(this.#options.folder, "logs"), name);
  }

  async stopAll(graceMs?: number): Promise<void> {
    this.#stopped = true;
    await Promise.all([...this.#running].map((container) => container.stop(graceMs)));
    await Promise.all([...this.#logs.values()].map((log) => log.close()));
  }

  #openLog(name: string): FileLog {
    const open = this.#logs.get(name);
    if (open) return open;
    const log = new FileLog(logFile(join(this.#options.folder, "logs"), name));
    this.#logs.set(name, log);
    if (this.#logs.size > OPEN_LOGS_MAX) this.#closeIdleLogs(log);
    return log;
  }

  /** A closed log opens its file again when it is written to: closing one costs nothing but a descriptor's opening. */
  #closeIdleLogs(except: FileLog): void {
    const written = new Set([...this.#running].map((container) => container.log));
    for (const [name, log] of this.#logs) {
      if (log === except || written.has(log)) continue;
      this.#logs.delete(name);
      log.close().catch(() => undefined);
    }
  }

  /** As Cloud Run's metadata server gives them: hexadecimal digits. */
  #drawId(): string {
    return Array.from({ length: 16 }, () =>
      Math.floor(this.#options.random() * 256)
        .toString(16)
        .padStart(2, "0"),
    ).join("");
  }
}
