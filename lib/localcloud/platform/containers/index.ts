export type { Container, ContainerExit, ContainerHost, ContainerSpec, ImageInfo } from "./container.js";
export { ChildProcessHost } from "./host.js";
export { defaultImagesFolder } from "./images.js";
export type { ContainerLog, LogLine } from "./log.js";
export { answersHttp, freePort, type ProbeOptions, type ProbeOutcome, waitForHttp, waitForTcp } from "./probes.js";
