import { existsSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { parseEnv } from "node:util";
import { ActivateError } from "./errors.js";
import { didYouMean } from "./nearest.js";
import { type SettingName, settings, settingsElsewhere } from "./settings.js";

/** Where it runs and how everything is called. Made once, by `loadConfig`; the one home of every name. */
export interface Config {
  readonly target: "local" | "gcp";
  readonly project: string;
  readonly region: string;
  readonly dataset: string;
  readonly events: "simulated" | "own";
  readonly eventsTable: string;
  readonly simulatedEventsTable: string;
  readonly model: string;
  readonly customModel: string;
  readonly endpoint: string;
  readonly machineType: string;
  readonly topic: string;
  readonly subscription: string;
  readonly deadLetterTopic: string;
  readonly scorerService: string;
  readonly predictorService: string;
  readonly bucket: string;
  readonly image: string;
  readonly simulation: {
    /** `YYYY-MM-DD`, UTC: the day after the last event. */
    readonly end: string;
    readonly seed: string;
  };
  readonly checks: "talk" | "strict";
}

export type Environment = Readonly<Record<string, string | undefined>>;

/**
 * Reads and validates the settings of an environment.
 * @throws ActivateError CONFIGURATION: all problems at once, each with what would be right.
 * @example configFrom({ ACTIVATE_TARGET: "local" }).dataset // "ecommerce_sink"
 */
export function configFrom(environment: Environment): Config {
  const problems: string[] = unknownKeys(environment);
  const read = <Value>(name: SettingName, computed?: () => string): Value => {
    const setting: { rule: { safeParse(text: string): { success: boolean; data?: unknown } } } & {
      expected: string;
      fallback?: string;
    } = settings[name];
    const text = environment[name] ?? setting.fallback ?? computed?.() ?? "";
    const result = setting.rule.safeParse(text);
    if (!result.success) problems.push(problem(name, environment[name], setting.expected));
    return result.data as Value;
  };
  const target = read<Config["target"]>("ACTIVATE_TARGET");
  const project = read<string>("ACTIVATE_PROJECT", () =>
    target === "gcp" ? (environment.GOOGLE_CLOUD_PROJECT ?? "") : "activate-local",
  );
  const region = read<string>("ACTIVATE_REGION");
  const config: Config = {
    target,
    project,
    region,
    dataset: read("ACTIVATE_DATASET"),
    events: read("ACTIVATE_EVENTS"),
    eventsTable: read("ACTIVATE_EVENTS_TABLE"),
    simulatedEventsTable: read("ACTIVATE_SIMULATED_EVENTS_TABLE"),
    model: read("ACTIVATE_MODEL"),
    customModel: read("ACTIVATE_CUSTOM_MODEL"),
    endpoint: read("ACTIVATE_ENDPOINT"),
    machineType: read("ACTIVATE_MACHINE_TYPE"),
    topic: read("ACTIVATE_TOPIC"),
    subscription: read("ACTIVATE_SUBSCRIPTION"),
    deadLetterTopic: read("ACTIVATE_DEAD_LETTER_TOPIC"),
    scorerService: read("ACTIVATE_SCORER_SERVICE"),
    predictorService: read("ACTIVATE_PREDICTOR_SERVICE"),
    bucket: read("ACTIVATE_BUCKET", () => `${project}-ai-bucket`),
    image: read("ACTIVATE_IMAGE", () => `${region}-docker.pkg.dev/${project}/activate/activate:1`),
    simulation: { end: read("ACTIVATE_SIMULATION_END"), seed: read("ACTIVATE_SIMULATION_SEED") },
    checks: read("ACTIVATE_CHECKS"),
  };
  if (config.eventsTable === config.simulatedEventsTable) {
    problems.push(
      `ACTIVATE_EVENTS_TABLE and ACTIVATE_SIMULATED_EVENTS_TABLE are both "${config.eventsTable}": ` +
        "give them two names, or your own events would be replaced by simulated ones.",
    );
  }
  if (config.model === config.customModel) {
    problems.push(`ACTIVATE_MODEL and ACTIVATE_CUSTOM_MODEL are both "${config.model}": give them two names.`);
  }
  if (problems.length > 0) throw new ActivateError("CONFIGURATION", problems.join("\n"));
  return config;
}

/**
 * The configuration of this process: its environment over the `.env` file in `folder` or the nearest folder above it.
 * @throws ActivateError CONFIGURATION
 */
export function loadConfig(folder: string = process.cwd(), environment: Environment = process.env): Config {
  const file = findUpwards(folder, ".env");
  const fromFile = file === undefined ? {} : parseEnv(readFileSync(file, "utf8"));
  return configFrom({ ...fromFile, ...environment });
}

/** One row a variable, for the README: name, default, what it is for, what may be in it. */
export function describeSettings(): readonly { name: string; fallback: string; what: string; expected: string }[] {
  const described = Object.entries(settings).map(([name, setting]) => ({
    name,
    fallback: "fallback" in setting ? setting.fallback : setting.fallbackNote,
    what: setting.what,
    expected: setting.expected,
  }));
  const elsewhere = Object.entries(settingsElsewhere).map(([name, what]) => ({
    name,
    fallback: "",
    what,
    expected: "",
  }));
  return [...described, ...elsewhere];
}

/** The table of `describeSettings` as Markdown. */
export function settingsMarkdown(): string {
  const rows = describeSettings().map(
    ({ name, fallback, what, expected }) =>
      `| \`${name}\` | ${fallback} | ${what}${expected === "" ? "" : ` May be: ${expected}.`} |`,
  );
  return ["| variable | default | meaning |", "|---|---|---|", ...rows].join("\n");
}

/** What begins with ACTIVATE_ and is no setting, a sentence each: most likely a slip. */
export function unknownKeys(environment: Environment): string[] {
  const known = [...Object.keys(settings), ...Object.keys(settingsElsewhere)];
  return Object.keys(environment)
    .filter((key) => key.startsWith("ACTIVATE_") && !known.includes(key))
    .map((key) => `${key} is no setting of this workbook.${didYouMean(key, known)}`);
}

function problem(name: SettingName, given: string | undefined, expected: string): string {
  if (given === undefined) return `${name} is not set. It must be ${expected}.`;
  if (given.trim() === "") return `${name} is set and empty. It must be ${expected}; unset it to take the default.`;
  const choices = expected.includes(" or ") ? expected.split(/ or |, /) : [];
  return `${name} is "${given}". It must be ${expected}.${didYouMean(given, choices)}`;
}

function findUpwards(folder: string, name: string): string | undefined {
  for (let at = folder; ; at = dirname(at)) {
    if (existsSync(join(at, name))) return join(at, name);
    if (at === dirname(at) || existsSync(join(at, ".git"))) return undefined;
  }
}
