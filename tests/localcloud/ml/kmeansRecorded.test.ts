import assert from "node:assert/strict";
import { decodeNumber } from "activate/localcloud/ml/features.js";
import { type Fit, fitKMeans } from "activate/localcloud/ml/kmeans/fit.js";
import {
  anomalyThreshold,
  clusteringMetrics,
  clusterRadii,
  KMeansPredictor,
} from "activate/localcloud/ml/kmeans/model.js";
import { penguinInput, readPenguins } from "./penguins.js";

/** Numbers that the real BigQuery ML answered: googleapis/python-bigquery-dataframes tests/system/small/ml/test_cluster.py, test_core.py. */
describe("k-means on the recorded penguins", () => {
  let fit: Fit;
  before(() => {
    fit = fitKMeans(penguinInput(readPenguins()), () => 0);
  });
  const near = (actual: number | undefined, expected: number, digits = 6): void => {
    assert.ok(
      actual !== undefined && Math.abs(actual - expected) <= 0.6 * 10 ** -digits,
      `${actual} is not ${expected} to ${digits} digits`,
    );
  };

  it("ends on the recorded centroids after three rounds", () => {
    const { model } = fit;
    assert.equal(model.iterations.length, 3);
    const centroid = (k: number): number[] =>
      model.encodings.flatMap((encoding, column) =>
        encoding.kind === "numeric" ? [decodeNumber(encoding, model.centroids[k]?.[column] ?? Number.NaN)] : [],
      );
    const recorded = [
      [47.50967742, 14.99354839, 217.04032258],
      [47.0363463, 18.83480803, 197.1612001],
      [38.2078125, 18.03125, 187.9921875],
    ];
    recorded.forEach((values, k) => {
      const found = centroid(k);
      values.forEach((value, column) => {
        near(found[column], value);
      });
    });
  });

  it("shares out the categories as recorded, NULL among them", () => {
    const sex = fit.model.encodings[3];
    assert.ok(sex?.kind === "categorical");
    assert.deepEqual(sex.categories, [".", "FEMALE", "MALE", "_null_filler"]);
    const shares = fit.model.centroids.map((centroid) => [...centroid.subarray(3)]);
    [
      [1 / 124, 59 / 124, 61 / 124, 3 / 124],
      [0, 26 / 92, 63 / 92, 3 / 92],
      [0, 80 / 128, 44 / 128, 4 / 128],
    ].forEach((expected, k) => {
      expected.forEach((share, column) => {
        near(shares[k]?.[column], share, 12);
      });
    });
  });

  it("reports sizes, radii and loss of one more assignment to the final centroids", () => {
    const last = fit.model.iterations[2];
    assert.deepEqual(
      last?.clusters.map((cluster) => cluster.size),
      [123, 92, 129],
    );
    const radii = clusterRadii(fit.model);
    near(radii[0], 1.1415324, 7);
    near(radii[1], 1.2412516, 7);
    near(radii[2], 1.0745496, 7);
    near(last?.loss, 1.31097817, 8);
    near(fit.model.meanSquaredDistance, 1.31097817, 8);
    near(fit.model.daviesBouldinIndex, 1.16047922, 8);
    near(fit.model.iterations[0]?.loss, 1.326167);
    near(fit.model.iterations[1]?.loss, 1.316335);
  });

  it("keeps the means and the sample standard deviations of the training rows", () => {
    const means = [43.92192982, 17.15116959, 200.91520468];
    const deviations = [5.45958371, 1.97479316, 14.06171368];
    means.forEach((mean, column) => {
      near(fit.statistics[column]?.mean, mean, 8);
      near(fit.statistics[column]?.standardDeviation, deviations[column] ?? 0, 8);
      assert.equal(fit.statistics[column]?.nullCount, 2);
    });
  });

  it("gives the recorded normalised distances and flags", () => {
    const predictor = new KMeansPredictor(fit.model);
    const distances = (
      [
        [39.5, 18.8, 196, "MALE"],
        [38.5, 17.2, 181, "FEMALE"],
        [37.9, 18.1, 188, "FEMALE"],
      ] as const
    ).map((row) => predictor.predict(row).normalizedDistance);
    near(distances[0], 1.0829372, 8);
    near(distances[1], 0.7713898, 8);
    near(distances[2], 0.47830432, 8);
    near(anomalyThreshold(fit.model, 0.1), 1.29017, 5);
    near(anomalyThreshold(fit.model, 0.4), 0.99265, 5);
  });

  it("evaluates and predicts the recorded new rows", () => {
    const predictor = new KMeansPredictor(fit.model);
    const counts = new Float64Array(3);
    const squares = new Float64Array(3);
    const ids = (
      [
        [37.5, 18.5, 199, "MALE"],
        [55.8, 19.8, 207, "MALE"],
        [39.7, 18.9, 184, "MALE"],
        [43.8, 13.9, 208, "FEMALE"],
      ] as const
    ).map((row) => {
      const { centroidId, distances } = predictor.predict(row);
      counts[centroidId - 1] = (counts[centroidId - 1] ?? 0) + 1;
      squares[centroidId - 1] = (squares[centroidId - 1] ?? 0) + (distances[centroidId - 1] ?? 0) ** 2;
      return centroidId;
    });
    assert.deepEqual(ids, [3, 2, 3, 1]);
    const metrics = clusteringMetrics(fit.model.centroids, "EUCLIDEAN", { counts, squares });
    near(metrics.daviesBouldinIndex, 1.5236058, 8);
    near(metrics.meanSquaredDistance, 1.9659444, 8);
  });
});
