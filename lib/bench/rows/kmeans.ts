import { join } from "node:path";
import { ROOT } from "../../cli/paths.js";
import type { Bench } from "../bench.js";
import { DATASET } from "../clickstream.js";
import { alternate, digest, timed } from "../measure.js";
import { startProgram } from "../processes.js";
import { benchPython } from "../python.js";
import { bigQueryClient, startOurs } from "../servers.js";

/** The rows of peers/kmeans.py, by the same arithmetic: sums of three shares, shifted by cluster. */
const MULTIPLIERS = [
  [48271, 69621, 16807],
  [39373, 40692, 40014],
  [65539, 30269, 30307],
  [44485, 22695, 12345],
  [17364, 8121, 28411],
] as const;
const ITERATIONS = 10;

function column(place: number, [a, b, c]: readonly [number, number, number]): string {
  const share = (multiplier: number, modulus: number) => `MOD((n + 1) * ${multiplier}, ${modulus}) / ${modulus}`;
  return `${share(a, 1000003)} + ${share(b, 998244)} + ${share(c, 999983)} + MOD(n, 4) * ${0.25 + place / 8} AS x${place + 1}`;
}

export const kmeans: Bench = {
  name: "kmeans",
  what: "CREATE MODEL, KMEANS with k = 4 on 1M rows of 5 features, against Parquet, StandardScaler, KMeans and distances in scikit-learn",
  async run(context) {
    const { rows, rounds } = context.scale === "full" ? { rows: 1_000_000, rounds: 5 } : { rows: 4000, rounds: 1 };
    const python = benchPython(context);
    const script = join(ROOT, "lib", "bench", "peers", "kmeans.py");
    const peer = await startProgram(python.interpreter, [script, `${rows}`, join(context.folder, "rows.parquet")]);
    context.afterwards(() => peer.stop());
    const ours = await bigQueryClient(await startOurs(context));
    await ours.createDataset(DATASET);
    await ours.query(`
      CREATE TABLE ${DATASET}.points AS
      SELECT ${MULTIPLIERS.map((multipliers, place) => column(place, multipliers)).join(", ")}, n IN (11, 22, 33, 44) AS is_start
      FROM (
        SELECT block * 1000 + place AS n
        FROM UNNEST(GENERATE_ARRAY(0, ${rows / 1000 - 1})) AS block, UNNEST(GENERATE_ARRAY(0, 999)) AS place
      )`);
    await peer.line();

    let peerCentroids: readonly number[][] = [];
    const found = await alternate(
      { rounds },
      () =>
        timed(() =>
          ours.query(`
            CREATE OR REPLACE MODEL ${DATASET}.clusters
            OPTIONS (MODEL_TYPE = 'KMEANS', NUM_CLUSTERS = 4, KMEANS_INIT_METHOD = 'CUSTOM', KMEANS_INIT_COL = 'is_start',
              MAX_ITERATIONS = ${ITERATIONS}, EARLY_STOP = FALSE)
            AS SELECT * FROM ${DATASET}.points`),
        ),
      async () => {
        peer.write("run");
        const answer = JSON.parse(await peer.line()) as { seconds: number; centroids: number[][] };
        peerCentroids = answer.centroids;
        return answer.seconds * 1000;
      },
    );
    const [centroids] = await ours.query(`
      SELECT ARRAY_AGG(numerical_value ORDER BY feature) AS centroid
      FROM ML.CENTROIDS(MODEL ${DATASET}.clusters) GROUP BY centroid_id`);
    const sorted = (centroids as { centroid: number[] }[])
      .map(({ centroid }) => centroid)
      .sort((a, b) => (a[0] ?? 0) - (b[0] ?? 0));
    const difference = Math.max(
      ...sorted.flatMap((row, k) => row.map((value, j) => Math.abs(value - (peerCentroids[k]?.[j] ?? Number.NaN)))),
    );
    context.log(`centroids differ from scikit-learn's by ${difference.toExponential(1)} at most`);
    if (!(difference < 1e-6)) throw new Error(`the two sides did not cluster alike: centroids differ by ${difference}`);
    return { unit: "ms", ...found, peerName: "scikit-learn", hash: digest(sorted) };
  },
};
