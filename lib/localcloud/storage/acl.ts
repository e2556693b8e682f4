import type { Project } from "../platform/service.js";
import { invalid, notFound } from "./errors.js";
import { ACL_ENTRIES_MAX } from "./limits.js";
import type { AclEntry } from "./records.js";

/** Access control lists (docs.cloud.google.com/storage/docs/access-control/lists). Everybody here is the project's owner. */

export const CALLER = "activate@localhost";

const BUCKET_ROLES = ["OWNER", "WRITER", "READER"];
const OBJECT_ROLES = ["OWNER", "READER"];

export type AclKind = "bucket" | "object";

/** The entries of a predefined list. @throws CloudError invalid for an unknown name */
export function predefined(kind: AclKind, name: string, { number }: Project): readonly AclEntry[] {
  const team = (who: string, role: string): AclEntry => ({ entity: `project-${who}-${number}`, role });
  const everyone = (role: string): AclEntry => ({ entity: "allUsers", role });
  const own: readonly AclEntry[] = kind === "bucket" ? [team("owners", "OWNER")] : [];
  switch (name) {
    case "private":
      return own;
    case "projectPrivate":
      return [team("owners", "OWNER"), team("editors", "OWNER"), team("viewers", "READER")];
    case "authenticatedRead":
      return [...own, { entity: "allAuthenticatedUsers", role: "READER" }];
    case "publicRead":
      return [...own, everyone("READER")];
    case "publicReadWrite":
      if (kind === "bucket") return [...own, everyone("WRITER")];
      break;
    case "bucketOwnerRead":
      if (kind === "object") return [team("owners", "READER")];
      break;
    case "bucketOwnerFullControl":
      if (kind === "object") return [team("owners", "OWNER")];
      break;
  }
  throw invalid(`Invalid predefined ACL: '${name}'`, "predefinedAcl");
}

/** The owner of an object always has an entry. */
export function withOwner(entries: readonly AclEntry[]): readonly AclEntry[] {
  const owner = `user-${CALLER}`;
  return [...entries.filter(({ entity }) => entity !== owner), { entity: owner, role: "OWNER" }];
}

/** Entries as a caller sends them with a bucket or object. @throws CloudError invalid */
export function readAcl(kind: AclKind, sent: unknown): readonly AclEntry[] {
  const entries = (sent as readonly { readonly entity?: string; readonly role?: string }[]).map((entry) =>
    readEntry(kind, entry.entity, entry.role),
  );
  if (entries.length > ACL_ENTRIES_MAX) throw invalid(`An access control list has at most ${ACL_ENTRIES_MAX} entries.`);
  return entries;
}

/** @throws CloudError invalid */
export function readEntry(kind: AclKind, entity: string | undefined, role: string | undefined): AclEntry {
  if (!entity || !/^(allUsers|allAuthenticatedUsers|(user|group|domain|project)-.+)$/.test(entity)) {
    throw invalid(`Invalid entity: '${entity ?? ""}'`);
  }
  const roles = kind === "bucket" ? BUCKET_ROLES : OBJECT_ROLES;
  const upper = role?.toUpperCase() ?? "";
  if (!roles.includes(upper)) throw invalid(`Invalid role: '${role ?? ""}'. It is one of ${roles.join(", ")}.`);
  return { entity, role: upper };
}

export function isPublicEntity(entity: string): boolean {
  return entity === "allUsers" || entity === "allAuthenticatedUsers";
}

/** @throws CloudError notFound */
export function findEntry(entries: readonly AclEntry[], entity: string): AclEntry {
  const found = entries.find((entry) => entry.entity === entity);
  if (!found) throw notFound();
  return found;
}

export function putEntry(entries: readonly AclEntry[], entry: AclEntry): readonly AclEntry[] {
  return entries.some(({ entity }) => entity === entry.entity)
    ? entries.map((other) => (other.entity === entry.entity ? entry : other))
    : [...entries, entry];
}

/** What is said of an entry beside its entity and role. */
export function entryDetails({ entity }: AclEntry): object {
  const [, kind, rest] = /^(user|group|domain|project)-(.+)$/.exec(entity) ?? [];
  switch (kind) {
    case "user":
    case "group":
      return { email: rest };
    case "domain":
      return { domain: rest };
    case "project": {
      const [, team, projectNumber] = /^(\w+)-(.+)$/.exec(rest ?? "") ?? [];
      return { projectTeam: { projectNumber, team } };
    }
    default:
      return {};
  }
}
