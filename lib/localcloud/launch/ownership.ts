import { randomUUID } from "node:crypto";
import { linkSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { isAlive, ownIdentity, type ProcessIdentity } from "../platform/processes.js";
import { errorCode } from "./errors.js";

/** What the lock file of an owned folder says; `rest` and `grpc` appear when the owner answers there. */
export interface Owner extends ProcessIdentity {
  /** Drawn anew by every owner: two owners are never mistaken for each other. */
  readonly token: string;
  readonly project: string;
  readonly rest?: string;
  readonly grpc?: string;
}

export interface Ownership {
  /** Replaces what the lock file says about us. */
  publish(owner: Pick<Owner, "rest" | "grpc">): void;
  /** Removes the lock file if it is still ours. */
  release(): void;
}

/** The owner that the lock file names, dead or alive; undefined when there is none. */
export function readOwner(lockFile: string): Owner | undefined {
  let text: string;
  try {
    text = readFileSync(lockFile, "utf8");
  } catch (thrown) {
    if (errorCode(thrown) === "ENOENT") return undefined;
    throw thrown;
  }
  return parseOwner(text);
}

/** The owner that the lock file names, if that very process runs. */
export function readLivingOwner(lockFile: string): Owner | undefined {
  const owner = readOwner(lockFile);
  return owner && isAlive(owner) ? owner : undefined;
}

/**
 * Takes the lock for this process: one of any number of processes that try at once gets it, the others get undefined.
 *
 * The lock appears whole or not at all (a hard link to a finished file). The lock of a dead process is replaced only by
 * whoever holds a second lock named after the dead owner's token and still sees that token, so a late comer cannot
 * push a living owner aside.
 */
export function takeOwnership(lockFile: string, project: string): Ownership | undefined {
  const owner: Owner = { ...ownIdentity(), token: randomUUID(), project };
  return take(lockFile, owner) ? ownership(lockFile, owner) : undefined;
}

function take(lockFile: string, owner: Owner): boolean {
  const draft = `${lockFile}.${owner.token}`;
  writeFileSync(draft, JSON.stringify(owner));
  try {
    for (;;) {
      if (linked(draft, lockFile)) return true;
      const text = readText(lockFile);
      if (text === undefined) continue; // Released between the two looks: try again.
      const holder = parseOwner(text);
      if (holder && isAlive(holder)) return false;
      const takeover = `${lockFile}.after-${holder?.token ?? "damaged"}`;
      if (!take(takeover, { ...owner, token: randomUUID() })) return false;
      try {
        if (readText(lockFile) !== text) continue;
        renameSync(draft, lockFile);
        return true;
      } finally {
        rmSync(takeover, { force: true });
      }
    }
  } finally {
    rmSync(draft, { force: true });
  }
}

function linked(from: string, to: string): boolean {
  try {
    linkSync(from, to);
    return true;
  } catch (thrown) {
    if (errorCode(thrown) === "EEXIST") return false;
    throw thrown;
  }
}

function ownership(lockFile: string, owner: Owner): Ownership {
  return {
    publish: (addresses) => {
      const draft = `${lockFile}.${owner.token}`;
      writeFileSync(draft, JSON.stringify({ ...owner, ...addresses }));
      renameSync(draft, lockFile);
    },
    release: () => {
      if (readOwner(lockFile)?.token === owner.token) rmSync(lockFile, { force: true });
    },
  };
}

function readText(file: string): string | undefined {
  try {
    return readFileSync(file, "utf8");
  } catch (thrown) {
    if (errorCode(thrown) === "ENOENT") return undefined;
    throw thrown;
  }
}

/** A damaged lock names nobody: whoever wrote it does not run, since a lock is linked only when it is whole. */
function parseOwner(text: string): Owner | undefined {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return undefined;
  }
  if (typeof value !== "object" || value === null) return undefined;
  const { pid, startTime, token, project, rest, grpc } = value as Record<string, unknown>;
  if (typeof pid !== "number" || typeof startTime !== "string") return undefined;
  if (typeof token !== "string" || typeof project !== "string") return undefined;
  return {
    pid,
    startTime,
    token,
    project,
    ...(typeof rest === "string" ? { rest } : {}),
    ...(typeof grpc === "string" ? { grpc } : {}),
  };
}
