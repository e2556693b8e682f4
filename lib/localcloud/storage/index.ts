import type { Service, ServiceContext } from "../platform/service.js";
import { storageLink } from "./link.js";
import { Maintenance } from "./maintenance.js";
import { Storage } from "./service.js";

/** Cloud Storage: the JSON API v1 with its uploads and downloads, and the part of the XML API that links lead to. */
export function createStorage(context: ServiceContext): Service {
  const storage = new Storage(context);
  const maintenance = new Maintenance(storage, context.clock);
  context.links.objects = storageLink(storage.state);
  return {
    name: "storage",
    owns: (request) => storage.owns(request),
    streams: (request) => storage.streams(request),
    methodOf: (request) => storage.methodOf(request),
    handle: (request) => storage.handle(request),
    grpc: [],
    start: () => maintenance.start(),
    stop: () => maintenance.stop(),
  };
}
