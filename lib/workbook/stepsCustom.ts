import { ACCOUNTS, type AccountName } from "../cloud/iam.js";
import { CHALLENGER, CHAMPION } from "../cloud/registry.js";
import { deployedOf, isBroken } from "./rollout.js";
import type { Services } from "./services.js";
import { counted } from "./show/format.js";
import type { Show } from "./show/show.js";
import { TRAINING_FOLDER } from "./training.js";

/** How a challenge is built, what there is of it, and how it is taken back. */
export interface Step {
  /** What the challenge ends with, made by its suggested solution; made before is left alone. */
  readonly build: (services: Services, show: Show) => Promise<void>;
  /** What is there that `takeBack` would remove, in words. */
  readonly made: (services: Services) => Promise<string[]>;
  readonly takeBack: (services: Services, show: Show) => Promise<void>;
}

/** 04: the live pipeline. Events, and the truth about them, stay: they are the shop's. */
export const live: Step = {
  build: async ({ pipeline }, show) => {
    await pipeline.ensure({ report: show.operation("Build the pipeline") });
  },
  made: async (services) => {
    const { pipeline, config } = services;
    const { scorer, pushEndpoint, deadLettersKept, ownTopic, tables } = await pipeline.state();
    return [
      ...(scorer === undefined ? [] : [`Cloud Run service ${scorer.id}`]),
      ...(pushEndpoint === undefined ? [] : [`subscription ${config.subscription}`]),
      ...(ownTopic === undefined ? [] : [`topic ${ownTopic}`]),
      ...(deadLettersKept ? [`topic ${config.deadLetterTopic} and its subscription`] : []),
      ...tables.map((name) => `${name.endsWith("_once") ? "view" : "table"} ${name}`),
      ...(await accountsMade(services, "scorer", "push")),
    ];
  },
  takeBack: async (services, show) => {
    const { pipeline, warehouse, config } = services;
    await pipeline.remove({ tables: true }, show.operation(`Remove service ${config.scorerService}`));
    await warehouse.drop("live_purchase_features");
    // The features were read from the view that is gone; now from the table again.
    if (await warehouse.exists("purchase_features")) await warehouse.rows("features/purchase_features.sql");
    await removeAccounts(services, "scorer", "push");
  },
};

/** 05: a registered detector of our own, and what its jobs wrote. */
export const custom: Step = {
  build: async ({ training, registry, storage, config }) => {
    const versions = await registry.versions(config.customModel);
    const named = versions.find(({ aliases }) => aliases.includes(CHAMPION) || aliases.includes(CHALLENGER));
    if (named !== undefined && (await storage.exists(`${named.artifactUri.replace(/\/?$/, "/")}model.json`))) return;
    const { version } = await training.register(await training.run({ detector: "autoencoder" }));
    await registry.challenge(config.customModel, version);
  },
  made: async ({ training, registry, storage, config }) => {
    const bucket = await storage.findBucket();
    const objects = bucket === undefined ? [] : await storage.list(`${bucket.uri}/${TRAINING_FOLDER}`);
    const jobs = await training.jobs();
    return [
      ...(await registry.versions(config.customModel)).map(
        ({ version }) => `${config.customModel}, version ${version}`,
      ),
      ...(jobs.length === 0 ? [] : [counted(jobs.length, "training job")]),
      ...(objects.length === 0 ? [] : [`${counted(objects.length, "object")} in ${bucket?.uri}/${TRAINING_FOLDER}`]),
    ];
  },
  takeBack: async ({ training, registry, storage, jobs, config }) => {
    await registry.remove(config.customModel);
    for (const { name } of await training.jobs()) await jobs.remove(name);
    const bucket = await storage.findBucket();
    if (bucket === undefined) return;
    await storage.remove(`${bucket.uri}/${TRAINING_FOLDER}`);
    const left = await storage.list(`${bucket.uri}/`);
    if (left.length === 0 && bucket.labels.created_by === "activate") await storage.removeBucket();
  },
};

