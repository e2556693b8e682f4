import assert from "node:assert/strict";
import {
  type Columns,
  DETECTOR_KINDS,
  DETECTOR_SETTINGS,
  type Detector,
  DetectorFormatError,
  detectorKind,
  fitDetector,
  loadDetector,
  SettingError,
  saveDetector,
  startTraining,
} from "activate/anomaly";
import { toMatrix } from "activate/anomaly/detectors/columns.js";
import { fitCopod } from "activate/anomaly/detectors/copod/copod.js";
import { checkDetector, checkOne, DETECTOR_CHECKS, type Fit } from "./checkDetector.js";

const withoutNaN = (columns: Columns): Columns =>
  Object.fromEntries(
    Object.entries(columns).map(([name, column]) => [name, Array.from(column, (value) => value || 0)]),
  );

const SETTINGS: Readonly<Record<string, Record<string, number>>> = {
  autoencoder: { epochs: 40, hiddenUnits: 12 },
  "isolation-forest": { trees: 50 },
  hbos: {},
  ensemble: { epochs: 40, hiddenUnits: 12, trees: 50 },
};

describe("detectors", function () {
  this.timeout(20_000);

  for (const kind of DETECTOR_KINDS) {
    describe(kind, () => {
      const fit: Fit = (columns, seed) => fitDetector(kind, columns, { seed, settings: SETTINGS[kind] ?? {} });
      for (const check of DETECTOR_CHECKS) {
        it(check, () => assert.equal(checkOne(check, fit), undefined));
      }
    });
  }

  describe("checkDetector catches a detector that", () => {
    const sound: Fit = (columns, seed) => fitDetector("isolation-forest", columns, { seed, settings: { trees: 20 } });
    const changed =
      (change: (detector: Detector) => Partial<Detector>): Fit =>
      (columns, seed) => {
        const detector = sound(columns, seed);
        return { ...detector, ...change(detector) };
      };
    let calls = 0;
    const broken: readonly (readonly [what: string, check: string, fit: Fit])[] = [
      [
        "ignores its seed",
        "the seed is used where chance is, and another one tells the same anomalies",
        (columns) => sound(columns, "a"),
      ],
      ["takes chance from elsewhere", "equal seeds give equal scores", (columns) => sound(columns, String(calls++))],
      [
        "depends on the order of columns",
        "the order of columns makes no difference",
        (columns, seed) => sound(columns, seed + Object.keys(columns)[0]),
      ],
      [
        "scores a batch otherwise than a row",
        "a row scores alone as in a batch",
        changed((detector) => ({
          score: (columns) => detector.score(columns).map((score, _, all) => score - (all[0] ?? 0)),
        })),
      ],
      [
        "takes NaN for 0",
        "NaN, infinite and missing values are refused by the column's name",
        changed((detector) => ({ score: (columns) => detector.score(withoutNaN(columns)) })),
      ],
      [
        "explains what it did not score",
        "contributions and baseline add up to the score",
        changed((detector) => ({ explain: (columns) => ({ ...detector.explain(columns), baseline: 0 }) })),
      ],
    ];
    for (const [what, check, fit] of broken) {
      it(what, () => assert.ok(checkOne(check, fit) !== undefined, `"${check}" passes`));
    }

    it("saves less than it knows", () => {
      const found = checkDetector(sound, (saved) => ({ ...loadDetector(saved), score: () => new Float64Array(400) }));
      assert.deepEqual(Object.keys(found), ["scores of a saved and loaded detector are equal"]);
    });
  });

  describe("a file", () => {
    const file = saveDetector(fitDetector("hbos", { a: [1, 2, 3, 2, 1], b: [1, 1, 1, 1, 2] }));

    it("names its format, version, kind, features and threshold", () => {
      const { format, version, kind, features, trainingRows } = JSON.parse(file);
      assert.deepEqual(
        { format, version, kind, features, trainingRows },
        { format: "activate-detector", version: 2, kind: "hbos", features: ["a", "b"], trainingRows: 5 },
      );
    });

    const changed = (change: object): string => JSON.stringify({ ...JSON.parse(file), ...change });
    const refused: readonly (readonly [what: string, text: string, reason: RegExp])[] = [
      ["truncated", file.slice(0, file.length / 2), /^the file is truncated or damaged: /],
      ["empty", "", /^the file is not a detector: /],
      ["of another kind of data", "PK\u0003\u0004", /^the file is not a detector: /],
      ["JSON of something else", '{"loss":1}', /^the file is not a detector: its "format" is not "activate-detector"/],
      [
        "of an earlier version",
        changed({ version: 1 }),
        /^the file is of format version 1, this program reads version 2: train/,
      ],
      ["of an unknown kind", changed({ kind: "lof" }), /^the file is damaged: kind: /],
      ["without its parameters", changed({ parameters: {} }), /^the file is damaged: histograms: /],
      [
        "with another number of features",
        changed({ features: ["a"] }),
        /^the file is damaged: 1 features and 2 histograms/,
      ],
      ["with a feature twice", changed({ features: ["a", "a"] }), /^the file is damaged: a feature is named twice/],
      ["with a field too many", changed({ extra: 1 }), /^the file is damaged: the file: Unrecognized key/],
    ];
    for (const [what, text, reason] of refused) {
      it(`that is ${what} is refused, the cause first`, () => {
        assert.throws(
          () => loadDetector(text),
          (error: unknown) => error instanceof DetectorFormatError && reason.test(error.message),
        );
      });
    }

    it("of an autoencoder or a forest with impossible parameters is refused", () => {
      const columns = { a: [1, 2, 3, 4], b: [1, 2, 3, 5] };
      const saved = (kind: "autoencoder" | "isolation-forest"): Record<string, Record<string, unknown>> =>
        JSON.parse(
          saveDetector(fitDetector(kind, columns, { settings: kind === "autoencoder" ? { epochs: 1 } : { trees: 1 } })),
        );
      const autoencoder = saved("autoencoder");
      const forest = saved("isolation-forest");
      const with_ = (of: Record<string, Record<string, unknown>>, parameters: object): string =>
        JSON.stringify({ ...of, parameters: { ...of.parameters, ...parameters } });
      const [network] = (autoencoder.parameters?.networks ?? []) as object[];
      const withNetwork = (change: object): string =>
        with_(autoencoder, { networks: [network, { ...network, ...change }] });
      assert.throws(() => loadDetector(with_(autoencoder, { networks: [] })), /networks: Too small/);
      assert.throws(() => loadDetector(withNetwork({ weights: [1] })), /2-48-48-2 has \d+ parameters, got 1/);
      assert.throws(() => loadDetector(withNetwork({ layers: [3, 4, 3] })), /2 features and layers of 3, 4, 3 units/);
      assert.throws(() => loadDetector(withNetwork({ scales: [0, 1] })), /a scale is not greater than 0/);
      assert.throws(() => loadDetector(withNetwork({ spreads: [1, 0] })), /a scale is not greater than 0/);
      assert.throws(() => loadDetector(withNetwork({ unit: 0 })), /unit: /);
      const loop = { features: [0, -1, -1], splits: [1, 0, 0], children: [0, 0, 0], sizes: [4, 2, 2] };
      assert.throws(() => loadDetector(with_(forest, { trees: [loop] })), /tree 0 is not a tree/);
    });
  });

  describe("an ensemble", () => {
    const columns: Columns = {
      a: Array.from({ length: 300 }, (_, i) => Math.sin(i)),
      b: Array.from({ length: 300 }, (_, i) => Math.cos(i)),
    };
    const settings = { epochs: 20, hiddenUnits: 8, trees: 20 };
    const fitted = fitDetector("ensemble", columns, { settings });

    it("says of a row what the member says that is surest, in deviations from what it says of training rows", () => {
      const kinds = ["autoencoder", "isolation-forest", "hbos"] as const;
      const own = Object.fromEntries(
        kinds.map((kind) => {
          const { contamination, ...names } = DETECTOR_SETTINGS[kind];
          const given = Object.entries(settings).filter(([name]) => Object.keys(names).includes(name));
          return [kind, fitDetector(kind, columns, { settings: Object.fromEntries(given) })];
        }),
      );
      const rows = { a: [0, 0.2, 5, -1], b: [0, -1, 0, 0.1] };
      const middle = (values: readonly number[]): number => {
        const sorted = [...values].sort((x, y) => x - y);
        return ((sorted[149] ?? 0) + (sorted[150] ?? 0)) / 2;
      };
      const copod = fitCopod(toMatrix(columns, ["a", "b"]));
      const all = [...Object.values(own), { score: (of: Columns) => copod.score(toMatrix(of, ["a", "b"])) }];
      const members = all.map((detector) => {
        const usual = Array.from(detector.score(columns));
        const median = middle(usual);
        const scale = 1.4826 * middle(usual.map((score) => Math.abs(score - median)));
        return Array.from(detector.score(rows), (score) => (score - median) / scale);
      });
      for (const [row, score] of fitted.score(rows).entries()) {
        const expected = Math.max(...members.map((scores) => scores[row] ?? Number.NaN));
        assert.ok(Math.abs(score - expected) < 1e-9 * Math.max(1, expected), `row ${row}: ${score}, ${expected}`);
      }
    });

    it("that is saved without one of its members, or in another order, is refused", () => {
      const file = JSON.parse(saveDetector(fitted)) as { parameters: { members: object[] } };
      const { members } = file.parameters;
      const changed = (list: object[]): string => JSON.stringify({ ...file, parameters: { members: list } });
      assert.throws(
        () => loadDetector(changed(members.slice(1))),
        /^DetectorFormatError: the file is damaged: members: /,
      );
      assert.throws(() => loadDetector(changed([...members].reverse())), /member 0 is copod, not autoencoder/);
    });
  });

  describe("settings", () => {
    it("out of range, not whole, or unknown are refused by name", () => {
      const fitted = (settings: Record<string, number>) => () =>
        fitDetector("autoencoder", { a: [1, 2] }, { settings });
      assert.throws(
        fitted({ epochs: 0 }),
        new SettingError("epochs must be a whole number from 1 to 10000, got 0", "epochs"),
      );
      assert.throws(fitted({ epochs: 1.5 }), /epochs must be a whole number/);
      assert.throws(fitted({ learningRate: Number.NaN }), /learningRate must be a number from 0.000001 to 1, got NaN/);
      assert.throws(fitted({ epoch: 1 }), /detector autoencoder has no setting epoch. Did you mean epochs\?/);
      assert.throws(
        () => detectorKind("autoencodr"),
        /detector must be autoencoder, isolation-forest, hbos, ensemble, got "autoencodr". Did you mean autoencoder\?/,
      );
    });
  });

  describe("training", () => {
    const columns: Columns = {
      a: Array.from({ length: 300 }, (_, i) => Math.sin(i)),
      b: Array.from({ length: 300 }, (_, i) => Math.cos(i)),
    };
    const options = { settings: { epochs: 12, hiddenUnits: 8 }, validation: { a: [0, 1, 0.6], b: [1, 0, 0.8] } };

    it("reports a loss an epoch that falls", () => {
      const losses: number[] = [];
      const settings = { epochs: 12, hiddenUnits: 24 };
      fitDetector("autoencoder", columns, { ...options, settings, report: ({ loss }) => losses.push(loss) });
      assert.equal(losses.length, 12);
      assert.ok((losses.at(-1) ?? 1) < (losses[0] ?? 0) * 0.7, losses.join(" "));
    });

    it("goes on from a checkpoint of any epoch to the same detector, bit by bit", () => {
      const whole = startTraining("autoencoder", columns, options);
      const checkpoints: string[] = [];
      while (!whole.finished) {
        whole.step();
        checkpoints.push(JSON.stringify(whole.checkpoint()));
      }
      for (const epoch of [1, 3, 4, 8, 11]) {
        const resumed = startTraining("autoencoder", columns, options, JSON.parse(checkpoints[epoch - 1] ?? ""));
        while (!resumed.finished) resumed.step();
        assert.equal(saveDetector(resumed.detector()), saveDetector(whole.detector()), `epoch ${epoch}`);
      }
    });

    it("refuses a checkpoint of other rows", () => {
      const checkpoint = startTraining("autoencoder", columns, options).checkpoint();
      assert.throws(
        () => startTraining("autoencoder", { a: [1, 2], b: [1, 2] }, options, checkpoint),
        /other rows or settings/,
      );
    });

    it("stops early when validation rows are no longer restored better, and keeps the best epoch", () => {
      const settings = { epochs: 400, hiddenUnits: 8, patience: 3 };
      const training = startTraining("autoencoder", columns, { ...options, settings });
      const losses: number[] = [];
      while (!training.finished) losses.push(training.step().validationLoss ?? Number.NaN);
      assert.ok(losses.length < 400);
      assert.equal(losses.indexOf(Math.min(...losses)), losses.length - 1 - 3);
    });
  });
});
