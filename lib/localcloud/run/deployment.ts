/** What create, update and delete bring about: the long-running part, taken up again when the process died in it. */

import type { Clock } from "../platform/clock.js";
import { CloudError } from "../platform/errors.js";
import type { OperationKind } from "../platform/operations.js";
import { timestamp } from "../platform/time.js";
import type { Revision, Service } from "./contract/messages.js";
import type { ServiceReference } from "./names.js";
import { toService } from "./resource.js";
import type { Fleet } from "./serving/fleet.js";
import type { RunStore, ServiceRecord } from "./store.js";
import { resolveTraffic } from "./traffic.js";

export type OperationArguments = {
  readonly deploy: ServiceReference & { readonly generation: number };
  readonly deleteService: ServiceReference & { readonly resource: Service };
  readonly deleteRevision: { readonly resource: Revision };
};

const TYPE = "google.cloud.run.v2.";

export interface DeploymentOptions {
  readonly store: RunStore;
  readonly fleet: Fleet;
  readonly clock: Clock;
}

type Kinds = { readonly [Kind in keyof OperationArguments]: OperationKind<OperationArguments[Kind]> };

/** The resource itself is metadata and response (contracts 6.1): a client decodes both as it, whatever the type says. */
export function operationKinds(options: DeploymentOptions): Kinds {
  const { store } = options;
  const serviceTypes = { responseType: `${TYPE}Service`, metadataType: `${TYPE}Service`, stages: [{}] };
  return {
    deploy: {
      ...serviceTypes,
      describe: (args) => {
        const record = store.findService(args);
        return record ? toService(store, record) : {};
      },
      work: (args, _stage, signal) => deploy(options, args, signal),
      finish: async (args) => {
        const record = store.service(args);
        if (record.serving.failure !== undefined) throw new CloudError("FAILED_PRECONDITION", record.serving.failure);
        return { response: toService(store, record), changes: [] };
      },
    },
    deleteService: {
      ...serviceTypes,
      describe: ({ resource }) => resource,
      finish: async ({ resource }) => ({ response: resource, changes: [] }),
    },
    deleteRevision: {
      responseType: `${TYPE}Revision`,
      metadataType: `${TYPE}Revision`,
      stages: [{}],
      describe: ({ resource }) => resource,
      finish: async ({ resource }) => ({ response: resource, changes: [] }),
    },
  };
}

/** Tries the newest revision out and turns the traffic to what was asked for; a failure leaves what served before. */
export async function deploy(
  { store, fleet, clock }: DeploymentOptions,
  args: OperationArguments["deploy"],
  signal: AbortSignal,
): Promise<void> {
  const record = store.findService(args);
  // Deleted meanwhile, or a later change has seen to it.
  if (!record || record.serving.generation >= args.generation) return;
  const created = store.revision({ ...args, revision: record.latestCreated });
  if (created.outcome === undefined) {
    const failure = await fleet.pool(args, created.revision).tryOut();
    // A trial that was broken off says nothing about the revision.
    signal.throwIfAborted();
    await store.exclusive(async () => {
      const outcome = failure === undefined ? { ready: true as const } : { ready: false as const, message: failure };
      if (!store.findRevision(created)) return;
      await store.write([store.revisionChange({ ...created, outcome, updateTime: timestamp(clock.now()) })]);
    });
  }
  await store.exclusive(async () => {
    const current = store.findService(args);
    if (!current || current.serving.generation >= args.generation) return;
    const settled = await fleet.listen(settle(store, current, args.generation, timestamp(clock.now())));
    await store.write([store.serviceChange(settled)]);
    fleet.apply(settled);
  });
}

function settle(store: RunStore, record: ServiceRecord, generation: number, time: string): ServiceRecord {
  const created = store.findRevision({ ...record, revision: record.latestCreated })?.outcome;
  const latestReady = store.revisions(record).findLast(({ outcome }) => outcome?.ready)?.revision;
  const traffic = resolveTraffic(record.spec.traffic ?? [], latestReady);
  const failure = created?.ready === false ? created.message : undefined;
  // Newer wishes have operations of their own, which wait for their revisions.
  const observed = created === undefined ? generation : record.generation;
  const tags = failure === undefined && traffic ? traffic : record.serving.traffic;
  const tagPorts = Object.fromEntries(
    tags.flatMap(({ tag }) => (tag === undefined ? [] : [[tag, record.tagPorts[tag] ?? 0]])),
  );
  return {
    ...record,
    ...(latestReady === undefined ? {} : { latestReady }),
    tagPorts,
    serving: {
      generation: observed,
      traffic: tags,
      time,
      ...(failure === undefined ? {} : { failure }),
    },
  };
}
