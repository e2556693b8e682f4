import { createHash } from "node:crypto";
import type { Endpoints } from "../../cloud/endpoints.js";
import { CHALLENGER, CHAMPION, type ModelRegistry } from "../../cloud/registry.js";
import { numberIn, textIn } from "../../cloud/rows.js";
import type { CloudStorage } from "../../cloud/storage.js";
import type { Warehouse } from "../../cloud/warehouse.js";
import { deployedOf, isBroken, type Rollout } from "../rollout.js";
import { LOADS, SAME, type Serving } from "../serving.js";
import { counted, formatNumber } from "../show/format.js";
import type { Training, TrainingRun } from "../training.js";
import { WEEK_TABLES } from "../weekPrediction.js";
import { notTried, type Outcome, right, wrong } from "./outcome.js";

interface Parts {
  readonly warehouse: Warehouse;
  readonly endpoints: Endpoints;
  readonly registry: ModelRegistry;
  readonly storage: CloudStorage;
  readonly training: Training;
  readonly rollout: Rollout;
  readonly serving: Serving;
}

/** 05: four autoencoders, one for each pair of two settings. */
export async function checkStudy(runs: readonly TrainingRun[], { training, storage }: Parts): Promise<Outcome> {
  if (runs.length === 0) return notTried("study is empty: no run has been collected.");
  const others = runs.filter(({ detector }) => detector !== "autoencoder");
  if (others.length > 0) {
    return wrong(`${others[0]?.name} is no autoencoder.`, 'detector: "autoencoder" in every run of the study.');
  }
  const names = new Set(runs.map(({ name }) => name));
  if (names.size < runs.length)
    return wrong("Some runs have the same settings.", "Each value of one with each of the other.");
  const varied = ["hiddenUnits", "epochs"].filter(
    (setting) => new Set(runs.map(({ settings }) => settings[setting])).size < 2,
  );
  if (varied.length > 0) {
    return wrong(
      `All runs have the same ${varied.join(" and ")}.`,
      "A study changes both settings: two loops, one in the other.",
    );
  }
  if (runs.length < 4) {
    return wrong(`${counted(runs.length, "run")}: pairs are missing.`, "Two values of each make four pairs.");
  }
  for (const { folder, name } of runs) {
    if (!(await storage.exists(`${folder}model.json`))) {
      return wrong(`${name} has left no model in ${folder}.`, "Run the cell again: the job trains it anew.");
    }
  }
  const areas = (await training.compared(runs)).map(({ area }) => Number(area));
  const [low, high] = [Math.min(...areas), Math.max(...areas)];
  return right(
    `${counted(runs.length, "job")}, areas under the curve from ${low.toFixed(3)} to ${high.toFixed(3)} on the week that none has seen.`,
    [
      "Choosing settings by the week on which they are judged flatters them a little: with many settings keep a third set of days.",
    ],
  );
}

/** 05: a version of the custom model that has to prove itself. */
export async function checkChallenger({ registry, storage, warehouse }: Parts): Promise<Outcome> {
  const { customModel } = warehouse.config;
  const versions = await registry.versions(customModel);
  if (versions.length === 0) return notTried(`The Model Registry has no model ${customModel} yet.`);
  const version = versions.find(({ aliases }) => aliases.includes(CHALLENGER));
  const champion = versions.find(({ aliases }) => aliases.includes(CHAMPION));
  if (version === undefined && champion === undefined) {
    return wrong(
      `${customModel} has ${counted(versions.length, "version")}, and none is called ${CHALLENGER}.`,
      "registry.challenge(config.customModel, version)",
    );
  }
  const named = version ?? champion;
  const folder = named?.artifactUri.replace(/\/?$/, "/") ?? "";
  if (!(await storage.exists(`${folder}model.json`))) {
    return wrong(`There is no model in ${folder}.`, "training.register(run) registers the folder that a job wrote.");
  }
  return right(
    version === undefined
      ? `Version ${champion?.version} is the ${CHAMPION} already: notebook 06 has promoted it.`
      : `Version ${version.version} of ${customModel} is the ${CHALLENGER}; its model lies in ${folder}.`,
  );
}

