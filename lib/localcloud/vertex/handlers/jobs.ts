/** What every kind of job has alike: get, list, cancel, delete (job_service.proto). */

import { type FilterFields, parseFilter } from "../../platform/filter.js";
import type { ResourceName } from "../../platform/names.js";
import type { OrderTerm } from "../../platform/order.js";
import { page } from "../../platform/pages.js";
import { refuseUnsupported } from "../../platform/unsupported.js";
import type { Operation } from "../contract/messages.js";
import { jobNotFound, jobRunning } from "../errors.js";
import { isFinal, type JobRecord } from "../jobs/record.js";
import type { JobRunner } from "../jobs/runner.js";
import { locationName, parseName } from "../names.js";
import type { Vertex } from "../vertex.js";

interface Described {
  readonly displayName?: string | undefined;
  readonly labels?: Readonly<Record<string, string>> | undefined;
}

export interface JobKind<Resource extends Described> {
  /** "CustomJob" */
  readonly kind: string;
  readonly name: ResourceName<"project" | "location" | "job">;
  readonly runner: JobRunner<Resource>;
  readonly render: (job: JobRecord<Resource>) => Resource;
  readonly deletion: "deleteCustomJob" | "deleteBatchPredictionJob";
  readonly filterFields?: FilterFields<JobRecord<Resource>>;
}

/** Ids rise with time. */
const NEWEST_FIRST: OrderTerm<{ readonly jobId: string }> = { read: ({ jobId }) => jobId, descending: true };

interface NameRequest {
  readonly name?: string | undefined;
}

interface ListRequest {
  readonly parent?: string | undefined;
  readonly filter?: string | undefined;
  readonly pageSize?: number | undefined;
  readonly pageToken?: string | undefined;
}

export function jobHandlers<Resource extends Described>(vertex: Vertex, kind: JobKind<Resource>) {
  const { store, operations } = vertex;
  const { runner } = kind;
  const find = ({ name }: NameRequest): JobRecord<Resource> => {
    const { location, job: jobId } = parseName(store.project, kind.name, name, "name");
    const found = runner.find(location, jobId);
    if (found) return found;
    const others = runner.list().filter((job) => job.jobId === jobId);
    const full = kind.name.format({ project: store.project.number, location, job: jobId });
    throw jobNotFound(
      kind.kind,
      full,
      others.map((job) => job.location),
    );
  };
  const filterFields: FilterFields<JobRecord<Resource>> = {
    display_name: {
      kind: "text",
      operators: ["=", "!=", ":"],
      read: ({ resource }) => resource.displayName ?? "",
    },
    state: { kind: "text", operators: ["=", "!="], read: ({ state }) => state },
    create_time: {
      kind: "time",
      operators: ["=", "!=", "<", "<=", ">", ">="],
      read: ({ createTime }) => createTime,
    },
    labels: { kind: "map", read: ({ resource }) => resource.labels ?? {} },
    ...kind.filterFields,
  };
  return {
    get: (request: NameRequest): Resource => kind.render(find(request)),

    /** Newest first. @throws INVALID_ARGUMENT for a bad filter or page token. */
    list: (request: ListRequest): { items: Resource[]; nextPageToken: string | undefined } => {
      const { location } = parseName(store.project, locationName, request.parent, "parent");
      refuseUnsupported(request, { honoured: ["parent", "filter", "pageSize", "pageToken"] });
      const found = runner.list(location).filter(parseFilter(request.filter ?? "", filterFields));
      const scope = [location, request.filter];
      const { items, nextPageToken } = page(found, request, [NEWEST_FIRST], (job) => job.jobId, scope);
      return { items: items.map(kind.render), nextPageToken };
    },

    /** Asks for it: the job may still end otherwise. One that has ended stays as it is. */
    cancel: async (request: NameRequest): Promise<Record<string, never>> => {
      await runner.cancel(find(request));
      return {};
    },

    /** @throws FAILED_PRECONDITION while the job has not ended. */
    remove: (request: NameRequest): Promise<Operation> => {
      const job = find(request);
      const { location, jobId } = job;
      if (!isFinal(job)) throw jobRunning(kind.kind, request.name ?? "", job.state);
      return operations.start(kind.deletion, store.locationName(location), { location, jobId });
    },
  };
}
