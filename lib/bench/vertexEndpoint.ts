import { setTimeout as delay } from "node:timers/promises";
import type { BigQuery } from "@google-cloud/bigquery";
import { DATASET } from "./clickstream.js";
import { PROJECT, type Server } from "./servers.js";

const LOCATION = "europe-west1";
const MODEL_ID = "bench-clusters";

/**
 * Trains, registers and deploys a small k-means model over REST, and makes the table `small` that it is trained on.
 * @returns a function that predicts.
 */
export async function deployClusters(
  client: BigQuery,
  { rest }: Server,
): Promise<(instances: readonly object[]) => Promise<unknown>> {
  await client.query(`
    CREATE TABLE ${DATASET}.small AS
    SELECT n, MOD(n, 10) AS a, MOD(n, 7) AS b, CONCAT('name ', CAST(n AS STRING)) AS name
    FROM UNNEST(GENERATE_ARRAY(0, 99)) AS n`);
  await client.query(`
    CREATE MODEL ${DATASET}.clusters
    OPTIONS (MODEL_TYPE = 'KMEANS', NUM_CLUSTERS = 3, MODEL_REGISTRY = 'VERTEX_AI', VERTEX_AI_MODEL_ID = '${MODEL_ID}')
    AS SELECT a, b FROM ${DATASET}.small`);
  const parent = `projects/${PROJECT}/locations/${LOCATION}`;
  const post = async (path: string, body: unknown): Promise<Record<string, unknown>> => {
    const answer = await fetch(`${rest}/v1/${path}`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify(body),
    });
    const text = await answer.text();
    if (!answer.ok) throw new Error(`POST ${path}: ${answer.status} ${text.slice(0, 500)}`);
    return JSON.parse(text) as Record<string, unknown>;
  };
  const finished = async (operation: Record<string, unknown>): Promise<Record<string, unknown>> => {
    let current = operation;
    while (current.done !== true) {
      await delay(20);
      current = (await (await fetch(`${rest}/v1/${String(operation.name)}`)).json()) as Record<string, unknown>;
    }
    if (current.error !== undefined) throw new Error(JSON.stringify(current.error));
    return current.response as Record<string, unknown>;
  };
  const { name } = await finished(await post(`${parent}/endpoints`, { displayName: "bench" }));
  await finished(
    await post(`${String(name)}:deployModel`, {
      deployedModel: {
        model: `${parent}/models/${MODEL_ID}`,
        dedicatedResources: { machineSpec: { machineType: "n1-standard-2" }, minReplicaCount: 1, maxReplicaCount: 1 },
      },
      trafficSplit: { 0: 100 },
    }),
  );
  return async (instances) => (await post(`${String(name)}:predict`, { instances })).predictions;
}
