import { createHash } from "node:crypto";
import { bigQueryClient } from "./clients.js";
import type { Connections } from "./connections.js";
import { ActivateError, fromService, statusOf } from "./errors.js";
import type { Row } from "./rows.js";
import { readSql } from "./sql.js";
import type { Given, Warehouse } from "./warehouse.js";

/** A cluster as the last iteration of the training left it. */
export interface Cluster {
  readonly centroid_id: number;
  /** Root mean square distance of the cluster's training rows to its centroid, in standard deviations. */
  readonly cluster_radius: number;
  /** Training rows. */
  readonly cluster_size: number;
}

/** A BigQuery ML model of the workbook. */
export interface TrainedModel {
  readonly modelId: string;
  /** As BigQuery's REST API spells it: "KMEANS". */
  readonly type: string;
  readonly features: readonly string[];
  readonly clusters: readonly Cluster[];
  readonly iterations: number;
  /** Options as given and by default, such as `standardizeFeatures`. */
  readonly options: Readonly<Record<string, unknown>>;
  /** Milliseconds since 1970. */
  readonly createdAt: number;
  /** Where it is in the Vertex AI Model Registry, if it is. */
  readonly registered: { readonly modelId: string; readonly version: string } | undefined;
}

/** The REST resource, as far as it is read (contracts 1.8). */
interface ModelResource {
  readonly modelType?: string;
  readonly creationTime?: string;
  readonly featureColumns?: readonly { readonly name?: string }[];
  readonly trainingRuns?: readonly {
    readonly trainingOptions?: Record<string, unknown>;
    readonly results?: readonly {
      readonly clusterInfos?: readonly { centroidId?: string; clusterRadius?: number; clusterSize?: string }[];
    }[];
    readonly vertexAiModelId?: string;
    readonly vertexAiModelVersion?: string;
  }[];
}

/** What the training statements read is made by these; a changed definition is another training. */
const trainingData = ["features/purchase_features.sql", "features/training_purchases.sql"];

/** BigQuery ML: models are immutable, each distinct training has a model of its own. */
export class BigQueryMl {
  readonly #connections: Connections;
  readonly #warehouse: Warehouse;

  constructor(connections: Connections, warehouse: Warehouse) {
    this.#connections = connections;
    this.#warehouse = warehouse;
  }

  /**
   * Trains by a CREATE MODEL IF NOT EXISTS statement, unless the same statement was run before.
   *
   * The name of the model is not yours to choose: write `{model}` (in a file of `sql/`, `${model}`). It becomes
   * `<configured model>_<hash>`, where the hash is that of the statement, of the definitions of features and training data, and of the clickstream's settings. So a rerun
   * finds its model, a changed statement makes another one, and nothing that is deployed is ever replaced.
   * @throws ActivateError INVALID_ARGUMENT when the statement does not say `{model}`; REFUSED with BigQuery's sentence.
   */
  async train(statement: string, given: Given = {}): Promise<TrainedModel & { readonly created: boolean }> {
    const modelId = await this.modelIdOf(statement, given);
    const before = await this.model(modelId);
    if (before !== undefined) return { ...before, created: false };
    if (statement.endsWith(".sql")) {
      await this.#warehouse.rows(statement, { ...given, names: { ...given.names, model: modelId } });
    } else {
      await this.#warehouse.rows(statement.replaceAll("{model}", this.#warehouse.quoted(modelId)), given);
    }
    const after = await this.model(modelId);
    if (after !== undefined) return { ...after, created: true };
    throw new ActivateError(
      "INVALID_ARGUMENT",
      "The statement ran and made no model: it has to begin with CREATE MODEL IF NOT EXISTS {model}.",
    );
  }

