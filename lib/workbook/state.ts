import { champion } from "./checks/training.js";
import type { Services } from "./services.js";
import type { ArchitectureState } from "./show/architecture.js";
import { counted, formatNumber } from "./show/format.js";

/** What exists of the architecture now, asked of the services. */
export async function architectureState(services: Services): Promise<ArchitectureState> {
  const { config, warehouse, bqml, registry, endpoints } = services;
  const [events, models, versions, [endpoint]] = await Promise.all([
    warehouse.eventsTable().then((table) => warehouse.table(table)),
    bqml.models(),
    registry.versions(config.model),
    endpoints.find(config.endpoint),
  ]);
  const crowned = versions.find(({ aliases }) => aliases.includes(champion));
  const [deployed] = endpoint?.deployedModels ?? [];
  return {
    ...(events === undefined || events.rows === 0 ? {} : { sink: `${formatNumber(events.rows)} events` }),
    ...(models.length === 0 ? {} : { bqml: counted(models.length, "k-means model") }),
    ...(versions.length === 0
      ? {}
      : {
          registry:
            crowned === undefined ? counted(versions.length, "version") : `${champion}: version ${crowned.version}`,
        }),
    ...(endpoint === undefined ? {} : { endpoint: endpoint.displayName }),
    ...(deployed === undefined ? {} : { deployment: `version ${deployed.version}, ${deployed.traffic} %` }),
  };
}
