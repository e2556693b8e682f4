import { configFrom } from "../../cloud/config.js";
import { addressOf, Connections } from "../../cloud/connections.js";
import { Predictions } from "../../cloud/prediction.js";
import { type Publisher, PubSubResources } from "../../cloud/pubsub.js";
import { ServiceCaller } from "../../cloud/serviceCaller.js";
import { readTable } from "../../cloud/tableReader.js";
import { TableWriter } from "../../cloud/tableWriter.js";
import { type ContainerHost, listenAddress, type Program } from "../host.js";
import { Log } from "./log.js";
import { Metrics } from "./metrics.js";
import { type Predictor, urlPredictor, vertexPredictor } from "./predictor.js";
import { Scorer } from "./scorer.js";
import { ScorerServer } from "./server.js";
import { scorerSettings } from "./settings.js";
import { VersionTable } from "./versions.js";

/** Of the ten seconds after SIGTERM. */
const DRAIN_MS_MAX = 8_000;

/**
 * The scorer: a Cloud Run service that takes Pub/Sub pushes of the clickstream, scores purchases and writes both tables.
 * @throws ActivateError CONFIGURATION
 */
export const run: Program = async (host) => {
  const config = configFrom(host.environment);
  const settings = scorerSettings(host.environment, config.deadLetterTopic);
  const connections = new Connections(config, addressOf(config, host.environment));
  const log = new Log(host, config.project, settings.logLevel);
  const metrics = new Metrics();
  const tables = { events: config.eventsTable, anomalies: `${config.eventsTable}_anomaly` };
  const writer = new TableWriter(connections);
  const scorer = new Scorer(
    settings,
    tables,
    {
      predictor: predictorOf(settings.predictor, connections, host),
      append: (table, rows) => writer.append(table, rows),
      publishDeadLetter: deadLetterPublisher(connections, settings.deadLetterTopic),
    },
    host,
    log,
    metrics,
  );
  const server = new ScorerServer(scorer, settings, host.clock, log, metrics);
  const port = await server.listen(Number(host.environment.PORT ?? 8080), listenAddress(host.environment));
  log.write("INFO", `The scorer listens on port ${port}.`, { predictor: settings.predictor, tables });
  await new Promise<void>((resolve) => {
    if (host.terminated.aborted) resolve();
    else host.terminated.addEventListener("abort", () => resolve(), { once: true });
  });
  const left = await server.drain(DRAIN_MS_MAX);
  log.write(left === 0 ? "INFO" : "WARNING", `The scorer ends; ${left} pushes were not answered and come again.`);
  await connections.close();
  return 0;
};

function predictorOf(predictor: string, connections: Connections, { clock }: ContainerHost): Predictor {
  if (/^https?:/.test(predictor)) {
    const caller = new ServiceCaller(connections, "scorer");
    const url = new URL("/predict", predictor).href;
    return urlPredictor((body, timeoutMs) => caller.post(url, body, timeoutMs), connections.config.customModel);
  }
  const versions = new VersionTable(() => readTable(connections, "model_version"), clock);
  return vertexPredictor(new Predictions(connections), predictor, versions);
}

/** The client is large and rarely needed: loaded with the first dead letter. */
function deadLetterPublisher(connections: Connections, topicId: string) {
  let publisher: Promise<Publisher> | undefined;
  return async (message: Parameters<Publisher["publish"]>[0]): Promise<string> => {
    publisher ??= new PubSubResources(connections).publisher({
      name: `projects/${connections.config.project}/topics/${topicId}`,
      id: topicId,
      labels: {},
    });
    return (await publisher).publish(message);
  };
}
