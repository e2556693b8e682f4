import { CHALLENGER, CHAMPION } from "../cloud/registry.js";
import { deployedOf } from "./rollout.js";
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
  made: async ({ pipeline, config }) => {
    const { scorer, pushEndpoint, deadLettersKept, tables } = await pipeline.state();
    return [
      ...(scorer === undefined ? [] : [`Cloud Run service ${scorer.id}`]),
      ...(pushEndpoint === undefined ? [] : [`subscription ${config.subscription}`]),
      ...(deadLettersKept ? [`topic ${config.deadLetterTopic} and its subscription`] : []),
      ...tables.map((name) => `${name.endsWith("_once") ? "view" : "table"} ${name}`),
    ];
  },
  takeBack: async ({ pipeline, warehouse, config }, show) => {
    await pipeline.remove({ tables: true }, show.operation(`Remove service ${config.scorerService}`));
    await warehouse.drop("live_purchase_features");
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
      ...(jobs.length === 0 ? [] : [counted(jobs.length, "finished training job")]),
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
    return [...deployed, ...(await rollout.week.tables()).map((name) => `table ${name}`)];
  },
  takeBack: async (services, show) => {
    const { endpoints, registry, rollout, config } = services;
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
  made: async ({ serving }) => {
    const service = await serving.find();
    return service === undefined ? [] : [`Cloud Run service ${service.id}`];
  },
  takeBack: async ({ run, config }, show) => {
    await run.remove(config.predictorService, show.operation(`Remove service ${config.predictorService}`));
  },
};

async function customDeployments({ endpoints, config }: Services) {
  const found = (await endpoints.find(config.endpoint)).flatMap(({ deployedModels }) => deployedModels);
  return found.filter(({ model }) => model.endsWith(`/${config.customModel}`));
}
