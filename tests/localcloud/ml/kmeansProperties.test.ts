import assert from "node:assert/strict";
import { encodeRow, layOut } from "activate/localcloud/ml/features.js";
import { fitKMeans, type TrainingInput } from "activate/localcloud/ml/kmeans/fit.js";
import { KMeansPredictor, servingForm } from "activate/localcloud/ml/kmeans/model.js";
import { columnStatistics, upperHalf, upperQuantile } from "activate/localcloud/ml/statistics.js";
import { penguinInput, readFixture, readPenguins } from "./penguins.js";

interface ScikitLearn {
  readonly rows: readonly (readonly [number, number, number])[];
  readonly initial: readonly number[];
  readonly fits: Readonly<
    Record<string, { centers: number[][]; inertia: number; sizes: number[]; distances_of_row_0: number[] }>
  >;
  readonly mean: readonly number[];
  readonly standard_deviation: readonly number[];
  readonly quantile_sample: readonly number[];
  readonly quantiles: Readonly<Record<string, number>>;
}

const close = (actual: number | undefined, expected: number | undefined, relative = 1e-12): void => {
  assert.ok(
    actual !== undefined &&
      expected !== undefined &&
      Math.abs(actual - expected) <= relative * Math.max(1, Math.abs(expected)),
    `${actual} is not ${expected}`,
  );
};

function numericInput(rows: readonly (readonly number[])[], over: Partial<TrainingInput> = {}): TrainingInput {
  const width = rows[0]?.length ?? 0;
  const names = Array.from({ length: width }, (_, column) => `x${column}`);
  return {
    rowCount: rows.length,
    features: names.map((name) => ({ kind: "numeric", name })),
    columns: names.map((_, column) => Float64Array.from(rows, (row) => row[column] ?? Number.NaN)),
    standardize: true,
    initial: { method: "RANDOM" },
    options: {
      numClusters: 2,
      distanceType: "EUCLIDEAN",
      maxIterations: 20,
      earlyStop: true,
      minRelativeProgress: 0.01,
    },
    ...over,
  };
}

describe("k-means against scikit-learn", () => {
  const oracle = JSON.parse(readFixture("scikit-learn.json")) as ScikitLearn;
  for (const [iterations, expected] of Object.entries(oracle.fits)) {
    it(`gives its centres, inertia, sizes and distances after at most ${iterations} rounds`, () => {
      const { model } = fitKMeans(
        numericInput(oracle.rows, {
          initial: { method: "CUSTOM", rows: oracle.initial },
          options: {
            numClusters: 5,
            distanceType: "EUCLIDEAN",
            maxIterations: Number(iterations),
            earlyStop: false,
            minRelativeProgress: 0,
          },
        }),
        () => 0,
      );
      model.centroids.forEach((centroid, k) => {
        centroid.forEach((value, column) => {
          close(value, expected.centers[k]?.[column], 1e-9);
        });
      });
      const last = model.iterations[model.iterations.length - 1];
      assert.deepEqual(
        last?.clusters.map((cluster) => cluster.size),
        expected.sizes,
      );
      close((last?.loss ?? 0) * oracle.rows.length, expected.inertia, 1e-9);
      const { distances } = new KMeansPredictor(model).predict([...(oracle.rows[0] ?? [])]);
      distances.forEach((distance, k) => {
        close(distance, expected.distances_of_row_0[k], 1e-9);
      });
    });
  }

  it("has its means, sample deviations and linear quantiles", () => {
    oracle.mean.forEach((mean, column) => {
      const statistics = columnStatistics(Float64Array.from(oracle.rows, (row) => row[column] ?? Number.NaN));
      close(statistics.mean, mean);
      close(statistics.standardDeviation, oracle.standard_deviation[column]);
    });
    const sample = Float64Array.from(oracle.quantile_sample);
    for (const [fraction, quantile] of Object.entries(oracle.quantiles)) {
      close(upperQuantile(upperHalf(sample), sample.length, Number(fraction)), quantile);
    }
  });
});

