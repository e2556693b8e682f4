/** What is wrong with a CustomJob before anything of it runs (custom_job.proto, contracts 3.10). Pure. */

import type { FieldViolation } from "../../platform/transport/handler.js";
import { environmentProblems } from "../containers/variables.js";
import type { CustomJob, CustomJobSpec, WorkerPoolSpec } from "../contract/messages.js";
import { isFolderUri } from "../folders.js";
import { ARGUMENT_CHARACTERS_MAX, isMachineType, REPLICAS_MAX } from "../limits.js";
import { describedProblems } from "../vertex.js";
import { replicaCount, replicasOf } from "./trainingEnvironment.js";

export function customJobProblems(job: CustomJob): FieldViolation[] {
  const spec = job.jobSpec ?? {};
  const pools = spec.workerPoolSpecs ?? [];
  const path = "custom_job.job_spec";
  const violations = [
    ...describedProblems("custom_job", job),
    ...pools.flatMap((pool, index) => poolProblems(pool, index, `${path}.worker_pool_specs[${index}]`)),
    ...schedulingProblems(spec, path),
  ];
  const replicas = replicasOf(spec).length;
  if (replicas > REPLICAS_MAX) {
    violations.push({
      field: `${path}.worker_pool_specs`,
      description: `The local cloud runs at most ${REPLICAS_MAX} replicas of a job, each as a process; these are ${replicas}.`,
    });
  }
  const output = spec.baseOutputDirectory?.outputUriPrefix;
  if (output !== undefined && !isFolderUri(output)) {
    violations.push({
      field: `${path}.base_output_directory.output_uri_prefix`,
      description: `Must be a Cloud Storage URI such as gs://bucket/folder; it is "${output}".`,
    });
  }
  return violations;
}

function poolProblems(pool: WorkerPoolSpec, index: number, path: string): FieldViolation[] {
  const violations: FieldViolation[] = [];
  const count = replicaCount(pool, index);
  if (index === 0 && count !== 1) {
    violations.push({
      field: `${path}.replica_count`,
      description: `The first worker pool is the primary replica: it must have a replica_count of 1; it has ${count}.`,
    });
  }
  if (count < 0) violations.push({ field: `${path}.replica_count`, description: "Must not be negative." });
  if (count <= 0) return violations;
  const { containerSpec, machineSpec } = pool;
  if (containerSpec === undefined) {
    violations.push({ field: `${path}.task`, description: "Required field is not set: give container_spec." });
  } else {
    if (!containerSpec.imageUri) {
      violations.push({ field: `${path}.container_spec.image_uri`, description: "Required field is not set." });
    }
    violations.push(...environmentProblems(containerSpec.env ?? [], `${path}.container_spec.env`));
    const characters = (containerSpec.args ?? []).join("").length;
    if (characters > ARGUMENT_CHARACTERS_MAX) {
      violations.push({
        field: `${path}.container_spec.args`,
        description: `All arguments together can have at most ${ARGUMENT_CHARACTERS_MAX} characters; they have ${characters}.`,
      });
    }
  }
  const machineType = machineSpec?.machineType;
  if (!machineType) {
    violations.push({ field: `${path}.machine_spec.machine_type`, description: "Required field is not set." });
  } else if (!isMachineType(machineType)) {
    violations.push({
      field: `${path}.machine_spec.machine_type`,
      description: `Machine type "${machineType}" is not supported.`,
    });
  }
  return violations;
}

function schedulingProblems({ scheduling }: CustomJobSpec, path: string): FieldViolation[] {
  const { timeout } = scheduling ?? {};
  if (timeout === undefined || Number.parseFloat(timeout) > 0) return [];
  return [{ field: `${path}.scheduling.timeout`, description: `Must be longer than 0 seconds; it is ${timeout}.` }];
}
