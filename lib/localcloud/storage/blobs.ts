import { randomBytes } from "node:crypto";
import { createReadStream, existsSync, mkdirSync, readdirSync, rmSync } from "node:fs";
import { type FileHandle, link, open, readFile, rm } from "node:fs/promises";
import { join } from "node:path";
import type { Readable } from "node:stream";
import { type Checksums, Hasher } from "./checksums.js";

/** Bytes on disk, named by an id that is never given twice, and what was computed on their way there. */
export interface Blob extends Checksums {
  readonly id: string;
  readonly size: number;
}

/**
 * The bytes of objects, a file each, never changed once written. A file counts from the moment a record names it: what
 * a crash leaves without a record is removed at the next start.
 */
export class BlobStore {
  readonly #folder: string;

  constructor(folder: string) {
    this.#folder = folder;
    if (existsSync(join(folder, "ff"))) return;
    for (let shelf = 0; shelf < 256; shelf++) {
      mkdirSync(join(folder, shelf.toString(16).padStart(2, "0")), { recursive: true });
    }
  }

  /** Removes every file that no record names. */
  sweep(named: ReadonlySet<string>): void {
    for (const shelf of readdirSync(this.#folder)) {
      for (const id of readdirSync(join(this.#folder, shelf))) {
        if (!named.has(id)) rmSync(this.#path(id), { force: true });
      }
    }
  }

  /** Writes what comes; on disk when it resolves, nothing left behind when it fails. */
  async write(content: Uint8Array | AsyncIterable<Uint8Array>): Promise<Blob> {
    const id = this.#newId();
    const hasher = new Hasher();
    const file = await open(this.#path(id), "wx");
    try {
      try {
        const parts = content instanceof Uint8Array ? [content] : content;
        for await (const part of parts) {
          hasher.update(part);
          await writeAll(file, part, hasher.bytes - part.length);
        }
        await file.sync();
      } finally {
        await file.close();
      }
      await this.#syncShelf(id);
    } catch (thrown) {
      await rm(this.#path(id), { force: true });
      throw thrown;
    }
    return { id, size: hasher.bytes, ...hasher.digest() };
  }

  /** The bytes of a finished file from elsewhere on the same disk; that file stays. */
  async take(path: string): Promise<string> {
    const id = this.#newId();
    await link(path, this.#path(id));
    await this.#syncShelf(id);
    return id;
  }

  /** The same bytes under another id, at no cost. */
  async duplicate(id: string): Promise<string> {
    const twin = this.#newId();
    await link(this.#path(id), this.#path(twin));
    await this.#syncShelf(twin);
    return twin;
  }

  async remove(id: string): Promise<void> {
    await rm(this.#path(id), { force: true });
  }

  /** From `start` to `end`, both included. The file is open when this returns: a removal does not break the reading. */
  async read(id: string, range?: { readonly start: number; readonly end: number }): Promise<Readable> {
    const file = await open(this.#path(id), "r");
    return file.createReadStream({ ...range, highWaterMark: 256 * 1024 });
  }

  /** The same, opened when it is first read. */
  lazyRead(id: string): Readable {
    return createReadStream(this.#path(id));
  }

  readWhole(id: string): Promise<Buffer> {
    return readFile(this.#path(id));
  }

  #newId(): string {
    return randomBytes(16).toString("hex");
  }

  #path(id: string): string {
    return join(this.#folder, id.slice(0, 2), id);
  }

  async #syncShelf(id: string): Promise<void> {
    await syncFolder(join(this.#folder, id.slice(0, 2)));
  }
}

/** A file's name survives a crash only once its folder is on disk as well. */
export async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, "r");
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

export async function writeAll(file: FileHandle, part: Uint8Array, position: number): Promise<void> {
  let written = 0;
  while (written < part.length) {
    const { bytesWritten } = await file.write(part, written, part.length - written, position + written);
    written += bytesWritten;
  }
}
