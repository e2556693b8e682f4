import type { Service, ServiceContext } from "../platform/service.js";

/** Every service of the local cloud: a new one is added here and nowhere else. */
export const services: readonly ((context: ServiceContext) => Service)[] = [];
