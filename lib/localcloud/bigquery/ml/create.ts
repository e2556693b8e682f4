import type { Catalog } from "../catalog.js";
import type { CreateModelRequest, CreateModelResult } from "../engine/modelHook.js";
import { datasetNotFound, invalidQuery, modelExists, tableExists } from "../errors.js";
import type { ModelRecord } from "../resources.js";
import { checkVertexModelId, type KMeansCreateOptions, readKMeansOptions } from "./options.js";
import type { Registration } from "./registration.js";
import { iterationResults, standardFields, trainingRun, transformColumns } from "./resource.js";
import { type ModelState, type RegistrationState, stateOf } from "./state.js";
import type { TrainerThreads } from "./trainerThreads.js";
import { train } from "./training.js";
import { deleteDistances, writeDistances } from "./trainingDistances.js";
import { hparamTrials, tuningFields } from "./tuning.js";

export interface CreateDependencies {
  readonly catalog: Catalog;
  readonly registration: Registration;
  readonly now: () => number;
  readonly threads: TrainerThreads;
}

/**
 * CREATE [OR REPLACE] MODEL [IF NOT EXISTS] of MODEL_TYPE KMEANS: reads the training query, trains on threads of its own,
 * writes record, resource and distances in one transaction, then registers.
 * @throws CloudError duplicate, notFound, invalidQuery, notImplemented; the state is then what it was.
 */
export async function createModel(
  request: CreateModelRequest,
  dependencies: CreateDependencies,
): Promise<CreateModelResult> {
  const { catalog, registration, now, threads } = dependencies;
  const { reference, mode } = request;
  const dataset = catalog.dataset(reference);
  if (!dataset) throw datasetNotFound(reference);
  const table = { ...reference, tableId: reference.modelId };
  if (catalog.table(table)) throw tableExists(table);
  const existing = catalog.model(reference);
  if (existing && mode === "CREATE") throw modelExists(reference);
  if (existing && mode === "CREATE_IF_NOT_EXISTS") {
    await catalog.write(async (transaction) => {
      const resource = { ...existing.resource, lastModifiedTime: transaction.now };
      await transaction.putModel({ ...existing, resource });
    });
    return { operation: "SKIP" };
  }
  const options = readKMeansOptions(request.options);
  if (!request.training) throw invalidQuery("CREATE MODEL needs a training query: AS SELECT …");
  const registered = registrationOf(request, options);
  if (registered) registration.requireRegistry();
  if (existing) await registration.checkUnregister(existing);

  const startMs = now();
  const trained = await train(request, request.training, options, existing, threads);
  const state: ModelState = {
    ...trained.state,
    ...(registered ? { registration: registered } : {}),
    ...(existing && stateOf(existing).registration
      ? { unregister: [...(stateOf(existing).unregister ?? []), stateOf(existing).trainingId] }
      : {}),
  };
  const run = trainingRun(options, trained.model, state, startMs);
  const earlierRuns = options.warmStart ? ((existing?.resource.trainingRuns as unknown[] | undefined) ?? []) : [];
  const isOpen = state.registration !== undefined || state.unregister !== undefined;
  await catalog.write(async (transaction) => {
    const replaced = transaction.model(reference);
    if (replaced && mode !== "CREATE_OR_REPLACE") throw modelExists(reference);
    // A refused registration brings the old model back: its distances stay until the registry has answered.
    if (replaced && !isOpen) await deleteDistances(transaction.connection, [stateOf(replaced).trainingId]);
    const { description, friendlyName, labels } = options;
    await transaction.putModel({
      reference,
      resource: {
        modelType: "KMEANS",
        location: dataset.resource.location,
        creationTime: transaction.now,
        lastModifiedTime: transaction.now,
        ...(description === undefined ? {} : { description }),
        ...(friendlyName === undefined ? {} : { friendlyName }),
        ...(labels === undefined ? {} : { labels }),
        featureColumns: standardFields(trained.inputs),
        ...(trained.state.transform ? { transformColumns: transformColumns(trained.state.transform) } : {}),
        trainingRuns: [...earlierRuns, run],
        ...(options.tuning ? tuningFields(options.tuning, state) : {}),
      },
      state,
    });
    const { normalizedDistances, trainingRowCount } = trained.model;
    await writeDistances(transaction.connection, state.trainingId, trainingRowCount, normalizedDistances);
  });
  if (isOpen) await settleOrUndo(reference, existing, state.trainingId, dependencies);
  return {
    operation: existing ? "REPLACE" : "CREATE",
    mlStatistics: {
      modelType: "KMEANS",
      trainingType: options.tuning ? "HPARAM_TUNING" : "SINGLE_TRAINING",
      ...(state.trials ? { hparamTrials: hparamTrials(state.trials) } : {}),
      maxIterations: String(options.maxIterations),
      iterationResults: iterationResults(trained.model.iterations),
    },
  };
}

/** A model that the registry refuses must not stay behind half registered: what was there before is there again. */
async function settleOrUndo(
  reference: CreateModelRequest["reference"],
  existing: ModelRecord | undefined,
  trainingId: string,
  { catalog, registration }: CreateDependencies,
): Promise<void> {
  try {
    await registration.settle(reference);
  } catch (thrown) {
    await registration.withdraw(trainingId);
    await catalog.write(async (transaction) => {
      const created = transaction.model(reference);
      if (!created || stateOf(created).trainingId !== trainingId) return;
      if (existing) await transaction.putModel(existing);
      else await transaction.dropModel(reference);
      await deleteDistances(transaction.connection, [trainingId]);
    });
    throw thrown;
  }
  if (!existing) return;
  await catalog.write(({ connection }) => deleteDistances(connection, [stateOf(existing).trainingId]));
}

function registrationOf(request: CreateModelRequest, options: KMeansCreateOptions): RegistrationState | undefined {
  if (!options.registration) return undefined;
  const { vertexModelId, versionAliases } = options.registration;
  if (vertexModelId === undefined) checkVertexModelId(request.reference.modelId, "The model name");
  return { vertexModelId: vertexModelId ?? request.reference.modelId, versionAliases };
}
