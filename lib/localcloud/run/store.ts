import { Mutex } from "../platform/mutex.js";
import type { StoreChange } from "../platform/operations.js";
import type { DocumentStore } from "../platform/store.js";
import type { Policy, RevisionTemplate, Service } from "./contract/messages.js";
import { notFound } from "./errors.js";
import type { RevisionReference, RunNames, ServiceReference } from "./names.js";

/** What a caller sets of a service, defaults filled in. */
export type ServiceSpec = Pick<
  Service,
  | "description"
  | "labels"
  | "annotations"
  | "client"
  | "clientVersion"
  | "ingress"
  | "launchStage"
  | "traffic"
  | "scaling"
  | "invokerIamDisabled"
  | "customAudiences"
> & { readonly template: RevisionTemplate };

export interface ServiceRecord extends ServiceReference {
  readonly uid: string;
  readonly generation: number;
  readonly createTime: string;
  readonly updateTime: string;
  readonly spec: ServiceSpec;
  /** Number of the last revision. */
  readonly revisions: number;
  readonly latestCreated: string;
  readonly latestReady?: string;
  /** As it was last brought about: what serves. */
  readonly serving: {
    readonly generation: number;
    readonly traffic: readonly TrafficShare[];
    /** Why the wish of `generation` could not be brought about; absent is success. */
    readonly failure?: string;
    readonly time: string;
  };
  /** Of the front server, and of each tag's. */
  readonly port: number;
  readonly tagPorts: Readonly<Record<string, number>>;
  readonly policy?: Policy;
}

/** Traffic as it flows, revisions by their ids. */
export interface TrafficShare {
  readonly revision: string;
  readonly percent: number;
  readonly tag?: string;
  /** It follows the latest ready revision. */
  readonly latest: boolean;
}

export interface RevisionRecord extends RevisionReference {
  readonly uid: string;
  /** Of the service that made it. */
  readonly generation: number;
  readonly createTime: string;
  readonly updateTime: string;
  readonly template: RevisionTemplate;
  /** Undefined while its first instance starts. */
  readonly outcome?: { readonly ready: true } | { readonly ready: false; readonly message: string };
}

const SERVICES = "run/services";
const REVISIONS = "run/revisions";

const serviceKey = ({ location, service }: ServiceReference): string => `${location}/${service}`;
const revisionKey = (reference: RevisionReference): string => `${serviceKey(reference)}/${reference.revision}`;

/** Services and revisions; the only place of this service that knows the document store's keys. */
export class RunStore {
  readonly names: RunNames;
  readonly #documents: DocumentStore;
  readonly #mutex = new Mutex();

  constructor(documents: DocumentStore, names: RunNames) {
    this.#documents = documents;
    this.names = names;
  }

  /** Read, decide and write as one step: every change of a service or revision runs in here. */
  exclusive<T>(task: () => Promise<T>): Promise<T> {
    return this.#mutex.run(task);
  }

  findService(reference: ServiceReference): ServiceRecord | undefined {
    return this.#documents.get<ServiceRecord>(SERVICES, serviceKey(reference));
  }

  /** @throws CloudError NOT_FOUND */
  service(reference: ServiceReference): ServiceRecord {
    const found = this.findService(reference);
    if (found) return found;
    throw notFound("SERVICE", reference.service, reference.location, this.names.project.id);
  }

  services(location?: string): ServiceRecord[] {
    const all = this.#documents.list<ServiceRecord>(SERVICES).map(({ value }) => value);
    return location === undefined ? all : all.filter((service) => service.location === location);
  }

  findRevision(reference: RevisionReference): RevisionRecord | undefined {
    return this.#documents.get<RevisionRecord>(REVISIONS, revisionKey(reference));
  }

  /** @throws CloudError NOT_FOUND */
  revision(reference: RevisionReference): RevisionRecord {
    const found = this.findRevision(reference);
    if (found) return found;
    throw notFound("REVISION", reference.revision, reference.location, this.names.project.id);
  }

  /** Oldest first. */
  revisions({ location, service }: ServiceReference): RevisionRecord[] {
    return this.#documents
      .list<RevisionRecord>(REVISIONS)
      .map(({ value }) => value)
      .filter((revision) => revision.location === location && revision.service === service)
      .sort((a, b) => a.generation - b.generation);
  }

  serviceChange(record: ServiceRecord): StoreChange {
    return { collection: SERVICES, key: serviceKey(record), value: record };
  }

  revisionChange(record: RevisionRecord): StoreChange {
    return { collection: REVISIONS, key: revisionKey(record), value: record };
  }

  removeRevision(reference: RevisionReference): StoreChange {
    return { collection: REVISIONS, key: revisionKey(reference), value: undefined };
  }

  /** The service and all its revisions. */
  removeService(reference: ServiceReference): StoreChange[] {
    return [
      { collection: SERVICES, key: serviceKey(reference), value: undefined },
      ...this.revisions(reference).map((revision) => this.removeRevision(revision)),
    ];
  }

  async write(changes: readonly StoreChange[]): Promise<void> {
    await this.#documents.write(changes);
  }
}
