import { FEATURES } from "../../anomaly/index.js";
import type { BigQueryMl, Cluster } from "../../cloud/bqml.js";
import type { Config } from "../../cloud/config.js";
import type { Endpoint, Endpoints } from "../../cloud/endpoints.js";
import type { CentroidDistances } from "../../cloud/prediction.js";
import type { ModelRegistry } from "../../cloud/registry.js";
import type { ModelVersions } from "../modelVersions.js";
import type { Purchases } from "../purchases.js";
import { counted, formatNumber } from "../show/format.js";
import { notTried, type Outcome, right, wrong } from "./outcome.js";
import { champion } from "./training.js";

/** The label that says whose the endpoint is. */
export const endpointLabels = { app: "activate" } as const;

/**
 * Whether a purchase is anomalous, from what the endpoint answers.
 * @param clusters radius of each centroid. @param threshold in radii.
 */
export type Decide = (
  answer: CentroidDistances,
  clusters: readonly Cluster[],
  threshold: number,
) => boolean | undefined;

interface Parts {
  readonly config: Config;
  readonly endpoints: Endpoints;
  readonly registry: ModelRegistry;
  readonly bqml: BigQueryMl;
  readonly versions: ModelVersions;
  readonly purchases: Purchases;
}

/** One endpoint of that name, with its label. */
export async function checkEndpoint({ config, endpoints }: Parts): Promise<Outcome> {
  const found = await endpoints.find(config.endpoint);
  const [endpoint] = found;
  if (endpoint === undefined) {
    const others = await endpoints.list();
    if (others.length === 0) return notTried(`There is no endpoint in ${config.region} yet.`);
    const names = others.map(({ displayName }) => `"${displayName}"`).join(", ");
    return wrong(
      `There is ${names}, but none called "${config.endpoint}".`,
      "The display name is that of the configuration: config.endpoint.",
    );
  }
  if (found.length > 1) {
    return wrong(
      `${found.length} endpoints are called "${config.endpoint}": ${found.map(({ id }) => id).join(", ")}. Callers would not know which to ask.`,
      "Take the younger ones away with endpoints.remove(name), and create by ensure, which looks first.",
    );
  }
  const missing = Object.entries(endpointLabels).filter(([key, value]) => endpoint.labels[key] !== value);
  if (missing.length > 0) {
    return wrong(
      `Endpoint ${endpoint.id} has no label ${missing.map(([key, value]) => `${key}=${value}`).join(", ")}.`,
      "labels in the options; ensure adds them to an endpoint that is there.",
    );
  }
  return right(`Endpoint ${endpoint.id} is there, once, and says whose it is. Run your cell again: it stays one.`);
}

/** The champion deployed to it, with all of the traffic. */
export async function checkDeployed({ config, endpoints, registry }: Parts): Promise<Outcome> {
  const [endpoint] = await endpoints.find(config.endpoint);
  if (endpoint === undefined) return notTried(`There is no endpoint "${config.endpoint}"; notebook 02 makes it.`);
  if (endpoint.deployedModels.length === 0) return notTried(`Nothing is deployed to ${config.endpoint} yet.`);
  const version = await registry.version(config.model, champion);
  if (version === undefined) {
    return wrong(
      `No version of ${config.model} is called ${champion}.`,
      "Notebook 01 registers it and moves the alias.",
    );
  }
  const deployed = endpoint.deployedModels.find(
    (one) => idOf(one.model) === config.model && one.version === version.version,
  );
  if (deployed === undefined) {
    const there = endpoint.deployedModels
      .map(({ displayName, version }) => `${displayName} (version ${version})`)
      .join(", ");
    return wrong(
      `${there} answers; the ${champion} is version ${version.version}.`,
      "Model and version in the options of deploy.",
    );
  }
  if (deployed.traffic !== 100) {
    return wrong(
      `Version ${version.version} gets ${deployed.traffic} % of the requests.`,
      "The traffic split: endpoints.setTraffic, or deploy again with traffic: 100.",
    );
  }
  return right(
    `Version ${version.version} answers 100 % of the requests to ${config.endpoint}, on ${deployed.machineType}.`,
  );
}

/** The participant's decision from the endpoint's answers, against SQL's, on every purchase. */
export async function checkDecision(decide: Decide, parts: Parts): Promise<Outcome> {
  const compared = await onlineAnswers(parts);
  if ("result" in compared) return compared;
  const { rows, clusters, threshold } = compared;
  let agreeing = 0;
  for (const { answer, sql, transaction_id } of rows) {
    const decision = decide(answer, clusters, threshold);
    if (decision === undefined) return notTried("decide answers undefined: write what makes a purchase anomalous.");
    if (decision === sql > threshold) {
      agreeing += 1;
      continue;
    }
    const distances = answer.centroid_ids.map(
      (id, index) =>
        `${(answer.centroid_distances[index] ?? 0).toFixed(3)} to centroid ${id} (radius ${(clusters.find(({ centroid_id }) => centroid_id === id)?.cluster_radius ?? 0).toFixed(3)})`,
    );
    return wrong(
      `Purchase ${transaction_id}: you say ${decision ? "anomalous" : "honest"}, SQL says ${sql > threshold ? "anomalous" : "honest"}. ${agreeing === 0 ? "" : `${counted(agreeing, "purchase")} before it agreed.`}`,
      `Its distances are ${distances.join(", ")}; the threshold is ${threshold.toFixed(3)} radii. The least of distance / radius decides, not the nearest centroid.`,
    );
  }
  return right(`All ${formatNumber(agreeing)} purchases are decided as SQL decides them.`, [
    "The endpoint knows neither radii nor threshold: whoever asks it needs the row of model_version, and so will the scorer of notebook 04.",
  ]);
}

/** Every purchase, by SQL and by the endpoint. */
export async function onlineAnswers({ config, endpoints, registry, bqml, versions, purchases }: Parts): Promise<
  | Outcome
  | {
      readonly endpoint: Endpoint;
      readonly threshold: number;
      readonly clusters: readonly Cluster[];
      readonly rows: readonly {
        transaction_id: string;
        sql: number;
        truth: boolean | null;
        answer: CentroidDistances;
      }[];
    }
> {
  const [endpoint] = await endpoints.find(config.endpoint);
  if (endpoint === undefined || endpoint.deployedModels.length === 0) {
    return notTried(`Nothing is deployed to ${config.endpoint} yet: the task before this one.`);
  }
  const version = await registry.version(config.model, champion);
  const model = (await bqml.models()).find(({ registered }) => registered?.version === version?.version);
  if (version === undefined || model === undefined) {
    return {
      result: "cannot be checked",
      why: `No BigQuery model belongs to ${config.model}@${champion}: run notebook 01, or npx activate prepare 03.`,
    };
  }
  const { threshold, clusters, features } = await versions.get(version.version);
  if (features.length !== FEATURES.length) {
    return {
      result: "cannot be checked",
      why: `Version ${version.version} was trained on ${features.join(", ")}; the workbook's features are ${FEATURES.join(", ")}.`,
    };
  }
  const scored = await purchases.scored(model);
  const answers = await purchases.online(endpoint.name, scored);
  return {
    endpoint,
    threshold,
    clusters,
    rows: scored.map(({ transaction_id, normalized_distance, truth }, index) => ({
      transaction_id,
      sql: normalized_distance,
      truth,
      answer: answers[index] ?? { centroid_ids: [], centroid_distances: [], nearest_centroid_id: 0 },
    })),
  };
}

const idOf = (model: string): string => model.slice(model.lastIndexOf("/") + 1);
