import { existsSync, mkdirSync, readFileSync, renameSync, rmSync } from "node:fs";
import { type FileHandle, open } from "node:fs/promises";
import { dirname, join } from "node:path";
import { Mutex } from "../mutex.js";

/** Cloud Logging takes no longer entry (docs.cloud.google.com/logging/quotas). */
const LINE_CHARACTERS_MAX = 256 * 1024;
/** A full file becomes `.1` and replaces the one before: at most twice this much is kept of a log. */
const FILE_BYTES_MAX = 4 * 1024 * 1024;

export interface LogLine {
  /** Milliseconds since 1970 at which it was written. */
  readonly timeMs: number;
  /** "system": what the platform says about the container, not the container itself. */
  readonly stream: "stdout" | "stderr" | "system";
  readonly text: string;
  /** Of the container that wrote it. */
  readonly instanceId: string;
}

/** Lines of containers, kept in a file of bounded size that outlives the cloud. A line that was read out is in the file. */
export interface ContainerLog {
  append(line: LogLine): void;
  /** The newest `count` lines, oldest first. */
  tail(count: number): Promise<readonly LogLine[]>;
  /** All lines kept that were written at `timeMs` or later, oldest first. */
  since(timeMs: number): Promise<readonly LogLine[]>;
  /** Resolves once all lines so far are in the file. */
  flush(): Promise<void>;
}

export class FileLog implements ContainerLog {
  readonly #path: string;
  readonly #bytesMax: number;
  readonly #mutex = new Mutex();
  #pending: string[] = [];
  #flushing: Promise<void> | undefined;
  #file: FileHandle | undefined;
  #bytes = 0;

  constructor(path: string, bytesMax = FILE_BYTES_MAX) {
    this.#path = path;
    this.#bytesMax = bytesMax;
  }

  append(line: LogLine): void {
    const text = line.text.length > LINE_CHARACTERS_MAX ? line.text.slice(0, LINE_CHARACTERS_MAX) : line.text;
    this.#pending.push(`${JSON.stringify({ ...line, text })}\n`);
    this.#flushing ??= this.#mutex.run(() => this.#write());
    // A full disk loses lines, not the container.
    this.#flushing.catch(() => undefined);
  }

  async tail(count: number): Promise<readonly LogLine[]> {
    return (await this.#read()).slice(-count);
  }

  async since(timeMs: number): Promise<readonly LogLine[]> {
    return (await this.#read()).filter((line) => line.timeMs >= timeMs);
  }

  /** What was appended before is ahead in the queue. */
  flush(): Promise<void> {
    return this.#mutex.run(async () => undefined);
  }

  async close(): Promise<void> {
    await this.#mutex.run(async () => {
      await this.#file?.close();
      this.#file = undefined;
    });
  }

  async #write(): Promise<void> {
    this.#flushing = undefined;
    const bytes = Buffer.from(this.#pending.splice(0).join(""));
    if (this.#bytes + bytes.length > this.#bytesMax && this.#file) {
      await this.#file.close();
      this.#file = undefined;
      renameSync(this.#path, `${this.#path}.1`);
    }
    if (!this.#file) {
      mkdirSync(dirname(this.#path), { recursive: true });
      this.#file = await open(this.#path, "a");
      this.#bytes = (await this.#file.stat()).size;
    }
    await this.#file.appendFile(bytes);
    this.#bytes += bytes.length;
  }

  async #read(): Promise<LogLine[]> {
    return this.#mutex.run(async () => [`${this.#path}.1`, this.#path].flatMap(linesOf));
  }
}

/** A last line cut off by a crash is left out. */
function linesOf(path: string): LogLine[] {
  if (!existsSync(path)) return [];
  return readFileSync(path, "utf8")
    .split("\n")
    .flatMap((text) => {
      try {
        return [JSON.parse(text) as LogLine];
      } catch {
        return [];
      }
    });
}

/** A log's file below `folder`: one segment of the name, one folder. */
export function logFile(folder: string, name: string): string {
  const segments = name.split("/").map((segment) => segment.replace(/[^\w.-]/g, "_").replace(/^\.+/, "_"));
  return `${join(folder, ...segments)}.jsonl`;
}

/** Removes the file of a log, or the folder of all logs whose names begin with `name/`. */
export function removeLogFiles(folder: string, name: string): void {
  const file = logFile(folder, name);
  for (const path of [file, `${file}.1`, file.replace(/\.jsonl$/, "")]) {
    rmSync(path, { recursive: true, force: true });
  }
}

/** Cuts a stream into lines, whatever its chunks. @returns a function that takes the rest as the last line. */
export function splitLines(stream: NodeJS.ReadableStream, take: (line: string) => void): () => void {
  let rest = "";
  stream.setEncoding("utf8");
  stream.on("data", (chunk: string) => {
    const lines = (rest + chunk).split("\n");
    rest = lines.pop() ?? "";
    for (const line of lines) take(line.replace(/\r$/, ""));
    if (rest.length > LINE_CHARACTERS_MAX) {
      take(rest);
      rest = "";
    }
  });
  return () => {
    if (rest !== "") take(rest);
    rest = "";
  };
}
