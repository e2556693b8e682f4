import { modelClient } from "./clients.js";
import type { Connections } from "./connections.js";
import { containerEnvironment } from "./containerEnvironment.js";
import { ActivateError, fromService, statusOf } from "./errors.js";
import { type ReportProgress, waitForOperation } from "./operation.js";
import { retry } from "./retry.js";

/** A version in the Vertex AI Model Registry. */
export interface ModelVersion {
  /** `projects/P/locations/L/models/M`, without the version. */
  readonly model: string;
  readonly version: string;
  /** Names that can be moved from version to version, such as "default" and "champion". */
  readonly aliases: readonly string[];
  readonly displayName: string;
  /** "BQML" for a model that BigQuery ML registered. */
  readonly source: string;
  /** Milliseconds since 1970. */
  readonly createdAt: number;
  readonly deployable: boolean;
  /** Folder of its artifacts; empty for a model of BigQuery ML. */
  readonly artifactUri: string;
}

/** A model in a container to be registered. */
export interface Registration {
  readonly modelId: string;
  /** Default: the model id. Of a model that is registered already it stays as it was. */
  readonly displayName?: string;
  /** Folder of what the container loads, such as `gs://bucket/runs/7/model/`. */
  readonly artifactUri: string;
  /** Default: the configured image. */
  readonly image?: string;
  /** Default: ["predictor"]. */
  readonly args?: readonly string[];
  /** Besides the configuration, which every container of ours is given. */
  readonly environment?: Readonly<Record<string, string>>;
  /** Default "/predict". */
  readonly predictRoute?: string;
  /** Default "/health". */
  readonly healthRoute?: string;
  readonly description?: string;
  readonly labels?: Readonly<Record<string, string>>;
  /** Names for the version; one that another version has is refused, and nothing is registered. */
  readonly aliases?: readonly string[];
  readonly report?: ReportProgress;
}

/** The alias of the version that serves, and of the one that is to prove itself beside it. */
export const CHAMPION = "champion";
export const CHALLENGER = "challenger";

/** `google.cloud.aiplatform.v1.ModelSourceInfo.ModelSourceType` by number. */
const sources: Readonly<Record<number, string>> = {
  1: "AUTOML",
  2: "CUSTOM",
  3: "BQML",
  4: "MODEL_GARDEN",
  5: "GENIE",
};

/** Vertex AI Model Registry. Nothing here trains or deploys. */
export class ModelRegistry {
  readonly #connections: Connections;

  constructor(connections: Connections) {
    this.#connections = connections;
  }

  /** Full name of a model of the configured project and region; may end in `@version` or `@alias`. */
  nameOf(modelId: string): string {
    const { project, region } = this.#connections.config;
    return `projects/${project}/locations/${region}/models/${modelId}`;
  }

