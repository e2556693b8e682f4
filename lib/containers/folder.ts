import { mkdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { configFrom } from "../cloud/config.js";
import { addressOf, Connections } from "../cloud/connections.js";
import { ActivateError } from "../cloud/errors.js";
import { CloudStorage } from "../cloud/storage.js";
import type { ContainerHost } from "./host.js";

/** Where a program keeps small texts: a folder of Cloud Storage, or of the machine. */
export interface Folder {
  readonly uri: string;
  /** @throws ActivateError NOT_FOUND when the bucket is not there. */
  check(): Promise<void>;
  /** Undefined when there is no such file. */
  read(name: string): Promise<string | undefined>;
  /** Whole or not at all. */
  write(name: string, text: string): Promise<void>;
  remove(name: string): Promise<void>;
}

/** The clients of a program: of the configuration in its environment. @throws ActivateError CONFIGURATION */
export function connectionsOf({ environment }: ContainerHost): Connections {
  const config = configFrom(environment);
  return new Connections(config, addressOf(config, environment));
}

/** @param uri `gs://BUCKET/FOLDER/`, or a path. */
export function folderOf(uri: string, connections: () => Connections): Folder {
  return uri.startsWith("gs://") ? cloudFolder(uri, new CloudStorage(connections())) : localFolder(uri);
}

function cloudFolder(given: string, storage: CloudStorage): Folder {
  const uri = given.endsWith("/") ? given : `${given}/`;
  const bucket = uri.split("/")[2] ?? "";
  return {
    uri,
    check: async () => {
      if ((await storage.findBucket(bucket)) !== undefined) return;
      throw new ActivateError("NOT_FOUND", `bucket ${bucket} of ${uri} does not exist, or this account may not see it`);
    },
    read: async (name) => {
      try {
        return await storage.read(uri + name);
      } catch (thrown) {
        if (thrown instanceof ActivateError && thrown.status === "NOT_FOUND") return undefined;
        throw thrown;
      }
    },
    write: async (name, text) => {
      await storage.upload(uri + name, text, { contentType: "application/json" });
    },
    remove: (name) => storage.remove(uri + name),
  };
}

function localFolder(uri: string): Folder {
  return {
    uri,
    check: async () => {
      await mkdir(uri, { recursive: true });
    },
    read: async (name) => {
      try {
        return await readFile(join(uri, name), "utf8");
      } catch (thrown) {
        if ((thrown as NodeJS.ErrnoException).code === "ENOENT") return undefined;
        throw thrown;
      }
    },
    write: async (name, text) => {
      await mkdir(uri, { recursive: true });
      await writeFile(join(uri, `${name}.part`), text);
      await rename(join(uri, `${name}.part`), join(uri, name));
    },
    remove: (name) => rm(join(uri, name), { force: true }),
  };
}
