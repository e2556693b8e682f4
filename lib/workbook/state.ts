import type { DeployedModel } from "../cloud/endpoints.js";
import { champion } from "./checks/training.js";
import type { Services } from "./services.js";
import type { ArchitectureState, PartId } from "./show/architecture.js";
import { counted, formatNumber } from "./show/format.js";

/** What exists of the architecture now, asked of the services. */
export async function architectureState(services: Services): Promise<ArchitectureState> {
  const { config, warehouse, bqml, registry, endpoints, run, pubsub } = services;
  const [events, models, versions, custom, [endpoint], push, scorer, predictor] = await Promise.all([
    warehouse.eventsTable().then((table) => warehouse.table(table)),
    bqml.models(),
    registry.versions(config.model),
    registry.versions(config.customModel),
    endpoints.find(config.endpoint),
    pubsub.subscription(config.subscription),
    run.find(config.scorerService),
    run.find(config.predictorService),
  ]);
  const crowned = versions.find(({ aliases }) => aliases.includes(champion));
  const serving = (endpoint?.deployedModels ?? []).filter(({ traffic }) => traffic > 0);
  const lit: Readonly<Record<PartId, string | undefined>> = {
    shop: undefined,
    dataflow: undefined,
    pipeline: undefined,
    sink: events === undefined || events.rows === 0 ? undefined : `${formatNumber(events.rows)} events`,
    bqml: models.length === 0 ? undefined : counted(models.length, "k-means model"),
    registry:
      versions.length === 0
        ? undefined
        : crowned === undefined
          ? counted(versions.length, "version")
          : `${champion}: version ${crowned.version}`,
    custom: custom.length === 0 ? undefined : counted(custom.length, "version"),
    endpoint: endpoint?.displayName,
    deployment: (endpoint?.deployedModels ?? []).length === 0 ? undefined : shares(serving),
    pubsub: push === undefined ? undefined : "pushes events",
    scorer: scorer?.ready === true ? "scores purchases" : undefined,
    run: predictor?.ready === true ? "ready, or asleep" : undefined,
  };
  return Object.fromEntries(Object.entries(lit).filter((part): part is [string, string] => part[1] !== undefined));
}

/** "version 1, 100 %"; of several, who has how much. */
function shares(serving: readonly DeployedModel[]): string {
  const [first] = serving;
  if (first === undefined) return "no traffic";
  if (serving.length === 1) return `version ${first.version}, ${first.traffic} %`;
  return `${serving.length} models: ${serving.map(({ traffic }) => `${traffic} %`).join(", ")}`;
}
