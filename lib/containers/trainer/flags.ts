import { checkSetting, SettingError } from "../../anomaly/detectors/settings.js";
import {
  DETECTOR_KINDS,
  DETECTOR_SETTINGS,
  type DetectorKind,
  type DetectorSettings,
  detectorKind,
  FEATURES,
  type Setting,
} from "../../anomaly/index.js";
import { nearestName } from "../../anomaly/nearestName.js";
import { EXIT, TrainerFailure } from "./failure.js";

export interface Flags {
  readonly query: string;
  readonly detector: DetectorKind | "best";
  readonly features: readonly string[];
  /** Column that tells rows apart: it decides which part a row belongs to, and joins the labels. */
  readonly key: string;
  /** Table with the columns of `key`, is_anomaly and kind. */
  readonly labels: string | undefined;
  readonly seed: string;
  readonly validationShare: number;
  readonly modelFolder: string;
  readonly checkpointFolder: string | undefined;
  /** Given ones, of any kind. */
  readonly settings: DetectorSettings;
}

const VALIDATION_SHARE: Setting = { what: "", fallback: 0.2, low: 0.05, high: 0.5, whole: false };

const USAGE = `Usage: trainer (--query SQL | --table DATASET.TABLE) [--detector ${DETECTOR_KINDS.join("|")}|best] [--features a,b,...]
  [--key transaction_id] [--labels DATASET.TABLE] [--seed TEXT] [--validation-share 0.2] [--model-dir FOLDER] [--checkpoint-dir FOLDER]
  and the settings of the detector: ${settingFlags().join(" ")}`;

/**
 * Reads `--name value` and `--name=value`. Folders come from AIP_MODEL_DIR and AIP_CHECKPOINT_DIR unless they are given.
 * @throws TrainerFailure naming the flag that is unknown, given twice or out of range.
 */
export function parseFlags(words: readonly string[], environment: Readonly<Record<string, string | undefined>>): Flags {
  const given = flagValues(words);
  const { table, query = table === undefined ? undefined : `SELECT * FROM \`${table}\`` } = given;
  if (query === undefined) throw usage("--query or --table is missing");
  if (given.query !== undefined && table !== undefined)
    throw usage("--query and --table are both given; one of them says what to learn from");
  const modelFolder = given["model-dir"] ?? environment.AIP_MODEL_DIR ?? "";
  if (modelFolder === "")
    throw usage("AIP_MODEL_DIR is not set (baseOutputDirectory of the job) and --model-dir is not given");
  const checkpointFolder = given["checkpoint-dir"] ?? environment.AIP_CHECKPOINT_DIR;
  try {
    const detector = given.detector === undefined || given.detector === "best" ? "best" : detectorKind(given.detector);
    const features = given.features === undefined ? FEATURES : listed(given.features);
    return {
      query,
      detector,
      features: [...features].sort(),
      key: given.key ?? "transaction_id",
      labels: given.labels,
      seed: given.seed ?? "activate",
      validationShare: setting("validation-share", VALIDATION_SHARE, given["validation-share"] ?? "0.2"),
      modelFolder,
      checkpointFolder: checkpointFolder === "" ? undefined : checkpointFolder,
      settings: settingsOf(given, detector),
    };
  } catch (error) {
    if (error instanceof SettingError) throw usage(error.message.replace(/^detector must/, "--detector must"));
    throw error;
  }
}

const OWN_FLAGS = [
  "query",
  "table",
  "detector",
  "features",
  "key",
  "labels",
  "seed",
  "validation-share",
  "model-dir",
  "checkpoint-dir",
];

function flagValues(words: readonly string[]): Readonly<Record<string, string | undefined>> {
  const known = [...OWN_FLAGS, ...settingFlags().map((flag) => flag.slice(2))];
  const values: Record<string, string> = {};
  for (let at = 0; at < words.length; at += 1) {
    const word = words[at] ?? "";
    const [, name, joined] = /^--([a-z-]+)(?:=(.*))?$/s.exec(word) ?? [];
    if (name === undefined) throw usage(`"${word}" is no flag`);
    if (!known.includes(name)) {
      const near = nearestName(name, known);
      throw usage(`there is no flag --${name}.${near === undefined ? "" : ` Did you mean --${near}?`}`);
    }
    if (values[name] !== undefined) throw usage(`--${name} is given twice`);
    const value = joined ?? words[++at];
    if (value === undefined || value.trim() === "") throw usage(`--${name} has no value`);
    values[name] = value;
  }
  return values;
}

function settingsOf(
  given: Readonly<Record<string, string | undefined>>,
  detector: DetectorKind | "best",
): DetectorSettings {
  const found: Record<string, number> = {};
  const kinds = detector === "best" ? DETECTOR_KINDS : [detector];
  for (const [flag, text] of Object.entries(given)) {
    if (text === undefined || OWN_FLAGS.includes(flag)) continue;
    const name = flag.replace(/-([a-z])/g, (_, letter: string) => letter.toUpperCase());
    const rule = kinds.map((kind) => settingsOfKind(kind)[name]).find((of) => of !== undefined);
    if (rule === undefined) throw usage(`detector ${detector} has no setting --${flag}`);
    found[name] = setting(flag, rule, text);
  }
  return found;
}

/** Those of the settings that a kind has. */
export function settingsFor(kind: DetectorKind, settings: DetectorSettings): DetectorSettings {
  return Object.fromEntries(Object.entries(settings).filter(([name]) => settingsOfKind(kind)[name] !== undefined));
}

function settingsOfKind(kind: DetectorKind): Readonly<Record<string, Setting>> {
  return DETECTOR_SETTINGS[kind];
}

function settingFlags(): string[] {
  const names = DETECTOR_KINDS.flatMap((kind) => Object.keys(settingsOfKind(kind)));
  return [...new Set(names)].map((name) => `--${name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`);
}

function setting(flag: string, rule: Setting, text: string): number {
  return checkSetting(`--${flag}`, rule, text.trim() === "" ? Number.NaN : Number(text));
}

function listed(text: string): string[] {
  const names = text.split(",").map((name) => name.trim());
  if (names.some((name) => name === "")) throw usage(`--features "${text}" has an empty name`);
  if (new Set(names).size !== names.length) throw usage(`--features "${text}" has a name twice`);
  return names;
}

function usage(message: string): TrainerFailure {
  return new TrainerFailure(EXIT.usage, `${message}\n${USAGE}`);
}