  /** Versions of a model, the oldest first; none when the model is not registered. */
  async versions(modelId: string): Promise<ModelVersion[]> {
    const client = await modelClient(this.#connections);
    try {
      const [models] = await retry(() => client.listModelVersions({ name: this.nameOf(modelId) }));
      return models.map(describe).sort((left, right) => Number(left.version) - Number(right.version));
    } catch (thrown) {
      if (statusOf(thrown) === "NOT_FOUND") return [];
      throw fromService(thrown, `Versions of model ${modelId}`);
    }
  }

  /** One version, by number or alias; undefined when there is none. */
  async version(modelId: string, versionOrAlias = "default"): Promise<ModelVersion | undefined> {
    const client = await modelClient(this.#connections);
    try {
      const [model] = await retry(() => client.getModel({ name: `${this.nameOf(modelId)}@${versionOrAlias}` }));
      return describe(model);
    } catch (thrown) {
      if (statusOf(thrown) === "NOT_FOUND") return undefined;
      throw fromService(thrown, `Model ${modelId}@${versionOrAlias}`);
    }
  }

  /**
   * Registers a model in a container: the next version where the id is known, a new model where it is not. A version
   * of the same artifacts is found again, not made twice.
   * @throws ActivateError CONFLICT for an alias that another version has.
   */
  async register(registration: Registration): Promise<ModelVersion & { readonly created: boolean }> {
    const { modelId, artifactUri, aliases = [], labels = {} } = registration;
    const known = await this.versions(modelId);
    const same = known.find((version) => version.artifactUri === artifactUri);
    for (const alias of aliases) refuseTaken(modelId, alias, known, same?.version);
    if (same !== undefined) {
      let found = same;
      for (const alias of aliases) found = await this.setAlias(modelId, same.version, alias);
      return { ...found, created: false };
    }
    const client = await modelClient(this.#connections);
    const { config } = this.#connections;
    const what = `Register model ${modelId}`;
    const environment = { ...containerEnvironment(config), ...registration.environment };
    try {
      const [operation] = await client.uploadModel({
        parent: `projects/${config.project}/locations/${config.region}`,
        ...(known.length === 0 ? { modelId } : { parentModel: this.nameOf(modelId) }),
        model: {
          displayName: registration.displayName ?? modelId,
          versionDescription: registration.description ?? "",
          versionAliases: [...aliases],
          labels: { ...labels },
          artifactUri,
          containerSpec: {
            imageUri: registration.image ?? config.image,
            args: [...(registration.args ?? ["predictor"])],
            env: Object.entries(environment).map(([name, value]) => ({ name, value: String(value) })),
            predictRoute: registration.predictRoute ?? "/predict",
            healthRoute: registration.healthRoute ?? "/health",
            ports: [{ containerPort: 8080 }],
          },
        },
      });
      const { modelVersionId } = await waitForOperation<{ readonly modelVersionId?: string | null }>(
        what,
        operation,
        (name) => client.checkUploadModelProgress(name),
        registration.report,
      );
      const created = await this.version(modelId, modelVersionId ?? "default");
      if (created === undefined) throw new ActivateError("NOT_FOUND", `${what}: the version is gone again.`);
      return { ...created, created: true };
    } catch (thrown) {
      throw fromService(thrown, what);
    }
  }

  /** Makes a version the one that is to prove itself. */
  async challenge(modelId: string, version: string): Promise<ModelVersion> {
    return await this.setAlias(modelId, version, CHALLENGER, { move: true });
  }

  /** Makes a version the one that serves; it is no challenger any more. */
  async promote(modelId: string, version: string): Promise<ModelVersion> {
    const promoted = await this.setAlias(modelId, version, CHAMPION, { move: true });
    return promoted.aliases.includes(CHALLENGER) ? await this.removeAlias(modelId, version, CHALLENGER) : promoted;
  }

  /** Takes an alias from a version; it had none of that name: nothing is sent. */
  async removeAlias(modelId: string, version: string, alias: string): Promise<ModelVersion> {
    return await this.#mergeAliases(modelId, version, alias, false);
  }

  /** Deletes one version, which may not be deployed nor the only one; not there is no error. */
  async removeVersion(modelId: string, version: string, report?: ReportProgress): Promise<void> {
    const client = await modelClient(this.#connections);
    const what = `Delete ${modelId}@${version}`;
    try {
      const [operation] = await client.deleteModelVersion({ name: `${this.nameOf(modelId)}@${version}` });
      await waitForOperation(what, operation, (name) => client.checkDeleteModelVersionProgress(name), report);
    } catch (thrown) {
      if (statusOf(thrown) !== "NOT_FOUND") throw fromService(thrown, what);
    }
  }

  /** Deletes a model with all versions, none of which may be deployed; not there is no error. */
  async remove(modelId: string, report?: ReportProgress): Promise<void> {
    const client = await modelClient(this.#connections);
    const what = `Delete model ${modelId}`;
    try {
      const [operation] = await client.deleteModel({ name: this.nameOf(modelId) });
      await waitForOperation(what, operation, (name) => client.checkDeleteModelProgress(name), report);
    } catch (thrown) {
      if (statusOf(thrown) !== "NOT_FOUND") throw fromService(thrown, what);
    }
  }

  /**
   * Gives an alias to a version. Had it already: nothing is sent.
   * @param options `move`: takes it from the version that has it. Vertex AI does so unasked (MergeVersionAliases), and
   *   whoever calls "champion" would be answered by another version.
   * @throws ActivateError CONFLICT for one that another version has, unless it may be moved; REFUSED for one that breaks
   *   the rule (two characters at least, `[a-z][a-zA-Z0-9-]*[a-z0-9]`).
   */
  async setAlias(
    modelId: string,
    version: string,
    alias: string,
    { move = false }: { readonly move?: boolean } = {},
  ): Promise<ModelVersion> {
    if (!move) refuseTaken(modelId, alias, await this.versions(modelId), version);
    return await this.#mergeAliases(modelId, version, alias, true);
  }

  async #mergeAliases(modelId: string, version: string, alias: string, given: boolean): Promise<ModelVersion> {
    const before = await this.version(modelId, version);
    if (before?.aliases.includes(alias) === given) return before;
    const client = await modelClient(this.#connections);
    const versionAliases = [given ? alias : `-${alias}`];
    try {
      const [model] = await retry(() =>
        client.mergeVersionAliases({ name: `${this.nameOf(modelId)}@${version}`, versionAliases }),
      );
      return describe(model);
    } catch (thrown) {
      throw fromService(thrown, `Alias ${alias} for ${modelId}@${version}`);
    }
  }
}

/** @param version that may have it. @throws ActivateError CONFLICT */
function refuseTaken(
  modelId: string,
  alias: string,
  versions: readonly ModelVersion[],
  version: string | undefined,
): void {
  const holder = versions.find(({ aliases }) => aliases.includes(alias));
  if (holder === undefined || holder.version === version) return;
  throw new ActivateError(
    "CONFLICT",
    `The alias "${alias}" is taken: version ${holder.version} of ${modelId} has it. To move it, ` +
      `registry.setAlias("${modelId}", version, "${alias}", { move: true }).`,
  );
}

/** The part of `google.cloud.aiplatform.v1.Model` that is read. */
interface ModelMessage {
  readonly name?: string | null;
  readonly versionId?: string | null;
  readonly versionAliases?: readonly string[] | null;
  readonly displayName?: string | null;
  readonly modelSourceInfo?: { readonly sourceType?: unknown } | null;
  readonly versionCreateTime?: TimestampMessage | null;
  readonly supportedDeploymentResourcesTypes?: readonly unknown[] | null;
  readonly artifactUri?: string | null;
}

interface TimestampMessage {
  readonly seconds?: { toString(): string } | number | string | null;
}

export const millisecondsOf = (timestamp: TimestampMessage | null | undefined): number =>
  Number(String(timestamp?.seconds ?? 0)) * 1000;

function describe(message: ModelMessage): ModelVersion {
  const type = message.modelSourceInfo?.sourceType;
  return {
    model: (message.name ?? "").replace(/@.*$/, ""),
    version: message.versionId ?? "",
    aliases: [...(message.versionAliases ?? [])].sort(),
    displayName: message.displayName ?? "",
    source: typeof type === "number" ? (sources[type] ?? "") : String(type ?? ""),
    createdAt: millisecondsOf(message.versionCreateTime),
    deployable: (message.supportedDeploymentResourcesTypes ?? []).length > 0,
    artifactUri: message.artifactUri ?? "",
  };
}
