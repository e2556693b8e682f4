import type { Clock } from "../platform/clock.js";
import type { ContainerHost } from "../platform/containers/index.js";
import type { IdGenerator } from "../platform/ids.js";
import { labelProblem } from "../platform/labels.js";
import type { Operations } from "../platform/operations.js";
import type { Links } from "../platform/service.js";
import { timestamp } from "../platform/time.js";
import type { FieldViolation } from "../platform/transport/handler.js";
import type { BatchPredictionJob, CustomJob } from "./contract/messages.js";
import type { OperationArguments } from "./effects.js";
import type { JobRunner } from "./jobs/runner.js";
import { DISPLAY_NAME_LENGTH_MAX, RESERVED_LABEL_PREFIXES } from "./limits.js";
import type { ModelServers } from "./serving/modelServers.js";
import type { VertexStore } from "./store.js";

/** What Vertex AI's handlers share. */
export interface Vertex {
  readonly store: VertexStore;
  readonly operations: Operations<OperationArguments>;
  readonly clock: Clock;
  readonly random: () => number;
  readonly ids: IdGenerator;
  readonly links: Links;
  readonly containers: ContainerHost;
  readonly servers: ModelServers;
  readonly customJobs: JobRunner<CustomJob>;
  readonly batchPredictionJobs: JobRunner<BatchPredictionJob>;
}

export function now(vertex: Pick<Vertex, "clock">): string {
  return timestamp(vertex.clock.now());
}

/** Faults of a display name and labels, by the path of the resource in the request. */
export function describedProblems(
  path: string,
  resource: {
    readonly displayName?: string | undefined;
    readonly labels?: Readonly<Record<string, string>> | undefined;
  },
): FieldViolation[] {
  const violations: FieldViolation[] = [];
  const { displayName, labels } = resource;
  if (displayName !== undefined && [...displayName].length > DISPLAY_NAME_LENGTH_MAX) {
    violations.push({
      field: `${path}.display_name`,
      description: `Display name can be at most ${DISPLAY_NAME_LENGTH_MAX} characters long.`,
    });
  }
  const problem = labelProblem(labels ?? {}, RESERVED_LABEL_PREFIXES);
  if (problem !== undefined) violations.push({ field: `${path}.labels`, description: problem });
  return violations;
}
