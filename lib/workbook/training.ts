import { createHash } from "node:crypto";
import { DETECTOR_FILE_VERSION, type DetectorKind, FEATURES, loadDetector, toColumns } from "../anomaly/index.js";
import type { BigQueryMl } from "../cloud/bqml.js";
import { ActivateError } from "../cloud/errors.js";
import type { Job, Jobs } from "../cloud/jobs.js";
import { CHALLENGER, CHAMPION, type ModelRegistry, type ModelVersion } from "../cloud/registry.js";
import type { Row } from "../cloud/rows.js";
import type { CloudStorage } from "../cloud/storage.js";
import type { Warehouse } from "../cloud/warehouse.js";
import { type Contest, type Judged, judge } from "./contest.js";
import { correlationMatrix, lossCurve } from "./figures/detectors.js";
import type { Purchases, ScoredPurchase } from "./purchases.js";
import type { Figure } from "./show/plot.js";
import type { Show } from "./show/show.js";

/** What to train, and the settings of that kind of detector that are not the default. */
export type TrainingOptions = { readonly detector: DetectorKind } & Readonly<Record<string, number | string>>;

/** A finished training job, and what it left. */
export interface TrainingRun {
  /** "autoencoder 48/16": the detector and the settings that were given. */
  readonly name: string;
  readonly detector: DetectorKind;
  readonly settings: Readonly<Record<string, number>>;
  readonly job: Job;
  /** `gs://BUCKET/training/JOB/model/` */
  readonly folder: string;
  /** What the job says about itself, in a row. */
  readonly summary: Row;
}

/** A contest of notebook 05, with the runs behind it. */
export interface DetectorContest extends Contest {
  /** The run with the largest area under the precision-recall curve. */
  readonly best: TrainingRun;
  /** An anomaly that the best finds and k-means does not: its score, feature by feature. */
  readonly explained: {
    readonly transaction: string;
    readonly kind: string;
    readonly parts: Readonly<Record<string, number>>;
  };
}

interface Parts {
  readonly warehouse: Warehouse;
  readonly bqml: BigQueryMl;
  readonly jobs: Jobs;
  readonly storage: CloudStorage;
  readonly registry: ModelRegistry;
  readonly purchases: Purchases;
  readonly show: Show;
}

/** Below it in the bucket lies a folder for each job. */
export const TRAINING_FOLDER = "training/";
/** By which our jobs are found. */
export const trainingLabels = { app: "activate", challenge: "05" } as const;

/** Custom training: jobs that are found again, their artifacts, detectors side by side. */
export class Training {
  readonly #parts: Parts;

  constructor(parts: Parts) {
    this.#parts = parts;
  }

  /** How the features move together in the training purchases. */
  async correlations(): Promise<Figure> {
    const rows = await this.#parts.warehouse.rows(`SELECT ${FEATURES.join(", ")} FROM training_purchases`);
    return correlationMatrix(
      FEATURES,
      FEATURES.map((name) => rows.map((row) => Number(row[name]))),
    );
  }

  /**
   * Trains by a job on the training purchases, with a bar and a live loss curve. The same settings on the same rows were
   * trained before: that job is found again, and no machine is started.
   * @throws ActivateError with the container's last lines when the job fails.
   */
  async run(options: TrainingOptions): Promise<TrainingRun> {
    const [run] = await this.runAll([options]);
    if (run === undefined) throw new ActivateError("INVALID_ARGUMENT", "There is nothing to train.");
    return run;
  }

