import { metricsAtThreshold, quantile } from "../anomaly/index.js";
import type { BigQueryMl } from "../cloud/bqml.js";
import type { DeployedModel, Endpoint, Endpoints } from "../cloud/endpoints.js";
import { ActivateError } from "../cloud/errors.js";
import type { Predictions } from "../cloud/prediction.js";
import { CHALLENGER, CHAMPION, type ModelRegistry, type ModelVersion } from "../cloud/registry.js";
import type { Row } from "../cloud/rows.js";
import type { CloudStorage } from "../cloud/storage.js";
import type { Warehouse } from "../cloud/warehouse.js";
import { decisionOf } from "./decisions.js";
import { type AnsweredRequest, answeredBy } from "./figures/rollout.js";
import type { ModelVersions, VersionRecord } from "./modelVersions.js";
import type { Purchases, ScoredPurchase } from "./purchases.js";
import { counted, formatPercent } from "./show/format.js";
import type { Show } from "./show/show.js";
import type { WeekPrediction, WeekPredictions } from "./weekPrediction.js";

/** A request and its answer, with the truth about the purchase. */
export interface JudgedRequest extends AnsweredRequest {
  readonly transaction_id: string;
  readonly score: number;
  readonly truth: boolean;
}

export interface AskOptions {
  /** Purchases of the last week, asked one by one; a third of them anomalous where there are so many. */
  readonly requests: number;
  /** Under way at once. Default 4. */
  readonly callers?: number;
}

/** What a roll back did. */
export interface RolledBack {
  /** How long the call took that moved the traffic. */
  readonly milliseconds: number;
  readonly requests: number;
  /** Requests that nobody answered, retries included. */
  readonly lost: number;
}

interface Parts {
  readonly warehouse: Warehouse;
  readonly bqml: BigQueryMl;
  readonly endpoints: Endpoints;
  readonly predictions: Predictions;
  readonly registry: ModelRegistry;
  readonly versions: ModelVersions;
  readonly purchases: Purchases;
  readonly storage: CloudStorage;
  readonly week: WeekPredictions;
  readonly show: Show;
}

/** Folder of the version that is broken on purpose, beside the one that it was copied from. */
const BROKEN = "broken-on-purpose/";

/** Two models behind one address: canary, promotion, an accident, the way back. */
export class Rollout {
  readonly #parts: Parts;
  /** What the last roll back of this notebook did. */
  lastRollBack: RolledBack | undefined;

  constructor(parts: Parts) {
    this.#parts = parts;
  }

  /** The last week through the champion, by a batch prediction job. */
  get week(): WeekPredictions {
    return this.#parts.week;
  }

  /** Runs that job; its table takes the place of the last job's. @throws as `week.run` */
  async predictLastWeek(): Promise<WeekPrediction> {
    return await this.#parts.week.run();
  }

  /** Asks the endpoint about purchases of the last week, and draws who answers what. */
  async ask(options: AskOptions): Promise<JudgedRequest[]> {
    return await this.#askWhile(options);
  }

  /** Who answered what share, what each flagged, how well, and how fast. */
  async compared(requests: readonly JudgedRequest[]): Promise<Row[]> {
    const names = [...new Set(requests.flatMap(({ by }) => (by === undefined ? [] : [by])))].sort();
    return names.map((name) => {
      const own = requests.filter(({ by }) => by === name);
      const flags = { scores: own.map(({ flagged }) => (flagged ? 1 : 0)), truth: own.map(({ truth }) => truth) };
      const { precision, recall } = metricsAtThreshold(flags, 0.5);
      const times = own.map(({ milliseconds }) => milliseconds);
      return {
        model: name,
        requests: own.length,
        "share of requests": formatPercent(own.length / requests.length),
        flagged: formatPercent(own.filter(({ flagged }) => flagged).length / own.length),
        anomalies: own.filter(({ truth }) => truth).length,
        precision: formatPercent(precision),
        recall: formatPercent(recall),
        "p50 ms": quantile(times, 0.5),
        "p99 ms": quantile(times, 0.99),
      };
    });
  }

  /** The version that is to be rolled out: the challenger; once it is promoted, the champion. */
  async candidate(): Promise<ModelVersion | undefined> {
    const { registry, warehouse } = this.#parts;
    const { customModel } = warehouse.config;
    return (await registry.version(customModel, CHALLENGER)) ?? (await registry.version(customModel, CHAMPION));
  }

