import { bestThreshold, FEATURES, metricsAtThreshold } from "../../anomaly/index.js";
import type { BigQueryMl, TrainedModel } from "../../cloud/bqml.js";
import type { ModelRegistry } from "../../cloud/registry.js";
import { numberIn } from "../../cloud/rows.js";
import type { Warehouse } from "../../cloud/warehouse.js";
import { scoresOf } from "../figures/detection.js";
import type { ModelVersions } from "../modelVersions.js";
import type { Purchases } from "../purchases.js";
import { counted, formatNumber, formatPercent } from "../show/format.js";
import { notTried, type Outcome, right, wrong } from "./outcome.js";

export const champion = "champion";

interface Parts {
  readonly warehouse: Warehouse;
  readonly bqml: BigQueryMl;
  readonly registry: ModelRegistry;
  readonly purchases: Purchases;
  readonly versions: ModelVersions;
}

/** A k-means model on all purchases of the training days. */
export async function checkUnscreened(model: TrainedModel | undefined, parts: Parts): Promise<Outcome> {
  const found = await findModel(model, parts);
  if ("result" in found) return found;
  const { all, far } = await trainingRows(parts.warehouse);
  const rows = rowsOf(found);
  if (rows === all) {
    return right(
      `${found.modelId} learnt from ${counted(rows, "purchase")} in ${counted(found.iterations, "iteration")}. Look at its clusters before you trust it.`,
    );
  }
  if (rows === all - far) {
    return wrong(
      "This model left the farthest tenth out already: that comes next.",
      "Read all of training_purchases here, without WHERE.",
    );
  }
  return wrong(
    `The model learnt from ${formatNumber(rows)} rows; training_purchases has ${formatNumber(all)}.`,
    "FROM and WHERE of your statement.",
  );
}

/** The same on the nearest nine tenths. */
export async function checkScreened(model: TrainedModel | undefined, parts: Parts): Promise<Outcome> {
  const found = await findModel(model, parts);
  if ("result" in found) return found;
  const { all, far } = await trainingRows(parts.warehouse);
  const rows = rowsOf(found);
  if (rows === all - far) {
    return right(
      `${counted(rows, "purchase")} were learnt from, the ${formatNumber(far)} farthest from the mean left out. No label was needed for that.`,
    );
  }
  if (rows === all)
    return wrong(
      "The model still learnt from every purchase.",
      "Column is_far of training_purchases says which to leave out.",
    );
  if (rows === far)
    return wrong("The model learnt from the far ones only: the condition is the wrong way round.", "WHERE NOT …");
  return wrong(
    `The model learnt from ${formatNumber(rows)} rows; without the far ones there are ${formatNumber(all - far)}.`,
    "WHERE of your statement.",
  );
}

/** A threshold that finds much and cries wolf seldom, on the days that the model has not seen. */
export async function checkThreshold(
  answer: { of: TrainedModel | undefined; at: number },
  parts: Parts,
): Promise<Outcome> {
  const { of: model, at: threshold } = answer;
  if (!(threshold > 0)) return notTried("Move the slider, then write the threshold that you want to answer for.");
  const found = await findModel(model, parts);
  if ("result" in found) return found;
  const { evaluation } = await parts.purchases.days();
  const scored = scoresOf(await parts.purchases.scored(found, evaluation));
  if (!scored.truth.includes(true)) {
    return {
      result: "cannot be checked",
      why: "There is no ground truth about these purchases: nobody knows which of them are anomalous. Look at those beyond your threshold.",
    };
  }
  const { precision, recall, f1Score, truePositives, falsePositives } = metricsAtThreshold(scored, threshold);
  const best = bestThreshold(scored);
  const said = `At ${threshold.toFixed(2)}, ${formatPercent(precision)} of the flags are right and ${formatPercent(recall)} of the anomalies are found`;
  const balance = `F1 ${f1Score.toFixed(2)}; the best that hindsight allows is ${best.f1Score.toFixed(2)} at ${best.threshold.toFixed(2)}.`;
  if (f1Score >= 0.85 * best.f1Score) return right(`${said}.`, [balance]);
  if (threshold < best.threshold) {
    return wrong(
      `${said}: ${formatNumber(falsePositives)} false alarms for ${formatNumber(truePositives)} anomalies.`,
      "To the right of where the slider stands: fewer flags, more of them right.",
      [balance],
    );
  }
  return wrong(
    `${said}: most anomalies slip through.`,
    "To the left of where the slider stands: more is found, at a price.",
    [balance],
  );
}

