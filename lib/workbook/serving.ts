import type { Endpoints } from "../cloud/endpoints.js";
import { ActivateError } from "../cloud/errors.js";
import type { AccessManagement } from "../cloud/iam.js";
import type { ReportProgress } from "../cloud/operation.js";
import type { Predictions } from "../cloud/prediction.js";
import { CHALLENGER, CHAMPION, type ModelRegistry, type ModelVersion } from "../cloud/registry.js";
import type { Row } from "../cloud/rows.js";
import type { CloudRun, RunService } from "../cloud/run.js";
import type { Json } from "../cloud/value.js";
import type { Warehouse } from "../cloud/warehouse.js";
import { type Capacity, type Cost, costOf } from "./costs.js";
import { decisionOf } from "./decisions.js";
import { type Measured, measure } from "./loadTest.js";
import { nodeHour, type Price, prices } from "./prices.js";
import type { ScoredPurchase } from "./purchases.js";
import type { Rollout } from "./rollout.js";
import type { Show } from "./show/show.js";

interface Parts {
  readonly warehouse: Warehouse;
  readonly endpoints: Endpoints;
  readonly predictions: Predictions;
  readonly registry: ModelRegistry;
  readonly run: CloudRun;
  readonly access: AccessManagement;
  readonly rollout: Rollout;
  readonly show: Show;
}

/** A purchase, scored in both places. */
export interface SameRow {
  readonly transaction_id: string;
  readonly endpoint: number;
  readonly cloudRun: number;
}

/** Predictions a second: a small shop, a busy one, a very busy one. */
export const LOADS = [1 / 60, 10, 500] as const;

/** Where the bar between "the same" and "another" lies. */
export const SAME = 1e-6;

/** The custom model on Cloud Run, beside the endpoint. */
export class Serving {
  readonly #parts: Parts;

  constructor(parts: Parts) {
    this.#parts = parts;
  }

  /** The version that is served: the champion, else the challenger. @throws ActivateError NOT_FOUND */
  async version(): Promise<ModelVersion> {
    const { registry, warehouse } = this.#parts;
    const { customModel } = warehouse.config;
    const version =
      (await registry.version(customModel, CHAMPION)) ?? (await registry.version(customModel, CHALLENGER));
    if (version !== undefined) return version;
    throw new ActivateError("NOT_FOUND", `${customModel} has no version yet: notebook 05 registers one.`);
  }

  /** Deploys the predictor with the version's model, private; there already, only what differs is changed. */
  async deploy({
    minInstances,
    report,
  }: {
    readonly minInstances: number;
    readonly report?: ReportProgress;
  }): Promise<RunService> {
    const { access, run, warehouse } = this.#parts;
    const { artifactUri, version } = await this.version();
    const service = await run.deploy({
      service: warehouse.config.predictorService,
      program: "predictor",
      serviceAccount: await access.ensureAccount("predictor"),
      environment: { AIP_STORAGE_URI: artifactUri, MODEL_VERSION: version },
      minInstances,
      labels: { created_by: "activate" },
      ...(report === undefined ? {} : { report }),
    });
    await run.allowCalls(service.id);
    return service;
  }

  /** Undefined before `deploy`. */
  async find(): Promise<RunService | undefined> {
    return await this.#parts.run.find(this.#parts.warehouse.config.predictorService);
  }

  /** Both asked about the same purchases. @param count how many */
  async bothAnswer(count: number): Promise<Row[]> {
    return (await this.compare(count)).map((row) => ({ ...row, difference: row.endpoint - row.cloudRun }));
  }

  /** As `bothAnswer`, for programs. @throws ActivateError CONFLICT when another model answers at the endpoint. */
  async compare(count: number): Promise<SameRow[]> {
    const { predictions, rollout, run } = this.#parts;
    const service = await this.#service();
    const purchases = await rollout.sample(count);
    const { version } = await this.version();
    const answers = await predictions.answers(
      (await rollout.endpoint()).name,
      purchases.map(({ features }) => features),
    );
    const other = answers.find(
      (answer) => answer.version !== version || answer.model !== this.#parts.warehouse.config.customModel,
    );
    if (other !== undefined) {
      throw new ActivateError(
        "CONFLICT",
        `At the endpoint ${other.model} version ${other.version} answers, on Cloud Run it is version ${version} of ${this.#parts.warehouse.config.customModel}. Notebook 06 promotes it.`,
      );
    }
    const { body } = await run.call(service, { path: "/predict", body: requestOf(purchases) });
    const predicted = predictionsOf(body);
    return purchases.map(({ transaction_id }, index) => ({
      transaction_id,
      endpoint: decisionOf(answers[index]?.prediction ?? null, undefined).score,
      cloudRun: decisionOf(predicted[index] ?? null, undefined).score,
    }));
  }

