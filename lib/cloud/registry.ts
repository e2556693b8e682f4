import { modelClient } from "./clients.js";
import type { Connections } from "./connections.js";
import { fromService, statusOf } from "./errors.js";
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
}

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
   * Gives an alias to a version; the version that had it loses it. Had it already: nothing is sent.
   * @throws ActivateError REFUSED for an alias that breaks the rule (two characters at least, `[a-z][a-zA-Z0-9-]*[a-z0-9]`).
   */
  async setAlias(modelId: string, version: string, alias: string): Promise<ModelVersion> {
    const before = await this.version(modelId, version);
    if (before?.aliases.includes(alias)) return before;
    const client = await modelClient(this.#connections);
    try {
      const [model] = await retry(() =>
        client.mergeVersionAliases({ name: `${this.nameOf(modelId)}@${version}`, versionAliases: [alias] }),
      );
      return describe(model);
    } catch (thrown) {
      throw fromService(thrown, `Alias ${alias} for ${modelId}@${version}`);
    }
  }
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
  };
}
