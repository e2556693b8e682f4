import { requireProject, resourceName } from "../platform/names.js";
import type { Project } from "../platform/service.js";
import { unknownLocation } from "./errors.js";
import { LOCATIONS } from "./limits.js";

const location = resourceName("projects/{project}/locations/{location}");
const service = resourceName("projects/{project}/locations/{location}/services/{service}");
const revision = resourceName("projects/{project}/locations/{location}/services/{service}/revisions/{revision}");

export interface ServiceReference {
  readonly location: string;
  readonly service: string;
}

export interface RevisionReference extends ServiceReference {
  readonly revision: string;
}

/** Names of this cloud's one project. Requests may spell it by id or number; answers have the id, as Cloud Run's do. */
export class RunNames {
  readonly project: Project;

  constructor(project: Project) {
    this.project = project;
  }

  /** The location's id. @throws CloudError INVALID_ARGUMENT, PERMISSION_DENIED */
  parseLocation(name: string | undefined, field: string): string {
    return this.#checked(location.parse(name, field)).location;
  }

  /** @throws CloudError INVALID_ARGUMENT, PERMISSION_DENIED */
  parseService(name: string | undefined, field: string): ServiceReference {
    const parts = this.#checked(service.parse(name, field));
    return { location: parts.location, service: parts.service };
  }

  /** @throws CloudError INVALID_ARGUMENT, PERMISSION_DENIED */
  parseRevision(name: string | undefined, field: string): RevisionReference {
    const parts = this.#checked(revision.parse(name, field));
    return { location: parts.location, service: parts.service, revision: parts.revision };
  }

  location(id: string): string {
    return location.format({ project: this.project.id, location: id });
  }

  service(reference: ServiceReference): string {
    return service.format({ project: this.project.id, ...reference });
  }

  revision(reference: RevisionReference): string {
    return revision.format({ project: this.project.id, ...reference });
  }

  #checked<Parts extends { readonly project: string; readonly location: string }>(parts: Parts): Parts {
    requireProject(this.project, parts.project);
    if (!LOCATIONS.includes(parts.location)) throw unknownLocation(parts.location, this.project.id);
    return parts;
  }
}