/** A version in the registry, with the alias, and what decides kept beside it. */
export async function checkRegistered(parts: Parts): Promise<Outcome> {
  const { warehouse, registry, bqml, versions } = parts;
  const modelId = warehouse.config.model;
  const registered = await registry.versions(modelId);
  if (registered.length === 0) return notTried(`The Model Registry has no model ${modelId} yet.`);
  const version = registered.find(({ aliases }) => aliases.includes(champion));
  if (version === undefined) {
    return wrong(
      `${modelId} has ${counted(registered.length, "version")}, and none is called ${champion}.`,
      `registry.setAlias(modelId, version, "${champion}")`,
    );
  }
  const source = (await bqml.models()).find((model) => model.registered?.version === version.version);
  if (source === undefined) {
    return wrong(
      `No BigQuery model belongs to version ${version.version}.`,
      "Did the model come from bqml.register(…)?",
    );
  }
  const { all } = await trainingRows(warehouse);
  if (rowsOf(source) === all) {
    return wrong(
      `Version ${version.version} is the model that learnt from every purchase: its anomalies excuse themselves.`,
      "Register the screened model, and move the alias.",
    );
  }
  const kept = (await versions.list()).find((record) => record.version === version.version);
  if (kept === undefined) {
    return wrong(
      `Version ${version.version} has no row in model_version: nobody knows its threshold.`,
      "versions.keep(model, threshold, how it was found)",
    );
  }
  return right(
    `Version ${version.version} is the ${champion}; ${source.modelId} made it, and a purchase is anomalous beyond ${kept.threshold.toFixed(2)} radii.`,
    [`Source ${version.source}, aliases ${version.aliases.join(" and ")}, features ${kept.features.join(", ")}.`],
  );
}

async function findModel(model: TrainedModel | undefined, { bqml }: Parts): Promise<TrainedModel | Outcome> {
  if (model === undefined) return notTried("No model was trained yet: the statement between the backticks is empty.");
  const found = await bqml.model(model.modelId);
  if (found === undefined)
    return wrong(`BigQuery has no model ${model.modelId} any more.`, "Run the cell that trains it again.");
  if (found.type !== "KMEANS") return wrong(`The model is of type ${found.type}.`, "MODEL_TYPE = 'KMEANS' in OPTIONS.");
  const missing = FEATURES.filter((name) => !found.features.includes(name));
  const foreign = found.features.filter((name) => !(FEATURES as readonly string[]).includes(name));
  if (foreign.length > 0) {
    return wrong(
      `The model learnt from ${foreign.join(", ")} too, which ${foreign.length === 1 ? "is no feature" : "are no features"}.`,
      "Name the seven features in SELECT instead of *: an id or a time is different for every purchase and says nothing about it.",
    );
  }
  if (missing.length > 0)
    return wrong(`The model knows nothing of ${missing.join(", ")}.`, "The list of columns in SELECT.");
  if (found.options.standardizeFeatures === false) {
    return wrong(
      "The features were not standardized: the one with the largest numbers decides alone.",
      "STANDARDIZE_FEATURES, which is TRUE unless you say otherwise.",
    );
  }
  if (found.clusters.length < 3 || found.clusters.length > 8) {
    return wrong(
      `The model has ${counted(found.clusters.length, "cluster")}.`,
      "NUM_CLUSTERS = 4 is a good beginning: few enough to look at each.",
    );
  }
  return found;
}

async function trainingRows(warehouse: Warehouse): Promise<{ all: number; far: number }> {
  const row = await warehouse.row("SELECT COUNT(*) AS purchases, COUNTIF(is_far) AS far FROM training_purchases");
  return { all: numberIn(row, "purchases"), far: numberIn(row, "far") };
}

const rowsOf = ({ clusters }: TrainedModel): number =>
  clusters.reduce((sum, { cluster_size }) => sum + cluster_size, 0);