/** 06: the detector deployed beside the first model, with all of the traffic. */
export const rolledOut: Step = {
  build: async ({ endpoints, registry, rollout, config }, show) => {
    const version =
      (await registry.version(config.customModel, CHAMPION)) ??
      (await registry.version(config.customModel, CHALLENGER));
    if (version === undefined) return;
    const endpoint = await rollout.endpoint();
    if (deployedOf(endpoint, config.customModel, version.version) === undefined) {
      const report = show.operation(`Deploy ${config.customModel} version ${version.version}`);
      await endpoints.deploy({ endpoint, model: version.model, version: version.version, traffic: 10, report });
    }
    await rollout.promote();
  },
  made: async (services) => {
    const { config, rollout } = services;
    const deployed = (await customDeployments(services)).map(
      ({ displayName, traffic }) => `deployed model ${displayName}, ${traffic} % of the requests to ${config.endpoint}`,
    );
    const jobs = await rollout.week.jobs();
    return [
      ...deployed,
      ...(await brokenVersions(services)).map(({ version }) => `${config.customModel}, version ${version}, broken`),
      ...(jobs.length === 0 ? [] : [counted(jobs.length, "batch prediction job")]),
      ...(await rollout.week.tables()).map((name) => `table ${name}`),
    ];
  },
  takeBack: async (services, show) => {
    const { endpoints, registry, rollout, storage, config } = services;
    const deployed = await customDeployments(services);
    if (deployed.length > 0) {
      const endpoint = await rollout.endpoint();
      const first = endpoint.deployedModels.find(({ id }) => !deployed.some((one) => one.id === id));
      if (first !== undefined && first.traffic !== 100) await endpoints.promote(endpoint, first.id);
      for (const { id, displayName } of deployed) {
        await endpoints.undeploy(endpoint, id, show.operation(`Undeploy ${displayName}`));
      }
    }
    await rollout.week.remove();
    for (const { version, artifactUri } of await brokenVersions(services)) {
      await registry.removeVersion(config.customModel, version);
      await storage.remove(artifactUri.replace(/\/?$/, "/"));
    }
    const champion = await registry.version(config.customModel, CHAMPION);
    if (champion !== undefined) {
      await registry.challenge(config.customModel, champion.version);
      await registry.removeAlias(config.customModel, champion.version, CHAMPION);
    }
  },
};

/** 08: the detector on Cloud Run. */
export const onCloudRun: Step = {
  build: async ({ serving }, show) => {
    await serving.deploy({ minInstances: 0, report: show.operation("Deploy to Cloud Run") });
  },
  made: async (services) => {
    const service = await services.serving.find();
    return [
      ...(service === undefined ? [] : [`Cloud Run service ${service.id}`]),
      ...(await accountsMade(services, "predictor")),
    ];
  },
  takeBack: async (services, show) => {
    const { run, config } = services;
    await run.remove(config.predictorService, show.operation(`Remove service ${config.predictorService}`));
    await removeAccounts(services, "predictor");
  },
};

async function customDeployments({ endpoints, config }: Services) {
  const found = (await endpoints.find(config.endpoint)).flatMap(({ deployedModels }) => deployedModels);
  return found.filter(({ model }) => model.endsWith(`/${config.customModel}`));
}

/** Versions that were made for the accident of notebook 06. */
async function brokenVersions({ registry, config }: Services) {
  return (await registry.versions(config.customModel)).filter(isBroken);
}

/** The accounts that are there, in words. */
async function accountsMade({ access }: Services, ...names: readonly AccountName[]): Promise<string[]> {
  const there = await Promise.all(names.map((name) => access.hasAccount(name)));
  return names.filter((_, index) => there[index]).map((name) => `service account ${ACCOUNTS[name].accountId}`);
}

/** The challenge's own accounts; the one by which the workbook calls services when none is left to call. */
async function removeAccounts({ access, run, config }: Services, ...names: readonly AccountName[]): Promise<void> {
  for (const name of names) await access.removeAccount(name);
  const services = await Promise.all([run.find(config.scorerService), run.find(config.predictorService)]);
  if (services.every((service) => service === undefined)) await access.removeAccount("caller");
}