  /** As `run`, several jobs side by side; in the order given. */
  async runAll(list: readonly TrainingOptions[]): Promise<TrainingRun[]> {
    await this.#parts.storage.ensureBucket({ labels: { created_by: "activate" } });
    return await Promise.all(list.map((options) => this.#run(options, list.length === 1)));
  }

  async #run(options: TrainingOptions, alone: boolean): Promise<TrainingRun> {
    const { jobs, storage, warehouse, show } = this.#parts;
    const name = nameOf(options);
    const displayName = `train-${options.detector}-${await this.#signature(options)}`;
    const outputFolder = `gs://${warehouse.config.bucket}/${TRAINING_FOLDER}${displayName}`;
    const folder = `${outputFolder}/model/`;
    const bar = show.progress(`Train ${name}`);
    try {
      const before = (await jobs.list({ displayName })).find(({ state }) => state === "SUCCEEDED");
      if (before !== undefined && (await storage.exists(`${folder}model.json`))) {
        bar.finish(`job ${before.id} has trained it already`);
        if (alone) await this.#drawCurve(before, name);
        return await this.#finished(options, name, before, folder);
      }
      const columns = ["transaction_id", ...FEATURES].join(", ");
      const args = trainerArguments(options, `SELECT ${columns} FROM ${warehouse.config.dataset}.training_purchases`);
      const job = await jobs.submit({ displayName, args, outputFolder, labels: trainingLabels });
      const figure = alone ? show.live() : undefined;
      const ended = await jobs.follow(job.name, {
        report: ({ job: { state }, curve }) => {
          const last = curve.at(-1);
          bar.update(0, last === undefined ? state.toLowerCase() : `epoch ${last.epoch} of ${last.epochs}`);
          if (figure !== undefined && last !== undefined) figure.update(() => lossCurve(curve, name));
          if (figure !== undefined && last !== undefined && state === "SUCCEEDED")
            figure.finish(lossCurve(curve, name));
        },
      });
      bar.finish(`job ${ended.id}, ${folder}`);
      return await this.#finished(options, name, ended, folder);
    } catch (thrown) {
      bar.fail();
      throw thrown;
    }
  }

  /** The curve of a job that has ended, as long as Cloud Logging keeps its lines. */
  async #drawCurve({ name }: Job, title: string): Promise<void> {
    const { jobs, show } = this.#parts;
    await jobs.follow(name, {
      report: ({ curve }) => {
        if (curve.length > 0) show.figure(lossCurve(curve, title));
      },
    });
  }

  /** Jobs of ours, the newest first. */
  async jobs(): Promise<Job[]> {
    const jobs = await this.#parts.jobs.list();
    return jobs.filter(
      ({ labels }) => labels.challenge === trainingLabels.challenge && labels.app === trainingLabels.app,
    );
  }

  /** The last lines that a job wrote. */
  async log({ job }: TrainingRun, lines: number): Promise<Row[]> {
    const written = await this.#parts.jobs.logs(job.name);
    return written.slice(-lines).map(({ severity, text }) => ({ severity, line: text }));
  }

