/** Endpoints. Contract: google.cloud.aiplatform.v1.EndpointService, gRPC and REST alike. */

import { checkEtag } from "../../platform/etags.js";
import { parseFieldMask } from "../../platform/fieldMask.js";
import { type FilterFields, parseFilter } from "../../platform/filter.js";
import { type OrderFields, parseOrderBy } from "../../platform/order.js";
import { page } from "../../platform/pages.js";
import type { Handlers } from "../../platform/transport/handler.js";
import { refuseUnsupported } from "../../platform/unsupported.js";
import type { Endpoint, Methods } from "../contract/messages.js";
import { alreadyExists, endpointInUse, invalidField, invalidFields } from "../errors.js";
import { ENDPOINT_ID } from "../limits.js";
import { endpointEtag, toEndpoint } from "../messages.js";
import { endpointName, locationName, parseName } from "../names.js";
import type { EndpointRecord } from "../store.js";
import { splitProblem } from "../traffic.js";
import { describedProblems, now, type Vertex } from "../vertex.js";

const HONOURED = ["displayName", "description", "labels", "trafficSplit", "etag", "name"];

const FILTER_FIELDS: FilterFields<EndpointRecord> = {
  endpoint: { kind: "text", operators: ["=", "!="], read: (endpoint) => endpoint.endpointId },
  display_name: { kind: "text", operators: ["=", "!="], read: (endpoint) => endpoint.resource.displayName ?? "" },
  labels: { kind: "map", read: (endpoint) => endpoint.resource.labels ?? {} },
};

const ORDER_FIELDS: OrderFields<EndpointRecord> = {
  display_name: (endpoint) => endpoint.resource.displayName ?? "",
  create_time: (endpoint) => endpoint.resource.createTime ?? "",
  update_time: (endpoint) => endpoint.resource.updateTime ?? "",
};

const UPDATABLE = ["display_name", "description", "labels", "traffic_split"];

export function endpointHandlers(vertex: Vertex): Handlers<Methods> {
  const { store, operations } = vertex;
  const { project } = store;
  return {
    /** @throws INVALID_ARGUMENT for a bad id, name, label or split; ALREADY_EXISTS for an id in use. */
    "EndpointService.CreateEndpoint": async (request) => {
      const { location } = parseName(project, locationName, request.parent, "parent");
      refuseUnsupported(request, {
        honoured: ["parent", "endpointId", ...HONOURED.map((field) => `endpoint.${field}`)],
      });
      const endpoint = request.endpoint ?? {};
      const violations = describedProblems("endpoint", endpoint);
      const { endpointId: wanted } = request;
      if (wanted !== undefined && !ENDPOINT_ID.test(wanted)) {
        violations.push({
          field: "endpoint_id",
          description:
            "Must be a letter followed by up to 62 lowercase letters, numbers or hyphens, ending in a letter or number; or up to 9 digits without a leading zero.",
        });
      }
      const split = splitProblem(endpoint.trafficSplit ?? {}, [], "endpoint.traffic_split");
      if (split) violations.push(split);
      if (violations.length > 0) throw invalidFields(violations);
      const isTaken = (id: string): boolean =>
        store.findEndpoint(location, id) !== undefined ||
        operations.running("createEndpoint").some((other) => other.location === location && other.endpointId === id);
      if (wanted !== undefined && isTaken(wanted))
        throw alreadyExists("Endpoint", store.endpointName(location, wanted));
      const endpointId = wanted ?? vertex.ids.next(isTaken);
      const time = now(vertex);
      const record: EndpointRecord = {
        location,
        endpointId,
        resource: {
          displayName: endpoint.displayName,
          description: endpoint.description,
          labels: endpoint.labels,
          createTime: time,
          updateTime: time,
        },
        deployedModels: [],
        trafficSplit: {},
      };
      return operations.start("createEndpoint", store.endpointName(location, endpointId), record);
    },

    "EndpointService.GetEndpoint": (request) => {
      const { location, endpoint } = parseName(project, endpointName, request.name, "name");
      return toEndpoint(store, store.endpoint(location, endpoint));
    },

    /** Newest first unless `order_by` says otherwise. @throws INVALID_ARGUMENT for a bad filter, order or page token. */
    "EndpointService.ListEndpoints": (request) => {
      const { location } = parseName(project, locationName, request.parent, "parent");
      refuseUnsupported(request, { honoured: ["parent", "filter", "pageSize", "pageToken", "orderBy"] });
      const matches = parseFilter(request.filter ?? "", FILTER_FIELDS);
      const order = parseOrderBy(request.orderBy || "create_time desc", ORDER_FIELDS);
      const found = store.endpoints(location).filter(matches);
      const { items, nextPageToken } = page(found, request, order, (endpoint) => endpoint.endpointId, [
        location,
        request.filter,
        request.orderBy,
      ]);
      return { endpoints: items.map((endpoint) => toEndpoint(store, endpoint)), nextPageToken };
    },

    /** One call, no operation: traffic moves at once. @throws INVALID_ARGUMENT, NOT_FOUND, ABORTED for a stale etag. */
    "EndpointService.UpdateEndpoint": (request) => {
      const endpoint = request.endpoint ?? {};
      const { location, endpoint: id } = parseName(project, endpointName, endpoint.name, "endpoint.name");
      const paths = parseFieldMask(request.updateMask, UPDATABLE);
      return store.exclusive(async () => {
        const current = store.endpoint(location, id);
        checkEtag(endpoint.etag, endpointEtag(current), store.endpointName(location, id));
        const changed = update(current, endpoint, paths, now(vertex));
        await store.write([store.endpointChange(changed)]);
        return toEndpoint(store, changed);
      });
    },

    /** @throws FAILED_PRECONDITION while models are deployed or being deployed. */
    "EndpointService.DeleteEndpoint": (request) => {
      const { location, endpoint: id } = parseName(project, endpointName, request.name, "name");
      const endpoint = store.endpoint(location, id);
      const isDeploying = operations
        .running("deployModel")
        .some((other) => other.location === location && other.endpointId === id);
      if (isDeploying || endpoint.deployedModels.length > 0) throw endpointInUse(store.endpointName(location, id));
      return operations.start("deleteEndpoint", store.locationName(location), { location, endpointId: id });
    },
  };
}

function update(current: EndpointRecord, given: Endpoint, paths: readonly string[], time: string): EndpointRecord {
  const violations = describedProblems("endpoint", {
    displayName: paths.includes("display_name") ? given.displayName : undefined,
    labels: paths.includes("labels") ? given.labels : undefined,
  });
  if (paths.includes("display_name") && !given.displayName) {
    throw invalidField("endpoint.display_name", "Required field is not set.");
  }
  let { trafficSplit } = current;
  if (paths.includes("traffic_split")) {
    trafficSplit = given.trafficSplit ?? {};
    const ids = current.deployedModels.map(({ id }) => id);
    const problem = splitProblem(trafficSplit, ids, "endpoint.traffic_split");
    if (problem) violations.push(problem);
  }
  if (violations.length > 0) throw invalidFields(violations);
  return {
    ...current,
    trafficSplit,
    resource: {
      ...current.resource,
      ...(paths.includes("display_name") ? { displayName: given.displayName } : {}),
      ...(paths.includes("description") ? { description: given.description } : {}),
      ...(paths.includes("labels") ? { labels: given.labels ?? {} } : {}),
      updateTime: time,
    },
  };
}
