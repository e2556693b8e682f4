import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { DETECTOR_KINDS, type DetectorKind, FeatureError, judge, saveDetector } from "../../anomaly/index.js";
import type { Connections } from "../../cloud/connections.js";
import { ActivateError } from "../../cloud/errors.js";
import { connectionsOf, type Folder, folderOf } from "../folder.js";
import type { ContainerHost, Program } from "../host.js";
import { log } from "../log.js";
import { checkpointFile } from "./checkpoint.js";
import { evaluate, labelledRows } from "./evaluate.js";
import { EXIT, TrainerFailure } from "./failure.js";
import { type Flags, parseFlags } from "./flags.js";
import { readLabels, readRows, splitRows } from "./rows.js";
import { type Trained, train } from "./train.js";

/**
 * Trains a detector from what a query answers and writes `metrics.json`, `lineage.json` and, last, `model.json` to AIP_MODEL_DIR: a folder with
 * a model is complete. Equal rows, flags and seed give equal files, but for the time and the job in the lineage. Exit codes: `EXIT`.
 */
export const run: Program = async (host) => {
  let connections: Connections | undefined;
  try {
    const flags = parseFlags(host.arguments, host.environment);
    connections = connectionsOf(host);
    await trainAndWrite(host, flags, connections);
    return EXIT.ok;
  } catch (error) {
    const { exitCode, message } = failureOf(error);
    log(host, exitCode === EXIT.terminated ? "WARNING" : "ERROR", message);
    return exitCode;
  } finally {
    await connections?.close();
  }
};

async function trainAndWrite(host: ContainerHost, flags: Flags, connections: Connections): Promise<void> {
  const model = folderOf(flags.modelFolder, () => connections);
  const checkpoints =
    flags.checkpointFolder === undefined ? undefined : folderOf(flags.checkpointFolder, () => connections);
  await model.check();
  await checkpoints?.check();
  const rows = await readRows(connections, flags.query, flags.features, flags.key);
  const parts = splitRows(rows, flags.validationShare);
  const { training, validation } = parts;
  log(
    host,
    "INFO",
    `${rows.keys.length} rows: ${training.keys.length} to learn from, ${validation.keys.length} to validate`,
  );
  const labels = flags.labels === undefined ? undefined : await readLabels(connections, flags.labels, flags.key);
  const labelled = labels && labelledRows(validation, labels);
  if (labels !== undefined && labelled === undefined) {
    log(
      host,
      "WARNING",
      `${flags.labels} knows no anomalies, or nothing else, among the validation rows: no metrics by labels`,
    );
  }

  const kinds = kindsToTrain(flags, labelled !== undefined);
  const candidates: Trained[] = [];
  for (const kind of kinds) candidates.push(await train(host, kind, flags, parts, checkpoints));
  const detectors = candidates.map(({ detector }) => detector);
  const marks = labelled === undefined ? [] : judge(detectors, labelled);
  const chosen = candidates[marks.indexOf(Math.max(...marks))] ?? candidates[0];
  if (chosen === undefined) throw new Error("no detector was trained");
  const { detector, epochs } = chosen;

  const scores = detector.score(validation.columns);
  const metrics = {
    detector: detector.kind,
    threshold: detector.threshold,
    rows: { training: training.keys.length, validation: validation.keys.length },
    flaggedShare: scores.filter((score) => score > detector.threshold).length / scores.length,
    epochs,
    ...(labelled === undefined ? {} : { labelled: evaluate(detector, labelled) }),
    ...(candidates.length === 1
      ? {}
      : {
          chosenBy: "labels",
          candidates: candidates.map((candidate, index) => ({
            detector: candidate.detector.kind,
            averagePrecision: marks[index],
          })),
        }),
  };
  const lineage = {
    query: flags.query,
    rows: rows.keys.length,
    key: flags.key,
    split: `SHA-256 of ${flags.key}, ${flags.validationShare} of the rows validate`,
    features: detector.featureNames,
    seed: flags.seed,
    settings: detector.settings,
    ...(flags.labels === undefined ? {} : { labels: flags.labels }),
    revision: revision(host),
    job: host.environment.CLOUD_ML_JOB_ID ?? null,
    trainedAt: new Date(host.clock.now()).toISOString(),
  };
  await writeAll(model, { "metrics.json": metrics, "lineage.json": lineage });
  await model.write("model.json", saveDetector(detector));
  for (const kind of kinds) await checkpoints?.remove(checkpointFile(kind));
  const quality =
    metrics.labelled === undefined ? "" : `, average precision ${metrics.labelled.averagePrecision.toFixed(3)}`;
  log(
    host,
    "INFO",
    `${detector.kind} is written to ${model.uri}: threshold ${detector.threshold.toPrecision(4)}${quality}`,
  );
}

/**
 * Labels say which detector is best. Without them nothing does: choosing by anomalies that were planted was measured to be worse than any one
 * detector (README of the detectors), so all are asked together.
 */
function kindsToTrain({ detector }: Flags, labelled: boolean): readonly DetectorKind[] {
  if (detector !== "best") return [detector];
  return labelled ? DETECTOR_KINDS : ["ensemble"];
}

async function writeAll(folder: Folder, files: Readonly<Record<string, object>>): Promise<void> {
  for (const [name, content] of Object.entries(files))
    await folder.write(name, `${JSON.stringify(content, undefined, 2)}\n`);
}

/** Commit of which the image was made: GIT_REVISION, else the file `revision` beside the program. */
function revision({ environment }: ContainerHost): string {
  const file = join(__dirname, "revision");
  return environment.GIT_REVISION ?? (existsSync(file) ? readFileSync(file, "utf8").trim() : "unknown");
}

function failureOf(error: unknown): { readonly exitCode: number; readonly message: string } {
  if (error instanceof TrainerFailure) return error;
  if (error instanceof FeatureError) return { exitCode: EXIT.data, message: error.message };
  if (error instanceof ActivateError) {
    const exitCode = error.code === "CONFIGURATION" ? EXIT.usage : error.code === "REFUSED" ? EXIT.data : EXIT.service;
    return { exitCode, message: error.message };
  }
  throw error;
}
