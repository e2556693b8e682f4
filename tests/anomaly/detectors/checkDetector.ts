import { type Columns, type Detector, FeatureError, loadDetector, saveDetector } from "activate/anomaly";
import { Random } from "activate/anomaly/random.js";

/** Fits a detector to columns, by a seed. */
export type Fit = (columns: Columns, seed: string) => Detector;

/** Makes a detector again from what it saved. */
export type Load = (saved: string) => Detector;

/** What every detector must do. Each check answers what is wrong, or undefined. */
const CHECKS: Readonly<Record<string, (make: Fit, load: Load) => string | undefined>> = {
  "equal seeds give equal scores": (make) =>
    different(make(rows(), "a").score(rows()), make(rows(), "a").score(rows()), 0),

  "the seed is used where chance is, and another one tells the same anomalies": (make) => {
    const [one, other] = [make(rows(), "a"), make(rows(), "b")];
    const saved = [one, other].map((detector) => JSON.stringify(detector.toFile().parameters));
    if (one.kind !== "hbos" && saved[0] === saved[1]) return "another seed gives the same parameters";
    return far(one.score(ANOMALY)) && far(other.score(ANOMALY)) ? undefined : "scores are not numbers";
  },

  "a row scores alone as in a batch": (make) => {
    const detector = make(rows(), "a");
    const batch = detector.score(rows());
    const alone = Float64Array.from(batch.keys(), (row) => detector.score(row_(rows(), row))[0] ?? Number.NaN);
    return different(batch, alone, 0);
  },

  "the order of columns makes no difference": (make) => {
    const reversed = Object.fromEntries(Object.entries(rows()).reverse());
    return (
      different(make(rows(), "a").score(rows()), make(reversed, "a").score(rows()), 0) ??
      different(make(rows(), "a").score(rows()), make(rows(), "a").score(reversed), 0)
    );
  },

  "columns that it does not know make no difference": (make) => {
    const detector = make(rows(), "a");
    return different(detector.score(rows()), detector.score({ ...rows(), aaa: rows().size.map(() => Number.NaN) }), 0);
  },

  "scores of a saved and loaded detector are equal": (make, load) => {
    const detector = make(rows(), "a");
    const loaded = load(saveDetector(detector));
    if (loaded.threshold !== detector.threshold || loaded.kind !== detector.kind) return "threshold or kind differ";
    return different(detector.score(rows()), loaded.score(rows()), 0);
  },

  "contributions and baseline add up to the score": (make) => {
    const detector = make(rows(), "a");
    const { scores, baseline, contributions } = detector.explain(rows());
    const sums = scores.map((_, row) => contributions.reduce((sum, { values }) => sum + (values[row] ?? 0), baseline));
    return different(detector.score(rows()), scores, 0) ?? different(scores, sums, 1e-9);
  },

  "an anomaly scores above the threshold, and above nearly all rows": (make) => {
    const detector = make(rows(), "a");
    const score = detector.score(ANOMALY)[0] ?? Number.NaN;
    const above = detector.score(rows()).filter((other) => other >= score).length;
    if (!(score > detector.threshold)) return `score ${score} is not above the threshold ${detector.threshold}`;
    return above > 0.02 * ROWS ? `${above} usual rows score as high` : undefined;
  },

  "the feature that is odd contributes most": (make) => {
    const { contributions } = make(rows(), "a").explain(ANOMALY);
    const most = [...contributions].sort((a, b) => (b.values[0] ?? 0) - (a.values[0] ?? 0))[0]?.feature;
    return most === "price" ? undefined : `${most} contributes most, price is odd`;
  },

  "about the contaminated share of the training rows is flagged": (make) => {
    const detector = make(rows(), "a");
    const flagged = detector.score(rows()).filter((score) => score > detector.threshold).length;
    return flagged <= 0.02 * ROWS + 1 ? undefined : `${flagged} of ${ROWS} rows are flagged`;
  },

  "NaN, infinite and missing values are refused by the column's name": (make) => {
    const detector = make(rows(), "a");
    const spoiled = (value: number) => ({ ...rows(), weight: rows().weight.map((w, row) => (row === 7 ? value : w)) });
    const { weight: _, ...without } = rows();
    const calls: (() => unknown)[] = [
      () => make(spoiled(Number.NaN), "a"),
      () => make(spoiled(Number.POSITIVE_INFINITY), "a"),
      () => detector.score(spoiled(Number.NaN)),
      () => detector.score(spoiled(Number.NEGATIVE_INFINITY)),
      () => detector.score(without),
      () => detector.explain({ ...rows(), weight: [1] }),
    ];
    for (const [index, call] of calls.entries()) {
      const thrown = caught(call);
      if (!(thrown instanceof FeatureError && thrown.feature === "weight" && thrown.message.includes("weight"))) {
        return `call ${index}: ${String(thrown)}`;
      }
    }
    return undefined;
  },

  "a constant column and constant rows are taken": (make) => {
    const constant = make({ ...rows(), weight: rows().weight.map(() => 1e9) }, "a");
    const alike = make({ a: Array(50).fill(3), b: Array(50).fill(-7) }, "a");
    const usual = alike.score({ a: [3], b: [-7] })[0] ?? Number.NaN;
    if (!far(constant.score({ price: [1], size: [1], weight: [5] }))) return "scores are not numbers";
    if (usual > alike.threshold) return "the only row there is is flagged";
    return far(alike.score({ a: [4], b: [-7] })) ? undefined : "scores are not numbers";
  },

  "a single row, two rows and tiny data are taken": (make) => {
    for (const count of [1, 2, 3]) {
      const few = Object.fromEntries(Object.entries(rows()).map(([name, column]) => [name, column.slice(0, count)]));
      const detector = make(few, "a");
      if (!far(detector.score(rows())) || !Number.isFinite(detector.threshold))
        return `${count} rows: scores are not numbers`;
      if (detector.toFile().trainingRows !== count) return `${count} rows: trainingRows is wrong`;
    }
    return undefined;
  },

  "no rows to learn from are refused, no rows to score give no scores": (make) => {
    if (!(caught(() => make({ a: [] }, "a")) instanceof RangeError)) return "empty training data are taken";
    return make(rows(), "a").score({ price: [], size: [], weight: [] }).length === 0 ? undefined : "scores of nothing";
  },

  "the largest numbers that there are give finite scores": (make) => {
    const detector = make(rows(), "a");
    const huge = { price: [1e308, -1e308, 5e-324], size: [1e308, 1e308, 0], weight: [-1e308, 0, 0] };
    if (!far(detector.score(huge))) return "scores are not finite";
    return far(make({ a: [1e308, -1e308, 1e308, 0, 1e300] }, "a").score({ a: [-1e308, 0] })) ? undefined : "not finite";
  },
};