/** 06: challenger and first model share the traffic. */
export async function checkCanary({ endpoints, registry, warehouse }: Parts): Promise<Outcome> {
  const { customModel, endpoint: name } = warehouse.config;
  const [endpoint] = await endpoints.find(name);
  if (endpoint === undefined) return notTried(`There is no endpoint ${name}; notebook 02 makes it.`);
  const custom = (await registry.versions(customModel)).filter((version) => !isBroken(version));
  const deployed = custom.flatMap(({ version }) => deployedOf(endpoint, customModel, version) ?? []);
  const [canary] = deployed;
  if (canary === undefined) return notTried(`No version of ${customModel} is deployed to ${name} yet.`);
  if (endpoint.deployedModels.length < 2) {
    return wrong(
      "The challenger is alone: there is nothing to compare it with.",
      "Notebook 03 deploys the first model.",
    );
  }
  if (canary.traffic !== 10) {
    return wrong(
      `${canary.displayName} gets ${canary.traffic} % of the requests, not 10 %.`,
      canary.traffic === 100
        ? "traffic: 10; without it the new one gets everything."
        : "traffic in the options of deploy.",
    );
  }
  return right(`${canary.displayName} answers one request in ten; nobody who asks has to know.`);
}

/** 06: the challenger has all of the traffic, and the alias. */
export async function checkPromoted({ endpoints, registry, warehouse }: Parts): Promise<Outcome> {
  const { customModel, endpoint: name } = warehouse.config;
  const champion = await registry.version(customModel, CHAMPION);
  const [endpoint] = await endpoints.find(name);
  if (endpoint === undefined) return notTried(`There is no endpoint ${name}; notebook 02 makes it.`);
  if (champion === undefined) return notTried(`No version of ${customModel} is the ${CHAMPION} yet.`);
  const deployed = deployedOf(endpoint, customModel, champion.version);
  if (deployed === undefined) {
    return wrong(
      `Version ${champion.version} is the ${CHAMPION} and is not deployed.`,
      "The canary first, then rollout.promote().",
    );
  }
  if (deployed.traffic !== 100) {
    return wrong(
      `The ${CHAMPION} gets ${deployed.traffic} % of the requests.`,
      "rollout.promote() gives it all of them.",
    );
  }
  const ready = endpoint.deployedModels.find(({ traffic }) => traffic === 0);
  return right(`Version ${champion.version} answers everything.`, [
    ready === undefined ? "Nothing is kept ready to go back to." : `${ready.displayName} is kept ready, at 0 %.`,
  ]);
}

/** 06: the bad version is gone, nobody was lost. */
export async function checkRolledBack(parts: Parts): Promise<Outcome> {
  const { registry, rollout, warehouse } = parts;
  const { customModel } = warehouse.config;
  const broken = (await registry.versions(customModel)).find(isBroken);
  if (broken === undefined) return notTried("There has been no bad version yet: the cell that breaks it on purpose.");
  const deployed = await rollout.brokenDeployed();
  if (deployed !== undefined) {
    const taken = deployed.traffic > 0 ? `and answers ${deployed.traffic} % of the requests` : "at 0 %";
    return wrong(`The bad version ${broken.version} is still deployed, ${taken}.`, "rollout.rollBack()");
  }
  const promoted = await checkPromoted(parts);
  if (promoted.result !== "right") return promoted;
  const last = rollout.lastRollBack;
  if (last === undefined) return right("The good version answers everything, the bad one is gone.");
  if (last.lost > 0) return wrong(`${counted(last.lost, "request")} were lost.`, "Retries of those who ask.");
  return right(
    `The way back took ${last.milliseconds.toFixed(0)} ms, and none of ${formatNumber(last.requests)} requests was lost.`,
  );
}

