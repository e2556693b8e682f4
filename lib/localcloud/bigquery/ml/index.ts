import type { Clock } from "../../platform/clock.js";
import type { ModelRegistry } from "../../platform/links.js";
import type { Catalog } from "../catalog.js";
import type { Column, ModelHook, Relation, TableFunctionArgument } from "../engine/modelHook.js";
import { modelNotFound, notSupported } from "../errors.js";
import { exportOfModels } from "../extractJob.js";
import type { ModelRecord } from "../resources.js";
import type { ModelReference } from "../schema.js";
import { alterModel } from "./alter.js";
import { createModel } from "./create.js";
import { preprocessing } from "./functions/index.js";
import { type Instance, InstancePredictor, trainingNotFound } from "./instances.js";
import { Registration } from "./registration.js";
import { type ModelState, stateOf } from "./state.js";
import { centroids } from "./tableFunctions/centroids.js";
import { detectAnomalies } from "./tableFunctions/detectAnomalies.js";
import { evaluate } from "./tableFunctions/evaluate.js";
import { featureInfo, trainingInfo } from "./tableFunctions/info.js";
import type { Call, TableFunction } from "./tableFunctions/inputs.js";
import { predict } from "./tableFunctions/predict.js";
import { transformed } from "./tableFunctions/transformed.js";
import { ofBestTrial, ofChosenTrial, ofEveryTrial, trialInfo } from "./tableFunctions/trials.js";
import { TrainerThreads } from "./trainerThreads.js";
import { predictTransformed } from "./transformedInstances.js";

/** BigQuery ML over one catalog: what the engine asks of it, and what Vertex AI and the REST side ask. */
export interface BigQueryMl {
  readonly hook: ModelHook;
  /**
   * One prediction an instance, as a deployed model answers (contracts 3.8).
   * @throws CloudError NOT_FOUND for an unknown training, INVALID_ARGUMENT for a bad instance.
   */
  predict(trainingId: string, instances: readonly Instance[]): Promise<readonly Readonly<Record<string, unknown>>[]>;
  /** models.patch of `trainingRuns[].vertexAiModelId`. @throws CloudError when it is registered under another id. */
  registerModel(reference: ModelReference, vertexModelId: string): Promise<ModelRecord>;
  /** At start: finishes registrations and drops that a crash left open. */
  reconcile(projectId: string): Promise<void>;
}

export interface BigQueryMlDependencies {
  readonly catalog: Catalog;
  /** Vertex AI's Model Registry; asked when it is needed, as services start in any order. */
  readonly registry: () => ModelRegistry | undefined;
  /** Milliseconds since 1970. */
  readonly now: () => number;
  readonly clock: Pick<Clock, "sleep">;
  /** The project whose models are predicted with. */
  readonly projectId: string;
  /** Resolves when DuckDB knows the functions that a TRANSFORM clause may call: they are installed as the engine warms up. */
  readonly functionsReady?: () => Promise<unknown>;
}

const TABLE_FUNCTIONS: Readonly<Record<string, TableFunction>> = {
  PREDICT: ofChosenTrial(predict),
  DETECT_ANOMALIES: ofBestTrial(detectAnomalies),
  EVALUATE: ofEveryTrial(evaluate),
  CENTROIDS: ofEveryTrial(centroids),
  TRAINING_INFO: trainingInfo,
  TRIAL_INFO: trialInfo,
  FEATURE_INFO: featureInfo,
  TRANSFORM: transformed,
};

export function createBigQueryMl(dependencies: BigQueryMlDependencies): BigQueryMl {
  const { catalog, now, projectId } = dependencies;
  const registration = new Registration(catalog, dependencies.registry);
  const threads = new TrainerThreads(dependencies.clock);
  const predictors = new Map<string, InstancePredictor>();

  const bind = (name: string, args: readonly TableFunctionArgument[]): { call: Call; run: TableFunction } => {
    const [model, ...others] = args;
    const run = TABLE_FUNCTIONS[name];
    if (model?.kind !== "model" || !run) {
      throw notSupported(`ML.${name}`, `Supported: ${Object.keys(TABLE_FUNCTIONS).join(", ")}.`);
    }
    const record = catalog.model(model.reference);
    if (!record || stateOf(record).dropping) throw modelNotFound(model.reference);
    return { call: { name, state: stateOf(record), arguments: others }, run };
  };

  const drop = async (reference: ModelReference): Promise<void> => {
    await catalog.write(async (transaction) => {
      const current = transaction.model(reference);
      if (current) await transaction.putModel({ ...current, state: { ...stateOf(current), dropping: true } });
    });
    await registration.settle(reference);
  };

  const hook: ModelHook = {
    hasModel: (reference) => {
      const record = catalog.model(reference);
      return record !== undefined && !stateOf(record).dropping;
    },
    tableFunctions: Object.keys(TABLE_FUNCTIONS),
    preprocessing,
    outputColumns: (name, args): readonly Column[] => {
      const { call, run } = bind(name, args);
      return run.outputColumns(call);
    },
    write: (name, args, relations: readonly Relation[]) => {
      const { call, run } = bind(name, args);
      return run.write(call, relations[0]);
    },
    create: (request) => createModel(request, { catalog, registration, now, threads }),
    alter: (reference, options, ifExists) => alterModel(reference, options, ifExists, { catalog, registration }),
    drop: async (reference, ifExists) => {
      const record = catalog.model(reference);
      if (!record) {
        if (ifExists) return false;
        throw modelNotFound(reference);
      }
      await registration.checkUnregister(record);
      await drop(reference);
      return true;
    },
    dropAll: async (dataset) => {
      const records = catalog.models(dataset);
      for (const record of records) await registration.checkUnregister(record);
      for (const { reference } of records) await drop(reference);
    },
    exportModel: async (reference) => {
      if (!catalog.model(reference)) throw modelNotFound(reference);
      throw exportOfModels();
    },
  };

  const findTraining = (trainingId: string): ModelState | undefined => {
    for (const dataset of catalog.datasets(projectId)) {
      for (const record of catalog.models(dataset.reference)) {
        if (stateOf(record).trainingId === trainingId) return stateOf(record);
      }
    }
    return undefined;
  };

  return {
    hook,
    predict: async (trainingId, instances) => {
      const state = findTraining(trainingId);
      if (!state) {
        predictors.delete(trainingId);
        throw trainingNotFound(trainingId);
      }
      const { transform } = state;
      if (transform) {
        await dependencies.functionsReady?.();
        return catalog.database.read((connection) =>
          predictTransformed(connection, { ...state, transform }, instances),
        );
      }
      const predictor = predictors.get(trainingId) ?? new InstancePredictor(state);
      predictors.set(trainingId, predictor);
      return predictor.predict(instances);
    },
    registerModel: (reference, vertexModelId) => registration.register(reference, vertexModelId),
    reconcile: (project) => registration.reconcile(project),
  };
}
