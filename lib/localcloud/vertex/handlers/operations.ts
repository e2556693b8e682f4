/** Operations and locations, asked for by name. Contracts: google.longrunning.Operations, google.cloud.location.Locations. */

import { CloudError } from "../../platform/errors.js";
import { requireProject, resourceName } from "../../platform/names.js";
import { page } from "../../platform/pages.js";
import type { Handlers } from "../../platform/transport/handler.js";
import { refuseUnsupported } from "../../platform/unsupported.js";
import type { Methods, Operation } from "../contract/messages.js";
import { invalidField } from "../errors.js";
import { LOCATIONS } from "../limits.js";
import { locationName } from "../names.js";
import type { Vertex } from "../vertex.js";

const projectName = resourceName("projects/{project}");

/** How long WaitOperation waits when the request does not say. */
const WAIT_MS_DEFAULT = 30_000;

export function operationHandlers(vertex: Vertex): Handlers<Methods> {
  const { operations, store } = vertex;
  /** Operations are kept under the project's number; callers may name it by id. */
  const numbered = (name: string | undefined, field: string): string => {
    const match = /^projects\/([^/]+)\/(.+)$/.exec(name ?? "");
    if (!match) throw invalidField(field, "Invalid resource name; expected projects/{project}/locations/{location}/…");
    return `projects/${requireProject(store.project, match[1] ?? "")}/${match[2] ?? ""}`;
  };
  return {
    "Operations.GetOperation": (request): Operation => operations.get(numbered(request.name, "name")),

    "Operations.ListOperations": (request) => {
      refuseUnsupported(request, { honoured: ["name", "pageSize", "pageToken"] });
      const parent = numbered(request.name, "name");
      const found = operations.list(`${parent}/`);
      const { items, nextPageToken } = page(found, request, [], (operation) => operation.name, [parent]);
      return { operations: items, nextPageToken };
    },

    "Operations.CancelOperation": (request) => {
      operations.cancel(numbered(request.name, "name"));
      return {};
    },

    "Operations.DeleteOperation": async (request) => {
      await operations.delete(numbered(request.name, "name"));
      return {};
    },

    "Operations.WaitOperation": (request, context): Promise<Operation> => {
      const timeoutMs = request.timeout === undefined ? WAIT_MS_DEFAULT : Number.parseFloat(request.timeout) * 1000;
      return operations.wait(numbered(request.name, "name"), timeoutMs, context.signal);
    },

    "Locations.ListLocations": (request) => {
      const { project } = projectName.parse(request.name, "name");
      requireProject(store.project, project);
      refuseUnsupported(request, { honoured: ["name", "pageSize", "pageToken"] });
      const { items, nextPageToken } = page(LOCATIONS, request, [], (location) => location, ["locations"]);
      return { locations: items.map((location) => toLocation(vertex, location)), nextPageToken };
    },

    "Locations.GetLocation": (request) => {
      const { project, location } = locationName.parse(request.name, "name");
      requireProject(store.project, project);
      if (!LOCATIONS.includes(location)) {
        throw new CloudError("NOT_FOUND", `Location ${request.name} was not found.`);
      }
      return toLocation(vertex, location);
    },
  };
}

function toLocation(
  { store }: Vertex,
  locationId: string,
): { name: string; locationId: string; labels: Record<string, string> } {
  return {
    name: store.locationName(locationId),
    locationId,
    labels: { "cloud.googleapis.com/region": locationId },
  };
}