/** 06: each purchase of the last week once, predicted by the champion. */
export async function checkBatch({ registry, rollout, storage, warehouse }: Parts): Promise<Outcome> {
  const rows = await rollout.week.found();
  if (rows === undefined) return notTried(`There is no table ${WEEK_TABLES.output} yet: rollout.predictLastWeek().`);
  const again = "rollout.predictLastWeek() once more: its table takes the place of this one.";
  const purchases = numberIn(
    await warehouse.row(`SELECT COUNT(*) AS purchases FROM ${warehouse.quoted(WEEK_TABLES.input)}`),
    "purchases",
  );
  const different = new Set(rows.map((row) => textIn(row, "transaction_id"))).size;
  if (different !== rows.length || rows.length !== purchases) {
    return wrong(
      `${counted(purchases, "purchase")} in the week; ${counted(rows.length, "prediction")}, about ${formatNumber(different)} of them.`,
      again,
    );
  }
  const champion = await registry.version(warehouse.config.customModel, CHAMPION);
  if (champion === undefined) return wrong(`No version is the ${CHAMPION} any more.`, "rollout.promote()");
  // A predictor that nobody told its version says which file it answers from, by the beginning of the hash.
  const file = await storage.read(`${champion.artifactUri.replace(/\/?$/, "/")}model.json`);
  const hash = createHash("sha256").update(file).digest("hex").slice(0, 12);
  const other = rows.find((row) => row.model_version !== hash);
  if (other !== undefined) {
    return wrong(`Model file ${other.model_version} predicted this; the ${CHAMPION} is ${hash}.`, again);
  }
  const flagged = rows.filter((row) => row.flagged === true).length;
  return right(
    `Version ${champion.version} predicted each of ${counted(purchases, "purchase")} once, and flags ${formatNumber(flagged)}.`,
  );
}

/** 08: the predictor, private, ready, able to sleep. */
export async function checkCloudRun({ serving, warehouse }: Parts): Promise<Outcome> {
  const service = await serving.find();
  if (service === undefined) return notTried(`There is no Cloud Run service ${warehouse.config.predictorService} yet.`);
  if (!service.ready) {
    return wrong(
      `The service is not ready: ${service.reason ?? "nobody says why"}.`,
      "Its log: the last lines say what it lacked.",
    );
  }
  if (service.minInstances > 0) {
    return wrong(
      `minInstances is ${service.minInstances}: so many are kept ready while nobody asks, and cost.`,
      "How many have to be ready when nobody asks?",
    );
  }
  const { artifactUri, version } = await serving.version();
  if (service.environment.AIP_STORAGE_URI !== artifactUri) {
    return wrong(
      `It serves ${service.environment.AIP_STORAGE_URI ?? "nothing"}, and version ${version} lies in ${artifactUri}.`,
      "serving.deploy again: it brings the version of today.",
    );
  }
  return right(`${service.id} serves version ${version}, for those with a token only, and sleeps when nobody asks.`);
}

/** 08: endpoint and Cloud Run give the same scores. */
export async function checkSameScores({ serving }: Parts): Promise<Outcome> {
  if ((await serving.find()) === undefined) return notTried("The predictor is not on Cloud Run yet.");
  const rows = await serving.compare(200);
  const far = rows.find(
    ({ endpoint, cloudRun }) => !(Math.abs(endpoint - cloudRun) <= SAME * Math.max(1, Math.abs(endpoint))),
  );
  if (far !== undefined) {
    return wrong(
      `Purchase ${far.transaction_id}: ${far.endpoint} at the endpoint, ${far.cloudRun} on Cloud Run.`,
      "Do both serve the same version? serving.deploy brings the champion.",
    );
  }
  return right(`${counted(rows.length, "purchase")}, and not one score differs by a millionth.`);
}

/** 08: the participant's guess of where a node becomes the cheaper one. */
export async function checkBreakEven(guess: number, { serving }: Parts): Promise<Outcome> {
  if (!(guess > 0)) return notTried("Write a number of predictions a second.");
  const at = serving.breakEven();
  const said = `With these prices both cost the same at ${at.toFixed(1)} predictions a second`;
  const remarks = [
    `Were no two requests ever in an instance together, it would be ${serving.breakEvenAlone().toFixed(1)}.`,
    ...LOADS.map(
      (load) =>
        `${formatNumber(Number(load.toFixed(3)))} a second is ${formatNumber(Number((load / at).toPrecision(2)))} times that.`,
    ),
  ];
  if (guess >= at / 2.5 && guess <= at * 2.5) {
    return right(
      `${said}. Below that, who sleeps is cheaper; above, requests share instances, and it is a matter of processors.`,
      remarks,
    );
  }
  return wrong(
    `${formatNumber(guess)} a second is ${guess < at ? "too few" : "too many"}.`,
    "What does a node cost in an hour, and a single request? How many requests are worth that hour?",
  );
}