  /**
   * Milliseconds of the first answer after no instance was there. Locally the instances are ended at once; Cloud Run itself
   * takes up to 15 minutes after the last request, so there it is a cold start only if nobody asked for so long.
   */
  async coldStart(): Promise<number> {
    const service = await this.#service();
    const { region, target } = this.#parts.warehouse.config;
    const local = process.env.ACTIVATE_LOCAL_REST;
    if (target === "local" && local !== undefined) {
      await fetch(`${local}/_activate/run/${region}/${service.id}/idle`, { method: "POST" });
    }
    const [purchase] = await this.#parts.rollout.sample(1);
    const body = requestOf(purchase === undefined ? [] : [purchase]);
    const began = performance.now();
    await this.#parts.run.call(service, { path: "/predict", body });
    return performance.now() - began;
  }

  /** The same requests to both, one purchase each, several callers at once. */
  async sideBySide({ calls, callers }: { readonly calls: number; readonly callers: number }): Promise<Measured[]> {
    const { predictions, rollout, run, show } = this.#parts;
    const service = await this.#service();
    const purchases = await rollout.sample(100);
    const at = (index: number): ScoredPurchase[] =>
      purchases.slice(index % purchases.length, (index % purchases.length) + 1);
    const { name } = await rollout.endpoint();
    const ways: Readonly<Record<string, (index: number) => Promise<unknown>>> = {
      "Vertex AI endpoint": (index) =>
        predictions.predict(
          name,
          at(index).map(({ features }) => features),
        ),
      "Cloud Run": (index) => run.call(service, { path: "/predict", body: requestOf(at(index)) }),
    };
    const measured: Measured[] = [];
    for (const [way, call] of Object.entries(ways)) {
      const bar = show.progress(way, calls);
      // The first calls open connections and warm the code up: they are nobody's latency.
      await measure(way, call, { calls: callers * 4, callers });
      const found = await measure(way, call, { calls, callers, report: (done) => bar.update(done) });
      bar.finish(`${found.calls - found.failed} answers, ${found.perSecond.toFixed(0)} a second`);
      measured.push(found);
    }
    return measured;
  }

  /** What serving costs at three loads, with the throughput that was measured. */
  costs(measured: readonly Measured[]): Cost[] {
    const { machineType } = this.#parts.warehouse.config;
    const perSecond = (name: string) => Math.max(1, measured.find((one) => one.name === name)?.perSecond ?? 1);
    const capacities: Capacity[] = [
      { serving: "Vertex AI endpoint", perSecond: perSecond("Vertex AI endpoint") },
      { serving: "Cloud Run, min 0", perSecond: perSecond("Cloud Run") },
      { serving: "Cloud Run, min 1", perSecond: perSecond("Cloud Run") },
    ];
    return LOADS.flatMap((load) => capacities.map((capacity) => costOf(capacity, load, { machineType })));
  }

  /** The load, in predictions a second, at which one node costs as much as one Cloud Run instance that may sleep. */
  breakEven(): number {
    const { machineType } = this.#parts.warehouse.config;
    const dollars = (serving: Capacity["serving"], load: number) =>
      costOf({ serving, perSecond: Number.MAX_VALUE }, load, { machineType }).dollarsPerMonth;
    let [low, high] = [1e-6, 1e6];
    for (let step = 0; step < 100; step += 1) {
      const middle = Math.sqrt(low * high);
      if (dollars("Cloud Run, min 0", middle) < dollars("Vertex AI endpoint", middle)) low = middle;
      else high = middle;
    }
    return low;
  }

  /** The same for somebody who counts request by request, as if no two were ever in an instance together. */
  breakEvenAlone(): number {
    const { machineType } = this.#parts.warehouse.config;
    const dollars = (serving: Capacity["serving"], load: number) =>
      costOf({ serving, perSecond: Number.MAX_VALUE }, load, { machineType });
    const rare = 1e-6;
    return (
      dollars("Vertex AI endpoint", rare).dollarsPerMonth / (dollars("Cloud Run, min 0", rare).dollarsPerMonth / rare)
    );
  }

  /** The prices behind the costs, and where they were read. */
  prices(): Row[] {
    const { machineType } = this.#parts.warehouse.config;
    const node = nodeHour(machineType);
    const used: [string, Price][] = [
      ...(node === undefined ? [] : [[machineType, node] as [string, Price]]),
      ...Object.entries<Price>(prices).filter(([name]) => name.startsWith("run")),
    ];
    return used.map(([what, { dollars, per, source, read }]) => ({ what, dollars, per, source, read }));
  }

  async #service(): Promise<RunService> {
    const service = await this.find();
    if (service !== undefined) return service;
    throw new ActivateError("NOT_FOUND", "The predictor is not on Cloud Run yet: the task before this one.");
  }
}

const requestOf = (purchases: readonly ScoredPurchase[]): Json => ({
  instances: purchases.map(({ features }) => ({ ...features })),
});

function predictionsOf(body: Json): readonly Json[] {
  const predictions = typeof body === "object" && body !== null && "predictions" in body ? body.predictions : undefined;
  if (Array.isArray(predictions)) return predictions;
  throw new ActivateError("REFUSED", `The predictor on Cloud Run answered ${JSON.stringify(body).slice(0, 200)}`);
}
