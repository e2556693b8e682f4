import { FEATURES } from "../anomaly/index.js";
import type { ChallengeId } from "./challenges.js";
import { endpointLabels } from "./checks/serving.js";
import { champion } from "./checks/training.js";
import { nodeHour } from "./prices.js";
import { deployedOf } from "./rollout.js";
import type { Services } from "./services.js";
import { formatDollars } from "./show/format.js";
import { custom, live, onCloudRun, rolledOut, type Step } from "./stepsCustom.js";

/** Clusters of the suggested model, and the share of the training purchases that its threshold leaves unflagged. */
export const suggestion = { clusters: 4, quantile: 0.98 } as const;

/** What each challenge ends with, made by its suggested solution; made before is left alone. */
export const build: Readonly<Record<ChallengeId, Step["build"]>> = {
  "00": async ({ clickstream }) => {
    await clickstream.load();
  },
  "01": async (services) => {
    const { purchases, bqml, registry, versions, warehouse } = services;
    if (await hasChampion(services)) return;
    await purchases.writeTrainingTable();
    const model = await bqml.train("bqml/train.sql", { names: { num_clusters: suggestion.clusters } });
    const { threshold } = await warehouse.row("bqml/threshold.sql", {
      names: { model: model.modelId },
      params: { quantile: suggestion.quantile },
    });
    const { modelId, version } = await bqml.register(model.modelId);
    await registry.setAlias(modelId, version, champion, { move: true });
    const known = (await versions.list()).some((record) => record.version === version);
    if (known) return;
    await versions.keep(
      await bqml.model(model.modelId),
      Number(threshold),
      `${suggestion.quantile} quantile of training`,
    );
  },
  "02": async ({ endpoints, config }, show) => {
    await endpoints.ensure({
      displayName: config.endpoint,
      labels: endpointLabels,
      report: show.operation(`Create endpoint ${config.endpoint}`),
    });
  },
  "03": async ({ endpoints, registry, config }, show) => {
    const { created: _, ...endpoint } = await endpoints.ensure({
      displayName: config.endpoint,
      labels: endpointLabels,
    });
    const version = await registry.version(config.model, champion);
    // Deployed with whatever share: notebook 06 may have moved the traffic on.
    if (version === undefined || deployedOf(endpoint, config.model, version.version) !== undefined) return;
    const report = show.operation(`Deploy version ${version.version}`);
    await endpoints.deploy({ endpoint, model: version.model, version: version.version, report });
  },
  "04": live.build,
  "05": custom.build,
  "06": rolledOut.build,
  "08": onCloudRun.build,
};

/** Whether a model is in charge, with all that a decision needs: whichever the participant chose. */
async function hasChampion({ config, registry, bqml, versions, warehouse }: Services): Promise<boolean> {
  const [version, records, models, prepared] = await Promise.all([
    registry.version(config.model, champion),
    versions.list(),
    bqml.models(),
    warehouse.exists("training_purchases"),
  ]);
  const record = records.find((one) => one.version === version?.version);
  const trained = models.some(({ registered }) => registered?.version === version?.version);
  return prepared && trained && record !== undefined && FEATURES.every((name) => record.features.includes(name));
}

/** What a challenge made and `takeBack` would remove, in words; nothing when there is nothing. */
export const made: Readonly<Record<ChallengeId, Step["made"]>> = {
  "00": async ({ warehouse, config }) => {
    const tables = await warehouse.tables();
    const table = await warehouse.eventsTable();
    const ours = config.events === "simulated" ? [table, "purchase_label"] : [];
    return [...ours, "purchase_features"].filter((name) => tables.includes(name)).map((name) => `table ${name}`);
  },
  "01": async ({ warehouse, bqml }) => {
    const tables = await warehouse.tables();
    const models = (await bqml.models()).map(({ modelId, registered }) =>
      registered === undefined ? `model ${modelId}` : `model ${modelId}, registered as version ${registered.version}`,
    );
    return [
      ...models,
      ...["training_purchases", "model_version"].filter((name) => tables.includes(name)).map((name) => `table ${name}`),
    ];
  },
  "02": async ({ endpoints, config }) =>
    (await endpoints.find(config.endpoint)).map(({ id, displayName }) => `endpoint ${displayName} (${id})`),
  "03": async ({ endpoints, config }) => {
    const deployed = (await endpoints.find(config.endpoint)).flatMap(({ deployedModels }) => deployedModels);
    const found = deployed.filter(({ model }) => model.endsWith(`/${config.model}`));
    return found.map(({ displayName, machineType }) => {
      const price = nodeHour(machineType);
      const cost = price === undefined ? "" : `, ${formatDollars(price.dollars)} an hour on Google Cloud`;
      return `deployed model ${displayName} on ${machineType}${cost}`;
    });
  },
  "04": live.made,
  "05": custom.made,
  "06": rolledOut.made,
  "08": onCloudRun.made,
};

/** Removes what a challenge made. What later challenges built on it must be taken back first; the service says so. */
export const takeBack: Readonly<Record<ChallengeId, Step["takeBack"]>> = {
  "00": async ({ warehouse, config }) => {
    await warehouse.drop("purchase_features");
    if (config.events !== "simulated") return;
    await warehouse.drop(await warehouse.eventsTable());
    await warehouse.drop("purchase_label");
    warehouse.forgetTables();
  },
  "01": async ({ warehouse, bqml }) => {
    for (const { modelId } of await bqml.models()) await bqml.drop(modelId);
    await warehouse.drop("model_version");
    await warehouse.drop("training_purchases");
  },
  "02": async ({ endpoints, config }, show) => {
    for (const { name, id } of await endpoints.find(config.endpoint)) {
      await endpoints.remove(name, show.operation(`Remove endpoint ${id}`));
    }
  },
  "03": async ({ endpoints, config }, show) => {
    for (const endpoint of await endpoints.find(config.endpoint)) {
      for (const { id, displayName, model } of endpoint.deployedModels) {
        if (!model.endsWith(`/${config.model}`)) continue;
        await endpoints.undeploy(endpoint, id, show.operation(`Undeploy ${displayName}`));
      }
    }
  },
  "04": live.takeBack,
  "05": custom.takeBack,
  "06": rolledOut.takeBack,
  "08": onCloudRun.takeBack,
};
