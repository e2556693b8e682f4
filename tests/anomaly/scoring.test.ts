import assert from "node:assert/strict";
import { isAnomalous, normalizedDistance, thresholdFromTraining } from "activate/anomaly";

const clusters = (...radii: number[]) => radii.map((cluster_radius, i) => ({ centroid_id: i + 1, cluster_radius }));
const score = (distances: number[], ...radii: number[]) =>
  normalizedDistance(
    { centroid_ids: distances.map((_, i) => i + 1), centroid_distances: distances },
    clusters(...radii),
  );

describe("the decision from a k-means endpoint's distances", () => {
  it("takes the cluster in whose radii the row is nearest, not the nearest centroid", () => {
    assert.deepEqual(score([0.5, 3], 2, 1), { centroidId: 1, normalizedDistance: 0.25 });
    assert.deepEqual(score([1, 2], 0.5, 4), { centroidId: 2, normalizedDistance: 0.5 });
  });

  // BigQuery's recorded penguin model (contracts 1.3): its centroids, and what ML.DETECT_ANOMALIES said about three new rows.
  it("gives BigQuery's recorded normalized distances from BigQuery's recorded centroids", () => {
    const deviations = [5.45958371, 1.97479316, 14.06171368];
    const centroids = [
      {
        numbers: [47.50967742, 14.99354839, 217.04032258],
        sex: { ".": 1 / 124, MALE: 61 / 124, FEMALE: 59 / 124, none: 3 / 124 },
      },
      {
        numbers: [38.2078125, 18.03125, 187.9921875],
        sex: { ".": 0, MALE: 44 / 128, FEMALE: 80 / 128, none: 4 / 128 },
      },
      {
        numbers: [47.0363463, 18.83480803, 197.1612001],
        sex: { ".": 0, MALE: 63 / 92, FEMALE: 26 / 92, none: 3 / 92 },
      },
    ];
    const recorded: [numbers: number[], sex: string, normalizedDistance: number][] = [
      [[39.5, 18.8, 196], "MALE", 1.082937],
      [[38.5, 17.2, 181], "FEMALE", 0.77139],
      [[37.9, 18.1, 188], "FEMALE", 0.478304],
    ];
    for (const [numbers, sex, expected] of recorded) {
      const distances = centroids.map((centroid) => {
        const squares = numbers.map((x, i) => ((x - (centroid.numbers[i] ?? 0)) / (deviations[i] ?? 1)) ** 2);
        const categories = Object.entries(centroid.sex).map(([name, share]) => (Number(name === sex) - share) ** 2);
        return Math.sqrt([...squares, ...categories].reduce((sum, square) => sum + square, 0));
      });
      const found = score(distances, 1.1415324, 1.0745496, 1.2412516);
      assert.ok(Math.abs(found.normalizedDistance - expected) < 1e-6, `${found.normalizedDistance}`);
    }
  });

  it("matches radii by id, whatever the order", () => {
    const found = normalizedDistance({ centroid_ids: [7, 3], centroid_distances: [4, 4] }, [
      { centroid_id: 3, cluster_radius: 4 },
      { centroid_id: 7, cluster_radius: 1 },
    ]);
    assert.deepEqual(found, { centroidId: 3, normalizedDistance: 1 });
  });

  it("does not divide by a radius of zero: upon the centroid is 0, elsewhere another cluster decides", () => {
    assert.deepEqual(score([0, 5], 0, 1), { centroidId: 1, normalizedDistance: 0 });
    assert.deepEqual(score([1e-16, 5], 0, 1), { centroidId: 1, normalizedDistance: 0 });
    assert.deepEqual(score([3, 5], 0, 1), { centroidId: 2, normalizedDistance: 5 });
    assert.deepEqual(score([3], 0), { centroidId: 1, normalizedDistance: Number.POSITIVE_INFINITY });
    assert.equal(isAnomalous(Number.POSITIVE_INFINITY, 2), true);
  });

  it("gives ties to the lower id", () => {
    const found = normalizedDistance({ centroid_ids: [2, 1], centroid_distances: [1, 1] }, clusters(1, 1));
    assert.equal(found.centroidId, 1);
  });

  it("is anomalous only strictly above the threshold", () => {
    assert.equal(isAnomalous(1.5, 1.5), false);
    assert.equal(isAnomalous(1.5000001, 1.5), true);
    assert.throws(() => isAnomalous(Number.NaN, 1), RangeError);
  });

  it("refuses what is not a distance for each centroid", () => {
    assert.throws(() => score([]), /expected a distance for each centroid/);
    assert.throws(() => score([1, 2], 1), /no radius is known for centroid 2/);
    assert.throws(() => score([Number.NaN], 1), /distance from centroid 1 must be at least 0, got NaN/);
    assert.throws(() => score([1], -1), /radius of centroid 1 must be at least 0, got -1/);
  });

  it("derives a threshold above which the wanted share of the training rows lies", () => {
    const scores = Array.from({ length: 1000 }, (_, i) => i);
    const threshold = thresholdFromTraining(scores, 0.02);
    assert.equal(scores.filter((value) => isAnomalous(value, threshold)).length, 20);
  });
});
