import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { type Columns, toMatrix } from "activate/anomaly/detectors/columns.js";
import { fitCopod, readCopod } from "activate/anomaly/detectors/copod/copod.js";
import { Random } from "activate/anomaly/random.js";
import { ROOT } from "activate/cli/paths.js";

const FEATURES = ["a", "b", "c", "d"];

/** Of fixtures/copod.py: a long tail to the right, one to the left, none, and few values. */
const { columns, scores } = JSON.parse(
  readFileSync(join(ROOT, "tests", "anomaly", "fixtures", "copod.json"), "utf8"),
) as { columns: Columns; scores: number[] };

describe("COPOD", () => {
  const matrix = toMatrix(columns, FEATURES);
  const fitted = fitCopod(matrix);

  it("scores training rows as PyOD does, whatever else is scored", () => {
    for (const [row, score] of fitted.score(matrix).entries()) {
      assert.ok(Math.abs(score - (scores[row] ?? Number.NaN)) < 1e-12, `row ${row}: ${score}, PyOD ${scores[row]}`);
    }
  });

  it("scores a row beyond all training rows higher than any of them, feature by feature", () => {
    const far = fitted.explain(toMatrix({ a: [1e9], b: [-1e9], c: [0], d: [1] }, FEATURES));
    assert.ok((far.scores[0] ?? 0) > Math.max(...scores));
    assert.deepEqual([...far.contributions.subarray(0, 2)], [Math.log(80), Math.log(80)]);
  });

  it("keeps at most 2,000 values of a feature, both tails whole", () => {
    const random = new Random("tails");
    const values = Array.from({ length: 30_000 }, () => random.exponential(1)).sort((x, y) => x - y);
    const large = toMatrix({ a: values }, ["a"]);
    const forest = fitCopod(large);
    const { tails } = forest.parameters() as { tails: { values: number[] }[] };
    assert.equal(tails[0]?.values.length, 2000);
    const found = forest.score(large);
    for (const place of [29_999, 29_900, 29_600]) {
      assert.ok(Math.abs((found[place] ?? 0) + Math.log((30_000 - place) / 30_000)) < 1e-12, `row ${place}`);
    }
    // Between kept values the share of the next one counts: at most 29 rows more or less.
    assert.ok(Math.abs((found[15_000] ?? 0) - Math.log(2)) < 0.002, `${found[15_000]}`);
  });

  it("refuses parameters of other features, or that are no tails", () => {
    const saved = fitted.parameters() as { rows: number; tails: { values: number[] }[] };
    assert.throws(() => readCopod(saved, ["a"]), /^Error: 1 features and 4 tails$/);
    const [first, ...others] = saved.tails;
    const changed = (values: number[]) => ({ ...saved, tails: [{ ...first, values }, ...others] });
    assert.throws(() => readCopod(changed([1]), FEATURES), /tail 0 has gaps/);
    assert.throws(() => readCopod(changed([...(first?.values ?? [])].reverse()), FEATURES), /do not rise/);
  });
});
