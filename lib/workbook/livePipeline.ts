import type { Config } from "../cloud/config.js";
import type { Connections } from "../cloud/connections.js";
import type { Endpoints } from "../cloud/endpoints.js";
import { ActivateError } from "../cloud/errors.js";
import type { AccessManagement } from "../cloud/iam.js";
import type { ReportProgress } from "../cloud/operation.js";
import { PipelineResources, scorerEnvironment } from "../cloud/pipeline.js";
import type { PubSubResources } from "../cloud/pubsub.js";
import type { Row } from "../cloud/rows.js";
import type { CloudRun, RunService } from "../cloud/run.js";
import type { Warehouse } from "../cloud/warehouse.js";
import type { LatencyBucket } from "./figures/pipeline.js";

/** What the scorer has counted since it started. */
export interface ScorerCounts {
  /** Pushes by what became of them. */
  readonly outcomes: Readonly<Record<string, number>>;
  readonly purchases: number;
  readonly anomalies: number;
  readonly predictCalls: number;
  readonly insertCalls: number;
  /** From a push's arrival to its answer. */
  readonly latencyMs: readonly LatencyBucket[];
}

/** What there is of the pipeline. */
export interface PipelineState {
  readonly scorer: RunService | undefined;
  /** Where the subscription pushes to; undefined without one. */
  readonly pushEndpoint: string | undefined;
  readonly deadLetterTopic: string | undefined;
  /** Whether dead letters are written to their table. */
  readonly deadLettersKept: boolean;
  /** The topic of the clickstream, when this made it. */
  readonly ownTopic: string | undefined;
  /** Which of the tables and views are there. */
  readonly tables: readonly string[];
}

interface Parts {
  readonly warehouse: Warehouse;
  readonly pubsub: PubSubResources;
  readonly run: CloudRun;
  readonly endpoints: Endpoints;
  readonly access: AccessManagement;
}

/** Pub/Sub -> scorer -> endpoint -> BigQuery, as one thing. Every method may be called twice. */
export class LivePipeline {
  readonly #config: Config;
  readonly #parts: Parts;
  readonly #access: AccessManagement;
  readonly #resources: PipelineResources;

  constructor(connections: Connections, parts: Parts) {
    this.#config = connections.config;
    this.#parts = parts;
    this.#access = parts.access;
    this.#resources = new PipelineResources(connections);
  }

  /** Tables and views that the pipeline writes and that are read from. */
  get tables(): readonly string[] {
    const { eventsTable } = this.#config;
    return [
      `${eventsTable}_once`,
      `${eventsTable}_anomaly`,
      `${eventsTable}_anomaly_once`,
      "dead_letter",
      "dead_letter_once",
    ];
  }

