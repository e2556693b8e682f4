/** Services. Contract: google.cloud.run.v2.Services, gRPC and REST alike. */

import { checkEtag } from "../../platform/etags.js";
import { page } from "../../platform/pages.js";
import { timestamp } from "../../platform/time.js";
import type { FieldViolation, Handlers } from "../../platform/transport/handler.js";
import { refuseUnsupported } from "../../platform/unsupported.js";
import type { Methods, Operation, Service, UpdateServiceRequest } from "../contract/messages.js";
import { alreadyExists, notFound, revisionTaken, tooMany, violations } from "../errors.js";
import { REVISIONS_MAX, SERVICES_MAX } from "../limits.js";
import type { ServiceReference } from "../names.js";
import { serviceEtag, toService } from "../resource.js";
import { drawRevisionId, drawUuid, type Run } from "../run.js";
import { completeSpec, mergeSpec, SERVICE_SUPPORT, specProblems } from "../spec.js";
import type { RevisionRecord, ServiceRecord, ServiceSpec } from "../store.js";
import { isServiceId } from "../template.js";

type StartOperation = () => Operation | Promise<Operation>;

export function serviceHandlers(run: Run): Handlers<Methods> {
  const { names, store, operations, fleet, clock, random, project } = run;

  const make = (
    reference: ServiceReference,
    spec: ServiceSpec,
  ): { service: ServiceRecord; revision: RevisionRecord } => {
    const now = timestamp(clock.now());
    const revisionId = spec.template.revision ?? drawRevisionId(reference.service, 1, random);
    const service: ServiceRecord = {
      ...reference,
      uid: drawUuid(random),
      generation: 1,
      createTime: now,
      updateTime: now,
      spec,
      revisions: 1,
      latestCreated: revisionId,
      serving: { generation: 0, traffic: [], time: now },
      port: 0,
      tagPorts: {},
    };
    return { service, revision: makeRevision(service, now) };
  };

  const makeRevision = (service: ServiceRecord, now: string): RevisionRecord => ({
    location: service.location,
    service: service.service,
    revision: service.latestCreated,
    uid: drawUuid(random),
    generation: service.generation,
    createTime: now,
    updateTime: now,
    template: service.spec.template,
  });

  /** Stores a new service. Runs in `exclusive`; what it answers is called outside, since operations write by themselves. */
  const create = async (
    request: "CreateServiceRequest" | "UpdateServiceRequest",
    reference: ServiceReference,
    given: Service,
    validateOnly: boolean,
  ): Promise<StartOperation> => {
    const spec = completeSpec(given, project);
    const problems = [...serviceIdProblems(reference.service), ...specProblems(spec, reference.service, () => false)];
    if (problems.length > 0) throw violations(request, problems);
    if (store.findService(reference)) throw alreadyExists(reference.service);
    if (store.services(reference.location).length >= SERVICES_MAX) throw tooMany("services in a region", SERVICES_MAX);
    const { service, revision } = make(reference, spec);
    if (validateOnly) return () => validated(names.location(reference.location), service);
    const listening = await fleet.listen(service);
    await store.write([store.serviceChange(listening), store.revisionChange(revision)]);
    fleet.apply(listening);
    return () => operations.start("deploy", names.location(reference.location), { ...reference, generation: 1 });
  };

  /** The operation of a call that was only checked: done, nothing stored. */
  const validated = (parent: string, service: ServiceRecord): Operation => {
    const resource = toService(store, service);
    const typed = { "@type": "type.googleapis.com/google.cloud.run.v2.Service", ...resource };
    return { name: `${parent}/operations/${drawUuid(random)}`, done: true, metadata: typed, response: typed };
  };

  const update = async (
    reference: ServiceReference,
    current: ServiceRecord,
    request: UpdateServiceRequest,
  ): Promise<StartOperation> => {
    const given = request.service ?? {};
    checkEtag(given.etag || undefined, serviceEtag(store, current), names.service(reference));
    const spec = completeSpec(mergeSpec(current.spec, given, request.updateMask), project);
    const isRevision = (revision: string): boolean => store.findRevision({ ...reference, revision }) !== undefined;
    const problems = specProblems(spec, reference.service, isRevision);
    if (problems.length > 0) throw violations("UpdateServiceRequest", problems);
    const isNew = JSON.stringify(spec.template) !== JSON.stringify(current.spec.template);
    if (isNew && spec.template.revision !== undefined && isRevision(spec.template.revision)) {
      throw revisionTaken(spec.template.revision);
    }
    if (isNew && store.revisions(reference).length >= REVISIONS_MAX) throw tooMany("revisions", REVISIONS_MAX);
    const now = timestamp(clock.now());
    const number = isNew ? current.revisions + 1 : current.revisions;
    const next: ServiceRecord = {
      ...current,
      spec,
      generation: current.generation + 1,
      updateTime: now,
      revisions: number,
      latestCreated: isNew
        ? (spec.template.revision ?? drawRevisionId(reference.service, number, random))
        : current.latestCreated,
    };
    const parent = names.location(reference.location);
    if (request.validateOnly) return () => validated(parent, next);
    await store.write([store.serviceChange(next), ...(isNew ? [store.revisionChange(makeRevision(next, now))] : [])]);
    fleet.apply(next);
    return () => operations.start("deploy", parent, { ...reference, generation: next.generation });
  };

  return {
    /** @throws ALREADY_EXISTS, INVALID_ARGUMENT, RESOURCE_EXHAUSTED */
    "Services.CreateService": async (request) => {
      refuseUnsupported(request, {
        honoured: ["parent", "serviceId", "validateOnly", ...SERVICE_SUPPORT.honoured],
        ignored: SERVICE_SUPPORT.ignored,
      });
      const location = names.parseLocation(request.parent, "parent");
      const reference = { location, service: request.serviceId ?? "" };
      const start = await store.exclusive(() =>
        create("CreateServiceRequest", reference, request.service ?? {}, request.validateOnly ?? false),
      );
      return start();
    },

    /** @throws NOT_FOUND */
    "Services.GetService": (request) => toService(store, store.service(names.parseService(request.name, "name"))),

    /** Newest first. */
    "Services.ListServices": (request) => {
      refuseUnsupported(request, { honoured: ["parent", "pageSize", "pageToken"], ignored: ["showDeleted"] });
      const location = names.parseLocation(request.parent, "parent");
      const newest = { read: (service: ServiceRecord) => service.createTime, descending: true };
      const { items, nextPageToken } = page(store.services(location), request, [newest], (one) => one.service, [
        "services",
        location,
      ]);
      return { services: items.map((service) => toService(store, service)), nextPageToken };
    },

    /** @throws NOT_FOUND, ABORTED for a stale etag, ALREADY_EXISTS for a revision's name, INVALID_ARGUMENT */
    "Services.UpdateService": async (request) => {
      refuseUnsupported(request, {
        honoured: ["updateMask", "validateOnly", "allowMissing", ...SERVICE_SUPPORT.honoured],
        ignored: SERVICE_SUPPORT.ignored,
      });
      const reference = names.parseService(request.service?.name, "service.name");
      const start = await store.exclusive(async () => {
        const current = store.findService(reference);
        if (current) return update(reference, current, request);
        if (!request.allowMissing) {
          throw notFound("SERVICE", reference.service, reference.location, project.id);
        }
        return create("UpdateServiceRequest", reference, request.service ?? {}, request.validateOnly ?? false);
      });
      return start();
    },

    /** @throws NOT_FOUND, ABORTED for a stale etag */
    "Services.DeleteService": async (request) => {
      const reference = names.parseService(request.name, "name");
      const start = await store.exclusive(async (): Promise<StartOperation> => {
        const current = store.service(reference);
        checkEtag(request.etag || undefined, serviceEtag(store, current), names.service(reference));
        if (request.validateOnly) return () => validated(names.location(reference.location), current);
        const now = clock.now();
        const resource: Service = {
          ...toService(store, current),
          deleteTime: timestamp(now),
          expireTime: timestamp(now + 30 * 24 * 3600 * 1000),
        };
        await store.write(store.removeService(reference));
        // Its requests and instances end while the operation already says that it is gone.
        fleet.remove(reference).catch(() => undefined);
        return () => operations.start("deleteService", names.location(reference.location), { ...reference, resource });
      });
      return start();
    },
  };
}

function serviceIdProblems(id: string): FieldViolation[] {
  if (isServiceId(id)) return [];
  return [
    {
      field: "service_id",
      description:
        "Resource name must use only lowercase, alphanumeric characters and '-', must begin with a letter, cannot end with '-', and must be less than 50 characters.",
    },
  ];
}
