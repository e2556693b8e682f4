import type { ContainerHost } from "../platform/containers/index.js";
import type { LogStream } from "../platform/links.js";
import { requestLogName } from "./serving/fleet.js";
import { logName } from "./serving/instance.js";
import type { RunStore, ServiceRecord } from "./store.js";

/** Cloud Run's names of what a container writes, and of what is said about it (contracts 6.7). */
const LOG_IDS = {
  stdout: "run.googleapis.com/stdout",
  stderr: "run.googleapis.com/stderr",
  system: "run.googleapis.com/varlog/system",
} as const;

/** Logs of all revisions and of all services' requests, as Cloud Logging has them. */
export function logStreams(store: RunStore, containers: ContainerHost): LogStream[] {
  const resource = (service: ServiceRecord, revision: string): LogStream["resource"] => ({
    type: "cloud_run_revision",
    labels: {
      project_id: store.names.project.id,
      location: service.location,
      service_name: service.service,
      configuration_name: service.service,
      revision_name: revision,
    },
  });
  // Opened when it is read, not when it is listed.
  const since = async (name: string, timeMs: number, stream: keyof typeof LOG_IDS) =>
    (await containers.log(name).since(timeMs)).filter((line) => line.stream === stream);
  return store.services().flatMap((service) => [
    ...store.revisions(service).flatMap(({ revision }) =>
      (["stdout", "stderr", "system"] as const).map((stream) => ({
        logId: LOG_IDS[stream],
        resource: resource(service, revision),
        log: { since: (timeMs: number) => since(logName({ ...service, revision }), timeMs, stream) },
      })),
    ),
    {
      logId: "run.googleapis.com/requests",
      resource: resource(service, service.latestReady ?? service.latestCreated),
      log: { since: (timeMs: number) => since(requestLogName(service), timeMs, "system") },
    },
  ]);
}