  /**
   * All of the traffic for the deployed challenger, then the alias champion. Called again, or after a half: the same end.
   * @throws ActivateError NOT_FOUND when there is no challenger, or it is not deployed.
   */
  async promote(): Promise<void> {
    const { endpoints, registry, warehouse } = this.#parts;
    const { customModel } = warehouse.config;
    const version =
      (await registry.version(customModel, CHALLENGER)) ?? (await registry.version(customModel, CHAMPION));
    const endpoint = await this.endpoint();
    const deployed = version && deployedOf(endpoint, customModel, version.version);
    if (version === undefined || deployed === undefined) {
      throw new ActivateError(
        "NOT_FOUND",
        `No ${CHALLENGER} of ${customModel} is deployed yet: the task before this one.`,
      );
    }
    if (deployed.traffic !== 100) await endpoints.promote(endpoint, deployed.id);
    await registry.promote(customModel, version.version);
  }

  /** Deploys a version that flags everything, then gives it all of the traffic while requests keep coming. */
  async breakIt(options: AskOptions): Promise<JudgedRequest[]> {
    const { endpoints, show, warehouse } = this.#parts;
    const { model, version } = await this.#broken();
    const report = show.operation(`Deploy version ${version}, which is broken`);
    const endpoint = await endpoints.deploy({ endpoint: await this.endpoint(), model, version, traffic: 0, report });
    const deployed = deployedOf(endpoint, warehouse.config.customModel, version);
    return await this.#askWhile(options, async (mark) => {
      if (deployed !== undefined) await endpoints.promote(endpoint, deployed.id);
      return [mark("the bad version takes over")];
    });
  }

  /** Moves the traffic back while requests keep coming; then undeploys the broken version. */
  async rollBack(options: AskOptions = { requests: 300 }): Promise<RolledBack> {
    const { endpoints } = this.#parts;
    let milliseconds = Number.NaN;
    const requests = await this.#askWhile(options, async (mark) => {
      const endpoint = await this.endpoint();
      const began = performance.now();
      await endpoints.rollBack(endpoint);
      milliseconds = performance.now() - began;
      return [mark("rolled back")];
    });
    const broken = await this.brokenDeployed();
    if (broken !== undefined) await endpoints.undeploy(await this.endpoint(), broken.id);
    const lost = requests.filter(({ by }) => by === undefined).length;
    this.lastRollBack = { milliseconds, requests: requests.length, lost };
    return this.lastRollBack;
  }

  /** The version that is broken on purpose, while it is deployed. */
  async brokenDeployed(): Promise<DeployedModel | undefined> {
    const { registry, warehouse } = this.#parts;
    const { customModel } = warehouse.config;
    const broken = (await registry.versions(customModel)).filter(isBroken).map(({ version }) => version);
    const [endpoint] = await this.#parts.endpoints.find(warehouse.config.endpoint);
    return endpoint?.deployedModels.find(
      ({ model, version }) => idOf(model) === customModel && broken.includes(version),
    );
  }

  /** The configured endpoint. @throws ActivateError NOT_FOUND */
  async endpoint(): Promise<Endpoint> {
    const { endpoints, warehouse } = this.#parts;
    const [endpoint] = await endpoints.find(warehouse.config.endpoint);
    if (endpoint !== undefined) return endpoint;
    throw new ActivateError("NOT_FOUND", `There is no endpoint ${warehouse.config.endpoint}: notebook 02 makes it.`);
  }

  /** Purchases of the last week: a third of them anomalous where there are so many, mixed, always the same. */
  async sample(size: number): Promise<ScoredPurchase[]> {
    const week = await this.#lastWeek();
    const anomalies = week.filter(({ truth }) => truth === true).slice(0, Math.ceil(size / 3));
    const honest = week.filter(({ truth }) => truth !== true).slice(0, size - anomalies.length);
    // Every n-th is anomalous: both models meet some of them.
    const period = Math.max(2, Math.floor((anomalies.length + honest.length) / Math.max(1, anomalies.length)));
    const mixed: ScoredPurchase[] = [];
    for (const purchase of honest) {
      const next = mixed.length % period === period - 1 ? anomalies.pop() : undefined;
      if (next !== undefined) mixed.push(next);
      mixed.push(purchase);
    }
    return [...mixed, ...anomalies].slice(0, size);
  }

  /** The last week with the distances of the k-means model in charge. */
  async #lastWeek(): Promise<readonly ScoredPurchase[]> {
    const { bqml, purchases, registry, warehouse } = this.#parts;
    const champion = (await registry.version(warehouse.config.model, CHAMPION))?.version;
    return await purchases.lastWeek((await bqml.models()).find(({ registered }) => registered?.version === champion));
  }

  /** Asks; `work` begins after half of the requests, and as many as that half follow it, however long it takes. */
  async #askWhile(
    { requests: count, callers = 4 }: AskOptions,
    work?: (mark: (what: string) => Mark) => Promise<Mark[]>,
  ): Promise<JudgedRequest[]> {
    const { show, versions } = this.#parts;
    const [endpoint, sample, records] = await Promise.all([this.endpoint(), this.sample(count), versions.list()]);
    const bar = show.progress("Ask the endpoint", count);
    const figure = show.live();
    const began = performance.now();
    const half = Math.ceil(count / 2);
    const requests: JudgedRequest[] = [];
    let marks: Mark[] = [];
    let until = count;
    let next = 0;
    const change = async (): Promise<void> => {
      if (work === undefined) return;
      until = Number.POSITIVE_INFINITY;
      try {
        marks = await work((what) => ({ at: performance.now() - began, what }));
        until = requests.length + half;
      } catch (thrown) {
        until = 0;
        throw thrown;
      }
    };
    const ask = async (): Promise<void> => {
      for (let index = next++; index < until; index = next++) {
        const purchase = sample[index % Math.max(1, sample.length)];
        if (purchase === undefined) return;
        requests.push(await this.#askOne(endpoint.name, purchase, records, began));
        bar.update(Math.min(count, requests.length));
        figure.update(() => answeredBy(requests, marks));
        if (requests.length === half) await Promise.all([change(), ask()]);
      }
    };
    try {
      await Promise.all(Array.from({ length: callers }, ask));
    } catch (thrown) {
      until = 0;
      bar.fail();
      throw thrown;
    }
    bar.finish(counted(requests.length, "request"));
    figure.finish(answeredBy(requests, marks));
    return requests;
  }

  async #askOne(
    endpoint: string,
    { features, transaction_id, truth }: ScoredPurchase,
    records: readonly VersionRecord[],
    began: number,
  ): Promise<JudgedRequest> {
    const start = performance.now();
    const common = { at: start - began, transaction_id, truth: truth === true };
    try {
      const [answer] = await this.#parts.predictions.answers(endpoint, [features]);
      const milliseconds = performance.now() - start;
      if (answer === undefined) throw new ActivateError("REFUSED", "The endpoint answered nothing.");
      const record = records.find(({ version }) => version === answer.version);
      const { score, anomalous } = decisionOf(answer.prediction, record);
      return { ...common, by: `${answer.model}-${answer.version}`, milliseconds, score, flagged: anomalous };
    } catch (thrown) {
      if (thrown instanceof ActivateError && thrown.code === "CONFLICT") throw thrown;
      return { ...common, by: undefined, milliseconds: performance.now() - start, score: Number.NaN, flagged: false };
    }
  }

  /** A copy of the champion whose threshold lies below every score; registered before, it is found again. */
  async #broken(): Promise<ModelVersion> {
    const { registry, storage, warehouse } = this.#parts;
    const { customModel } = warehouse.config;
    const good = await registry.version(customModel, CHAMPION);
    if (good === undefined) {
      throw new ActivateError("NOT_FOUND", `${customModel} has no ${CHAMPION} yet: the task before this one.`);
    }
    const from = good.artifactUri.endsWith("/") ? good.artifactUri : `${good.artifactUri}/`;
    const artifactUri = `${from}${BROKEN}`;
    const model = await storage.readJson<Record<string, unknown>>(`${from}model.json`);
    await storage.upload(`${artifactUri}model.json`, JSON.stringify({ ...model, threshold: -1e6 }));
    const description = "flags everything: somebody was in a hurry";
    return await registry.register({ modelId: customModel, artifactUri, description });
  }
}

interface Mark {
  readonly at: number;
  readonly what: string;
}

/** Whether a version is the one of the accident. */
export const isBroken = ({ artifactUri }: ModelVersion): boolean =>
  artifactUri.endsWith(BROKEN) || artifactUri.endsWith(BROKEN.slice(0, -1));

/** The deployed model of that version. */
export const deployedOf = (endpoint: Endpoint, modelId: string, version: string): DeployedModel | undefined =>
  endpoint.deployedModels.find((one) => idOf(one.model) === modelId && one.version === version);

const idOf = (model: string): string => model.slice(model.lastIndexOf("/") + 1);