describe("k-means", () => {
  const penguins = readPenguins();

  it("draws the same initial centroids whatever order the rows come in", () => {
    for (const method of ["RANDOM", "KMEANS++"] as const) {
      const forward = fitKMeans(penguinInput(penguins, { initial: { method } }), () => 0).model;
      const backward = fitKMeans(penguinInput([...penguins].reverse(), { initial: { method } }), () => 0).model;
      forward.centroids.forEach((centroid, k) => {
        centroid.forEach((value, column) => {
          close(value, backward.centroids[k]?.[column], 1e-9);
        });
      });
    }
  });

  it("encodes a constant column as 0 and never yields NaN", () => {
    const rows = Array.from({ length: 20 }, (_, i) => [5, i % 7]);
    const { model } = fitKMeans(numericInput(rows), () => 0);
    assert.ok(model.centroids.every((centroid) => centroid[0] === 0 && Number.isFinite(centroid[1])));
    assert.equal(encodeRow(layOut(model.encodings), [9, 1])[0], 0);
    assert.ok(Number.isFinite(new KMeansPredictor(model).predict([9, 1]).normalizedDistance));
  });

  it("does not divide by the radius of a cluster whose rows coincide", () => {
    const { model } = fitKMeans(
      numericInput([...Array(60_007).fill([0.1, 0.7]), ...Array(4001).fill([3.3, 2.1])]),
      () => 0,
    );
    assert.deepEqual(
      model.iterations[model.iterations.length - 1]?.clusters.map((cluster) => cluster.radius),
      [0, 0],
    );
    const predictor = new KMeansPredictor(model);
    assert.equal(predictor.predict([0.1, 0.7]).normalizedDistance, 0);
    assert.equal(predictor.predict([2, 2]).normalizedDistance, Number.POSITIVE_INFINITY);
    assert.equal(model.daviesBouldinIndex, 0);
  });

  it("keeps the centroid of an empty cluster and reports it as empty", () => {
    const rows = [...Array(6).fill([1, 1]), ...Array(4).fill([3, 2])];
    const options = { ...numericInput(rows).options, numClusters: 3 };
    const { model } = fitKMeans(numericInput(rows, { options }), () => 0);
    const sizes = model.iterations[model.iterations.length - 1]?.clusters.map((cluster) => cluster.size) ?? [];
    assert.deepEqual([...sizes].sort(), [0, 4, 6]);
    assert.ok(model.centroids.every((centroid) => centroid.every(Number.isFinite)));
  });

  it("measures COSINE as sqrt(1 - cos), a zero vector being at distance 1", () => {
    const rows = [
      [1, 0],
      [2, 0.1],
      [0, 3],
      [0.2, 5],
    ];
    const { model } = fitKMeans(
      numericInput(rows, {
        standardize: false,
        initial: { method: "CUSTOM", rows: [0, 2] },
        options: { ...numericInput(rows).options, distanceType: "COSINE" },
      }),
      () => 0,
    );
    const predictor = new KMeansPredictor(model);
    const { distances } = predictor.predict([1, 1]);
    const [x = 0, y = 0] = model.centroids[0] ?? [];
    close(distances[0], Math.sqrt(1 - (x + y) / (Math.SQRT2 * Math.hypot(x, y))));
    assert.deepEqual(predictor.predict([0, 0]).distances, [1, 1]);
  });

  it("takes NULL for the mean and an unseen category for none", () => {
    const { model } = fitKMeans(penguinInput(penguins), () => 0);
    const row = encodeRow(layOut(model.encodings), [null, null, null, "OTHER"]);
    assert.deepEqual([...row], [0, 0, 0, 0, 0, 0, 0]);
    assert.deepEqual([...encodeRow(layOut(model.encodings), [null, null, null, null]).subarray(3)], [0, 0, 0, 1]);
  });

  it("answers an endpoint's instance with scalars wrapped in arrays", () => {
    const { model } = fitKMeans(penguinInput(penguins), () => 0);
    const form = servingForm(new KMeansPredictor(model).predict([37.5, 18.5, 199, "MALE"]));
    assert.deepEqual(form.centroid_ids, [1, 2, 3]);
    assert.deepEqual(form.nearest_centroid_id, [3]);
    assert.equal(form.centroid_distances.length, 3);
  });

  it("finds the lower middle value of a large column without sorting it", () => {
    const values = Float64Array.from({ length: 100_001 }, (_, i) => ((i * 7919) % 100_001) ** 2);
    assert.equal(columnStatistics(values).median, 50_000 ** 2);
  });

  it("leaves NULLs out of a column's statistics, whatever its length", () => {
    for (const count of [1, 2, 3, 2047, 2049, 40_001]) {
      const values = Float64Array.from({ length: count }, (_, i) =>
        i % 5 === 1 ? Number.NaN : ((i * 7919) % 60_013) - 1e6,
      );
      const present = [...values].filter((value) => !Number.isNaN(value)).sort((a, b) => a - b);
      const mean = present.reduce((sum, value) => sum + value, 0) / present.length;
      const squares = present.reduce((sum, value) => sum + (value - mean) ** 2, 0);
      const found = columnStatistics(values);
      assert.deepEqual([found.count, found.nullCount], [present.length, count - present.length]);
      assert.deepEqual([found.min, found.max], [present[0], present.at(-1)]);
      assert.equal(found.median, present[Math.ceil(present.length / 2) - 1], `${count} values`);
      close(found.mean, mean);
      close(found.standardDeviation, present.length > 1 ? Math.sqrt(squares / (present.length - 1)) : 0);
    }
  });

  it("keeps the larger half of a sample sorted, however it is distributed", () => {
    const distributions: Readonly<Record<string, (i: number) => number>> = {
      even: (i) => ((i * 7919) % 100_003) / 7,
      "with outliers": (i) => ((i * 7919) % 100_003) ** 12,
      "mostly equal": (i) => (i % 1000 === 0 ? i : 3),
      equal: () => 0.1,
      "beyond any range": (i) => (i % 2 === 0 ? 1 : -1) * Number.MAX_VALUE * ((i % 17) / 17),
    };
    for (const [name, distribution] of Object.entries(distributions)) {
      for (const count of [1, 2, 15, 16, 1001, 60_000]) {
        const values = Float64Array.from({ length: count }, (_, i) => distribution(i));
        const expected = values
          .slice()
          .sort()
          .subarray(Math.floor((count - 1) / 2));
        assert.deepEqual(upperHalf(values), expected, `${name}, ${count} values`);
      }
    }
  });
});
