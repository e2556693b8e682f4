/** Runs a BatchPredictionJob: reads, predicts in batches, writes. */

import type { ContainerHost } from "../../../platform/containers/index.js";
import { CloudError } from "../../../platform/errors.js";
import type { Links } from "../../../platform/service.js";
import type { BatchPredictionJob } from "../../contract/messages.js";
import { modelServerAnswer, unreadableAnswer } from "../../errors.js";
import { DEPLOYMENT_SECONDS_DEFAULT, MACHINE_TYPE_DEFAULT } from "../../limits.js";
import { parseModelName } from "../../names.js";
import { ModelServer } from "../../serving/modelServer.js";
import type { ModelVersion, VertexStore } from "../../store.js";
import type { Vertex } from "../../vertex.js";
import type { JobRecord } from "../record.js";
import type { JobWork } from "../runner.js";
import { type Item, inputFields, readItems } from "./input.js";
import { type Output, openOutput, type Result } from "./output.js";
import { batchSizeOf } from "./request.js";

export interface BatchContext {
  readonly store: VertexStore;
  readonly clock: Vertex["clock"];
  readonly containers: ContainerHost;
  readonly links: Links;
}

type Predict = (instances: readonly unknown[]) => Promise<readonly unknown[]>;

/** Batches of one page that are under way at once. */
const BATCHES_AT_ONCE = 4;

export function batchPredictionWork(context: BatchContext): JobWork<BatchPredictionJob> {
  const { store, links } = context;
  return {
    // Its tables bear the job's time: a second attempt would find them taken.
    mayRetry: () => false,

    run: async (job, { signal, report }) => {
      const { resource, location } = job;
      const reference = parseModelName(store.project, resource.model, "model");
      const model = store.model(reference);
      const version = store.version(model, resource.modelVersionId ?? reference.version);
      const fields = await inputFields(links, resource);
      const modelName = model.displayName;
      const { predict, stop } = await startPredicting(context, job, version, signal);
      let output: Output | undefined;
      try {
        output = await openOutput({ links, job: resource, modelName, location, time: job.createTime, fields });
        await report({ outputInfo: output.info });
        const counts = { successful: 0, failed: 0 };
        let firstFailure: CloudError | undefined;
        for await (const batches of inPages(readItems(links, resource), batchSizeOf(resource))) {
          signal.throwIfAborted();
          const ended = await Promise.all(batches.map((batch) => predictBatch(predict, batch)));
          const results = ended.flatMap((end) => end.results);
          firstFailure ??= ended.find(({ failure }) => failure)?.failure;
          const failed = results.filter((result) => "failure" in result).length;
          counts.failed += failed;
          counts.successful += results.length - failed;
          await output.write(results);
        }
        if (counts.successful === 0)
          throw firstFailure ?? new CloudError("INVALID_ARGUMENT", "The input has no instances.");
        await output.finish();
        await report({
          completionStats: {
            successfulCount: String(counts.successful),
            failedCount: String(counts.failed),
            incompleteCount: "0",
          },
          partialFailures: firstFailure ? [{ code: firstFailure.grpcCode, message: firstFailure.message }] : [],
        });
      } catch (thrown) {
        await output?.discard();
        throw thrown;
      } finally {
        await stop();
      }
    },
  };
}

/** Groups of batches, so that a few are under way at once and memory stays bounded. */
async function* inPages(items: AsyncIterable<Item>, batchSize: number): AsyncGenerator<Item[][]> {
  let page: Item[][] = [];
  let batch: Item[] = [];
  for await (const item of items) {
    batch.push(item);
    if (batch.length < batchSize) continue;
    page.push(batch);
    batch = [];
    if (page.length < BATCHES_AT_ONCE) continue;
    yield page;
    page = [];
  }
  if (batch.length > 0) page.push(batch);
  if (page.length > 0) yield page;
}

/** A batch that is refused is tried one by one, so that a bad instance takes no good one along. */
async function predictBatch(
  predict: Predict,
  batch: readonly Item[],
): Promise<{ results: Result[]; failure: CloudError | undefined }> {
  try {
    const predictions = await predict(batch.map(({ instance }) => instance));
    return {
      results: batch.map(({ source }, index) => ({ source, prediction: predictions[index] ?? null })),
      failure: undefined,
    };
  } catch (thrown) {
    const failure = CloudError.from(thrown);
    if (failure.status !== "INVALID_ARGUMENT") throw thrown;
    if (batch.length === 1) {
      const { code, message } = { code: failure.grpcCode, message: failure.message };
      return { results: batch.map(({ source }) => ({ source, failure: { code, message } })), failure };
    }
    const results: Result[] = [];
    let first: CloudError | undefined;
    for (const item of batch) {
      const single = await predictBatch(predict, [item]);
      results.push(...single.results);
      first ??= single.failure;
    }
    return { results, failure: first };
  }
}

async function startPredicting(
  context: BatchContext,
  job: JobRecord<BatchPredictionJob>,
  version: ModelVersion,
  signal: AbortSignal,
): Promise<{ predict: Predict; stop: () => Promise<void> }> {
  const { warehouse, uploaded } = version;
  const { warehouseModels } = context.links;
  if (warehouse) {
    if (!warehouseModels) throw new CloudError("UNIMPLEMENTED", "This local cloud has no BigQuery to predict with.");
    return {
      predict: (instances) => warehouseModels.predict(warehouse.trainingId, instances as Record<string, unknown>[]),
      stop: async () => undefined,
    };
  }
  const { resource, jobId } = job;
  const model = resource.model ?? "";
  const server = new ModelServer({
    containers: context.containers,
    clock: context.clock,
    call: {
      // A batch has no endpoint: the job stands in its place.
      endpointId: jobId,
      deployedModelId: jobId,
      projectNumber: context.store.project.number,
      machineType: resource.dedicatedResources?.machineSpec?.machineType ?? MACHINE_TYPE_DEFAULT,
      containerSpec: uploaded.containerSpec ?? {},
      artifactUri: uploaded.artifactUri,
    },
    model,
    timeoutMs: 1000 * Number.parseFloat(uploaded.containerSpec?.deploymentTimeout ?? `${DEPLOYMENT_SECONDS_DEFAULT}`),
  });
  await server.scale(resource.dedicatedResources?.startingReplicaCount || 1, signal);
  const { modelParameters: parameters } = resource;
  return {
    predict: async (instances) => {
      const body = JSON.stringify(parameters === undefined ? { instances } : { instances, parameters });
      const answer = await server.predict("application/json", Buffer.from(body));
      const text = answer.body.toString("utf8");
      if (answer.status !== 200) throw modelServerAnswer(model, answer.status, text);
      const { predictions } = JSON.parse(text) as { readonly predictions?: unknown };
      if (!Array.isArray(predictions)) throw unreadableAnswer(model, 'has no list "predictions"');
      return predictions;
    },
    stop: () => server.stop(),
  };
}
