import { resourceName } from "../platform/names.js";
import type { Project } from "../platform/service.js";
import { invalidName } from "./errors.js";

/** What stands for a topic that is no more, in its subscriptions. */
export const DELETED_TOPIC = "_deleted-topic_";

const ID = /^[A-Za-z][A-Za-z0-9\-_.~+%]{2,254}$/;
const projectName = resourceName("projects/{project}");

const NAMES = {
  topic: resourceName("projects/{project}/topics/{id}"),
  subscription: resourceName("projects/{project}/subscriptions/{id}"),
  snapshot: resourceName("projects/{project}/snapshots/{id}"),
} as const;

export type ResourceKind = keyof typeof NAMES;

/** Names as kept: with the project's id, whichever of its two names the caller used. */
export class Names {
  readonly #project: Project;

  constructor(project: Project) {
    this.#project = project;
  }

  /** @throws CloudError INVALID_ARGUMENT */
  parse(kind: ResourceKind, name: string | undefined): string {
    const parts = NAMES[kind].tryParse(name ?? "");
    if (!parts || !ID.test(parts.id) || parts.id.startsWith("goog")) throw invalidName(name ?? "");
    return NAMES[kind].format({ ...parts, project: this.#projectId(parts.project) });
  }

  /** The project of `projects/P`. @throws CloudError INVALID_ARGUMENT */
  project(name: string | undefined): string {
    const parts = projectName.tryParse(name ?? "");
    if (!parts) throw invalidName(name ?? "");
    return this.#projectId(parts.project);
  }

  #projectId(given: string): string {
    return given === this.#project.number ? this.#project.id : given;
  }
}

/** Of a name in full. */
export function projectOf(name: string): string {
  return name.split("/")[1] ?? "";
}

export function idOf(name: string): string {
  return name.slice(name.lastIndexOf("/") + 1);
}