/** @returns the checks that fail, each with what is wrong; none for a sound detector. */
export function checkDetector(make: Fit, load: Load = loadDetector): Record<string, string> {
  const failures: Record<string, string> = {};
  for (const name of Object.keys(CHECKS)) {
    const failure = checkOne(name, make, load);
    if (failure !== undefined) failures[name] = failure;
  }
  return failures;
}

export const DETECTOR_CHECKS = Object.keys(CHECKS);

export function checkOne(name: string, make: Fit, load: Load = loadDetector): string | undefined {
  try {
    return CHECKS[name]?.(make, load);
  } catch (thrown) {
    return `throws ${String(thrown)}`;
  }
}

const ROWS = 400;

/** Prices that go with sizes, and weights apart from both; three prices are far too high. */
function rows(): Record<"price" | "size" | "weight", number[]> {
  const random = new Random("rows");
  const size = Array.from({ length: ROWS }, () => random.between(1, 10));
  return {
    price: size.map((value, row) => 3 * value + random.between(-1, 1) + (row % 150 === 80 ? 200 + row : 0)),
    size,
    weight: size.map(() => random.exponential(2)),
  };
}

const ANOMALY: Columns = { price: [400], size: [5], weight: [1] };

function row_(columns: Record<string, number[]>, row: number): Columns {
  return Object.fromEntries(Object.entries(columns).map(([name, column]) => [name, [column[row] ?? Number.NaN]]));
}

const far = (scores: Float64Array): boolean => scores.every(Number.isFinite);

function different(a: Float64Array, b: Float64Array, tolerance: number): string | undefined {
  if (a.length !== b.length) return `${a.length} and ${b.length} scores`;
  const row = a.findIndex((score, index) => !(Math.abs(score - (b[index] ?? Number.NaN)) <= tolerance));
  return row < 0 ? undefined : `row ${row}: ${a[row]} and ${b[row]}`;
}

function caught(call: () => unknown): unknown {
  try {
    return call();
  } catch (thrown) {
    return thrown;
  }
}
