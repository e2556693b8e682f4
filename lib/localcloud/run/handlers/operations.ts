/** Operations and locations. Contracts: google.longrunning.Operations, google.cloud.location.Locations. */

import { requireProject, resourceName } from "../../platform/names.js";
import { page } from "../../platform/pages.js";
import type { Handlers } from "../../platform/transport/handler.js";
import { refuseUnsupported } from "../../platform/unsupported.js";
import type { Location, Methods, Operation } from "../contract/messages.js";
import { LOCATIONS } from "../limits.js";
import type { Run } from "../run.js";

const projectName = resourceName("projects/{project}");
const operationName = resourceName("projects/{project}/locations/{location}/operations/{operation}");

/** How long WaitOperation waits when the request does not say. */
const WAIT_MS_DEFAULT = 30_000;

export function operationHandlers({ names, project, operations }: Run): Handlers<Methods> {
  /** Operations are kept under the project's id; callers may name it by number. */
  const nameOf = (name: string | undefined): string => {
    const { location, operation, project: given } = operationName.parse(name, "name");
    requireProject(project, given);
    return `${names.location(location)}/operations/${operation}`;
  };
  const toLocation = (id: string): Location => ({
    name: names.location(id),
    locationId: id,
    displayName: id,
    labels: { "cloud.googleapis.com/region": id },
  });
  return {
    "Operations.GetOperation": (request): Operation => operations.get(nameOf(request.name)),

    "Operations.ListOperations": (request) => {
      refuseUnsupported(request, { honoured: ["name", "pageSize", "pageToken"] });
      const parent = names.location(names.parseLocation(request.name, "name"));
      const { items, nextPageToken } = page(operations.list(`${parent}/`), request, [], ({ name }) => name, [parent]);
      return { operations: items, nextPageToken };
    },

    "Operations.DeleteOperation": async (request) => {
      await operations.delete(nameOf(request.name));
      return {};
    },

    "Operations.WaitOperation": (request, context): Promise<Operation> => {
      const timeoutMs = request.timeout === undefined ? WAIT_MS_DEFAULT : Number.parseFloat(request.timeout) * 1000;
      return operations.wait(nameOf(request.name), timeoutMs, context.signal);
    },

    "Locations.ListLocations": (request) => {
      requireProject(project, projectName.parse(request.name, "name").project);
      refuseUnsupported(request, { honoured: ["name", "pageSize", "pageToken"] });
      const { items, nextPageToken } = page(LOCATIONS, request, [], (location) => location, ["locations"]);
      return { locations: items.map(toLocation), nextPageToken };
    },

    "Locations.GetLocation": (request) => toLocation(names.parseLocation(request.name, "name")),
  };
}