  /**
   * Makes what is missing, and leaves alone what is there: tables, dead letters, the scorer and who may call it, the push
   * subscription, the roles of Pub/Sub's own agent.
   * @throws ActivateError NOT_FOUND when nothing is deployed to the endpoint yet.
   */
  async ensure({ report }: { readonly report?: ReportProgress } = {}): Promise<void> {
    const { run } = this.#parts;
    const what = "Build the pipeline";
    const stage = (name: string) => report?.({ what, stage: name, done: false });
    const predictor = await this.#predictor();
    stage("tables and views");
    await this.#resources.ensureTables();
    this.#parts.warehouse.forgetTables();
    stage("topics");
    await Promise.all([this.#resources.ensureTopic(), this.#resources.ensureDeadLetters()]);
    stage("accounts and roles");
    const [scorerAccount, pushAccount] = await Promise.all([
      this.#access.ensureAccount("scorer"),
      this.#access.ensurePushAccount(),
    ]);
    stage("scorer");
    const service = await run.deploy({
      service: this.#config.scorerService,
      program: "scorer",
      serviceAccount: scorerAccount,
      environment: scorerEnvironment(this.#config, predictor),
      labels: { created_by: "activate" },
    });
    stage("push subscription");
    await run.grantInvoker(service.id, `serviceAccount:${pushAccount}`);
    await run.allowCalls(service.id);
    await this.#resources.connect(service.url, { serviceAccount: pushAccount });
    await this.#resources.grantDeadLettering();
    report?.({ what, stage: "", done: true });
  }

  /** Sends a dead letter again, mended. @returns id of the new message. @throws ActivateError NOT_FOUND */
  async replay(messageId: string, mend: (payload: string) => string): Promise<string> {
    return await this.#resources.replay(messageId, mend);
  }

  async state(): Promise<PipelineState> {
    const { run, pubsub, warehouse } = this.#parts;
    const { scorerService, subscription } = this.#config;
    const [scorer, push, kept, ownTopic, tables] = await Promise.all([
      run.find(scorerService),
      pubsub.subscription(subscription),
      pubsub.subscription(this.#resources.deadLetterSubscription),
      this.#resources.ownTopic(),
      warehouse.tables(),
    ]);
    return {
      scorer,
      pushEndpoint: push?.pushEndpoint,
      deadLetterTopic: push?.deadLetterTopic,
      deadLettersKept: kept !== undefined,
      ownTopic: ownTopic?.id,
      tables: this.tables.filter((name) => tables.includes(name)),
    };
  }

  /** The parts, and whether each is there, for people. */
  async parts(): Promise<Row[]> {
    const { scorer, pushEndpoint, deadLettersKept, tables } = await this.state();
    const { topic, subscription, deadLetterTopic, scorerService, eventsTable } = this.#config;
    const row = (part: string, name: string, there: boolean) => ({ part, name, "is there": there });
    return [
      row("topic and push subscription", `${topic} → ${subscription}`, pushEndpoint !== undefined),
      row("scorer on Cloud Run", scorerService, scorer?.ready === true),
      row("events, one row a message", `${eventsTable}_once`, tables.includes(`${eventsTable}_once`)),
      row(
        "decisions, one row a message",
        `${eventsTable}_anomaly_once`,
        tables.includes(`${eventsTable}_anomaly_once`),
      ),
      row(
        "dead letters",
        `${deadLetterTopic} → dead_letter_once`,
        deadLettersKept && tables.includes("dead_letter_once"),
      ),
    ];
  }

  /** @throws ActivateError NOT_FOUND with what to do, when there is no scorer to send anything to. */
  async require(): Promise<void> {
    const { scorer, pushEndpoint } = await this.state();
    if (scorer?.ready === true && pushEndpoint === scorer.url) return;
    throw new ActivateError(
      "NOT_FOUND",
      "The pipeline is not complete: run the cell of the first task, or unfold the solution and run that.",
    );
  }

  /** @throws ActivateError NOT_FOUND without a scorer; REFUSED when it answers otherwise. */
  async metrics(): Promise<ScorerCounts> {
    const answer = await this.#parts.run.call(this.#config.scorerService, {
      path: "/metrics",
      headers: { accept: "application/json" },
    });
    const body: unknown = answer.body;
    if (answer.status !== 200 || !isCounts(body)) {
      throw new ActivateError(
        "REFUSED",
        `The scorer's metrics: HTTP ${answer.status}, ${JSON.stringify(body).slice(0, 200)}`,
      );
    }
    const { outcomes, purchases, anomalies, predictCalls, insertCalls, latency } = body;
    const latencyMs = latency.map(({ upToMs, count }) => ({ upToMs: upToMs ?? Number.POSITIVE_INFINITY, count }));
    return { outcomes, purchases, anomalies, predictCalls, insertCalls, latencyMs };
  }

  /** What the scorer complained about last, in its log since then; undefined when it did not. @param sinceMs since 1970. */
  async complaint(sinceMs: number): Promise<string | undefined> {
    const lines = await this.#parts.run.logs(this.#config.scorerService, sinceMs);
    // Lines about requests say only that there was one.
    const own = lines.filter(({ severity, fields }) => severity !== "INFO" && !("httpRequest" in fields));
    return own.at(-1)?.text;
  }

  /** Takes down what costs or could: scorer, subscriptions, dead-letter topic; tables only with `tables: true`. */
  async remove({ tables = false }: { readonly tables?: boolean } = {}, report?: ReportProgress): Promise<void> {
    await this.#resources.remove();
    await this.#parts.run.remove(this.#config.scorerService, report);
    if (!tables) return;
    for (const name of [...this.tables].reverse()) await this.#parts.warehouse.drop(name);
    this.#parts.warehouse.forgetTables();
  }

  async #predictor(): Promise<string> {
    const { endpoint } = this.#config;
    const [found] = await this.#parts.endpoints.find(endpoint);
    if (found !== undefined && found.deployedModels.length > 0) return found.name;
    throw new ActivateError("NOT_FOUND", `Nothing is deployed to ${endpoint} yet: notebook 03 does it.`);
  }
}

/** What `/metrics` of the scorer answers. */
interface CountsMessage extends Omit<ScorerCounts, "latencyMs"> {
  readonly latency: readonly { readonly upToMs: number | null; readonly count: number }[];
}

function isCounts(body: unknown): body is CountsMessage {
  const message = body as Partial<CountsMessage> | null;
  return typeof message === "object" && message !== null && Array.isArray(message.latency) && "outcomes" in message;
}