  /** Runs side by side, on the week that none has seen: one row each, with its settings and the area under its curve. */
  async compared(runs: readonly TrainingRun[]): Promise<Row[]> {
    const purchases = await this.#heldOut();
    const judged = await Promise.all(runs.map((run) => this.#judge(run, purchases)));
    const { summary } = judge(purchases, judged);
    return runs.map(({ name, settings }) => ({
      run: name,
      ...settings,
      area: Number(summary.find(({ detector }) => detector === name)?.["area under PR curve"] ?? 0),
    }));
  }

  /** Detectors of the runs and the k-means champion on the same purchases. */
  async contest(runs: readonly TrainingRun[]): Promise<DetectorContest> {
    const purchases = await this.#heldOut();
    const judged = await Promise.all(runs.map((run) => this.#judge(run, purchases)));
    const contest = judge(purchases, [await this.#kMeans(purchases), ...judged]);
    const name = contest.detectors.find((one) => runs.some((run) => run.name === one));
    const best = runs.find((run) => run.name === name);
    if (best === undefined) throw new ActivateError("INVALID_ARGUMENT", "There is no run to judge.");
    return { ...contest, best, explained: await this.#explain(best, contest, purchases) };
  }

  /**
   * Makes the run's detector the next version of the configured custom model; registered before, it is found again.
   * @returns the version.
   */
  async register(run: TrainingRun): Promise<ModelVersion> {
    const { registry, warehouse, show } = this.#parts;
    const { customModel } = warehouse.config;
    return await registry.register({
      modelId: customModel,
      description: run.name,
      artifactUri: run.folder,
      labels: trainingLabels,
      report: show.operation(`Register ${run.name}`),
    });
  }

  /** Where the version comes from, as the job kept it beside the model. @param alias Default: the challenger. */
  async lineage(alias: string = CHALLENGER): Promise<Row[]> {
    const { registry, storage, warehouse } = this.#parts;
    const { customModel } = warehouse.config;
    const version = (await registry.version(customModel, alias)) ?? (await registry.version(customModel, CHAMPION));
    if (version === undefined) {
      throw new ActivateError("NOT_FOUND", `No version of ${warehouse.config.customModel} is called ${alias} yet.`);
    }
    const lineage = await storage.readJson<Record<string, unknown>>(`${withSlash(version.artifactUri)}lineage.json`);
    const facts = Object.entries({ version: version.version, model: version.artifactUri, ...lineage });
    return facts.map(([what, value]) => ({ what, value: typeof value === "string" ? value : JSON.stringify(value) }));
  }

  async #finished(options: TrainingOptions, name: string, job: Job, folder: string): Promise<TrainingRun> {
    const { detector, ...settings } = options;
    const metrics = await this.#parts.storage.readJson<TrainerMetrics>(`${folder}metrics.json`);
    const seconds = ((job.endedAt ?? 0) - (job.startedAt ?? 0)) / 1000;
    return {
      name,
      detector,
      settings: Object.fromEntries(Object.entries(settings).map(([key, value]) => [key, Number(value)])),
      job,
      folder,
      summary: {
        run: name,
        job: job.id,
        seconds: Number(seconds.toFixed(1)),
        "rows learnt from": metrics.rows?.training ?? 0,
        epochs: metrics.epochs?.length ?? 0,
        threshold: metrics.threshold ?? 0,
        model: `${folder}model.json`,
      },
    };
  }

  /** Of everything that makes two trainings the same: settings, rows, how the features are made, and who can read what was learnt. */
  async #signature(options: TrainingOptions): Promise<string> {
    const { bqml } = this.#parts;
    const data = await bqml.modelIdOf("bqml/train_unscreened.sql", { names: { num_clusters: 1 } });
    const given = Object.entries(options).sort(([left], [right]) => (left < right ? -1 : 1));
    return createHash("sha256")
      .update(JSON.stringify([data, given, DETECTOR_FILE_VERSION]))
      .digest("hex")
      .slice(0, 8);
  }

  async #heldOut(): Promise<readonly ScoredPurchase[]> {
    const { bqml, purchases, registry, warehouse } = this.#parts;
    const version = await registry.version(warehouse.config.model, CHAMPION);
    const model = (await bqml.models()).find(({ registered }) => registered?.version === version?.version);
    return await purchases.lastWeek(model);
  }

  async #kMeans(purchases: readonly ScoredPurchase[]): Promise<Judged> {
    const { registry, warehouse } = this.#parts;
    const version = await registry.version(warehouse.config.model, CHAMPION);
    const records = await warehouse.rows("registry/read_model_versions.sql", {
      params: { registry_model: warehouse.config.model },
    });
    const record = records.find((row) => row.version === version?.version);
    return {
      name: "k-means",
      scores: purchases.map(({ normalized_distance }) => normalized_distance),
      threshold: Number(record?.threshold ?? 1),
    };
  }

  async #judge(run: TrainingRun, purchases: readonly ScoredPurchase[]): Promise<Judged> {
    const detector = loadDetector(await this.#parts.storage.read(`${run.folder}model.json`));
    const scores = Array.from(detector.score(columnsOf(purchases)));
    return { name: run.name, scores, threshold: detector.threshold };
  }

  async #explain(
    best: TrainingRun,
    contest: Contest,
    purchases: readonly ScoredPurchase[],
  ): Promise<DetectorContest["explained"]> {
    const detector = loadDetector(await this.#parts.storage.read(`${best.folder}model.json`));
    const columns = columnsOf(purchases);
    const { scores, contributions } = detector.explain(columns);
    const alone = new Set(
      contest.foundByOne
        .filter((row) => row["found only by"] === best.name)
        .map(({ transaction_id }) => transaction_id),
    );
    const found = purchases
      .map(({ transaction_id, truth, kind }, index) => ({ transaction_id, truth, kind, index }))
      .filter(({ truth, index }) => truth === true && (scores[index] ?? 0) > detector.threshold);
    const one = found.find(({ transaction_id }) => alone.has(transaction_id)) ?? found[0];
    if (one === undefined) throw new ActivateError("NOT_FOUND", `${best.name} finds none of these anomalies.`);
    const parts = contributions.map(({ feature, values }) => [feature, values[one.index] ?? 0] as const);
    return { transaction: one.transaction_id, kind: one.kind ?? "unknown", parts: Object.fromEntries(parts) };
  }
}

/** The part of the trainer's `metrics.json` that is shown. */
interface TrainerMetrics {
  readonly threshold?: number;
  readonly rows?: { readonly training: number };
  readonly epochs?: readonly unknown[];
}

/** "autoencoder", or with the settings that were given "autoencoder, hiddenUnits 8, epochs 4". */
function nameOf({ detector, ...settings }: TrainingOptions): string {
  return [detector, ...Object.entries(settings).map(([name, value]) => `${name} ${value}`)].join(", ");
}

/** The trainer's command line: what it learns from, the detector and its settings; `hiddenUnits` is `--hidden-units` there. */
export function trainerArguments({ detector, ...settings }: TrainingOptions, query: string): string[] {
  const flags = Object.entries(settings).flatMap(([name, value]) => [
    `--${name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`,
    String(value),
  ]);
  return ["trainer", "--query", query, "--detector", detector, ...flags];
}

const columnsOf = (purchases: readonly ScoredPurchase[]): Record<string, number[]> =>
  toColumns(
    purchases.map(({ features }) => features),
    FEATURES,
  );

const withSlash = (uri: string): string => (uri.endsWith("/") ? uri : `${uri}/`);