  /** The name that `train` gives to the model of this statement. @throws ActivateError INVALID_ARGUMENT */
  async modelIdOf(statement: string, given: Given = {}): Promise<string> {
    const { config } = this.#warehouse;
    let text = statement;
    if (statement.endsWith(".sql")) {
      text = (await this.#warehouse.prepare(statement, { ...given, names: { ...given.names, model: "model" } })).query;
    } else if (!statement.includes("{model}")) {
      throw new ActivateError(
        "INVALID_ARGUMENT",
        "Write {model} where the model's name belongs: CREATE MODEL IF NOT EXISTS {model} …",
      );
    }
    const data = config.events === "simulated" ? { ...config.simulation } : { own: config.eventsTable };
    const definitions = trainingData.map((path) => squeeze(readSql(path).text));
    const essence = JSON.stringify([squeeze(text), given.params ?? {}, data, definitions]);
    return `${config.model}_${createHash("sha256").update(essence).digest("hex").slice(0, 8)}`;
  }

  /** The model of that name in the configured dataset; undefined when there is none. */
  async model(modelId: string): Promise<TrainedModel | undefined> {
    const client = await bigQueryClient(this.#connections);
    try {
      const [resource] = await client.dataset(this.#warehouse.config.dataset).model(modelId).getMetadata();
      return describe(modelId, resource as ModelResource);
    } catch (thrown) {
      if (statusOf(thrown) === "NOT_FOUND") return undefined;
      throw fromService(thrown, `Model ${modelId}`);
    }
  }

  /** Our models in the dataset, the newest first. */
  async models(): Promise<TrainedModel[]> {
    const client = await bigQueryClient(this.#connections);
    const { dataset, model } = this.#warehouse.config;
    try {
      const [models] = await client.dataset(dataset).getModels();
      const ours = models.map(({ id }) => id ?? "").filter((id) => id === model || id.startsWith(`${model}_`));
      const described = await Promise.all(ours.map((id) => this.model(id)));
      return described
        .filter((found): found is TrainedModel => found !== undefined)
        .sort((left, right) => right.createdAt - left.createdAt);
    } catch (thrown) {
      if (statusOf(thrown) === "NOT_FOUND") return [];
      throw fromService(thrown, `Models of ${dataset}`);
    }
  }

  /** `davies_bouldin_index` and `mean_squared_distance` of the training. */
  async evaluate(modelId: string): Promise<Row> {
    return await this.#warehouse.row("bqml/evaluate.sql", { names: { model: modelId } });
  }

  /** One row per centroid and feature, in the feature's own unit. */
  async centroids(modelId: string): Promise<Row[]> {
    return await this.#warehouse.rows("bqml/centroids.sql", { names: { model: modelId } });
  }

  /**
   * Puts the model into the Vertex AI Model Registry, as the next version of the configured model id; done before is left alone.
   * @returns model id and version there.
   */
  async register(modelId: string): Promise<{ readonly modelId: string; readonly version: string }> {
    const before = await this.model(modelId);
    if (before === undefined)
      throw new ActivateError("NOT_FOUND", `There is no model ${modelId} to register. Train it first.`, "NOT_FOUND");
    if (before.registered !== undefined) return before.registered;
    await this.#warehouse.rows("registry/register_model.sql", { names: { model: modelId } });
    const registered = (await this.model(modelId))?.registered;
    if (registered !== undefined) return registered;
    throw new ActivateError("REFUSED", `BigQuery took the registration of ${modelId} and does not show it.`);
  }

  /** Drops the model, and with it its version in the registry; none there is no error. */
  async drop(modelId: string): Promise<void> {
    await this.#warehouse.rows("bqml/drop_model.sql", { names: { model: modelId } });
  }
}

function describe(modelId: string, resource: ModelResource): TrainedModel {
  const run = resource.trainingRuns?.at(-1);
  const clusters = run?.results?.at(-1)?.clusterInfos ?? [];
  return {
    modelId,
    type: resource.modelType ?? "",
    features: (resource.featureColumns ?? []).map(({ name }) => name ?? ""),
    clusters: clusters
      .map(({ centroidId, clusterRadius, clusterSize }) => ({
        centroid_id: Number(centroidId),
        cluster_radius: Number(clusterRadius ?? 0),
        cluster_size: Number(clusterSize ?? 0),
      }))
      .sort((left, right) => left.centroid_id - right.centroid_id),
    iterations: run?.results?.length ?? 0,
    options: run?.trainingOptions ?? {},
    createdAt: Number(resource.creationTime ?? 0),
    registered:
      run?.vertexAiModelId === undefined || run.vertexAiModelId === ""
        ? undefined
        : { modelId: lastPart(run.vertexAiModelId), version: run.vertexAiModelVersion ?? "" },
  };
}

/** The service may answer a longer name that ends in the id (contracts 1.7). */
const lastPart = (name: string): string => name.slice(name.lastIndexOf("/") + 1);

/** Comments and layout make no other model. */
const squeeze = (statement: string): string =>
  statement
    .replace(/--[^\n]*/g, "")
    .replace(/\s+/g, " ")
    .trim();
