import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { delimiter, join } from "node:path";
import { ROOT, VENV } from "../paths.js";
import { SetupError } from "../usage.js";
import { findInterpreters, installCommand } from "./interpreters.js";
import { answerOf, finished } from "./processes.js";

const MODULES = ["nbconvert", "nbclient", "jupyter_client"];

/** A Python that has what is asked of it. */
export interface Python {
  readonly interpreter: string;
  /** What must be added to its environment. */
  readonly variables: Readonly<Record<string, string>>;
}

type Need = "requirements.txt" | "requirements-lab.txt" | "requirements-googlesql.txt";

/** Where to set up, and what with; a test has its own. */
export interface Place {
  /** Default: `.venv` of the repository. */
  readonly folder: string;
  /** Its PATH is searched for Python. Default: this process's. */
  readonly environment: NodeJS.ProcessEnv;
}

/** What set-up has done, so that it is not done again. */
interface SetupRecord {
  readonly interpreter: string;
  readonly usesPackages: boolean;
  /** SHA-256 of each requirements file that is installed. */
  readonly installed: Partial<Record<Need, string>>;
}

/**
 * A Python with what the notebooks (or JupyterLab) need, and the GoogleSQL wheel beside it. Everything goes into `.venv`:
 * a virtual environment, else an interpreter that has it all, else packages in a folder. Quick when nothing is missing.
 * @throws SetupError with the command that mends it.
 */
export async function setUpPython(
  wanted: "notebooks" | "lab",
  report: (line: string) => void,
  place: Place = { folder: VENV, environment: process.env },
): Promise<Python> {
  const python: Need = wanted === "lab" ? "requirements-lab.txt" : "requirements.txt";
  // Who names both files has them: their hashes are checked when they are loaded.
  const { ACTIVATE_GOOGLESQL_WASM: wasm, ACTIVATE_ZONEINFO: zoneinfo } = place.environment;
  const needs: Need[] = wasm && zoneinfo ? [python] : ["requirements-googlesql.txt", python];
  let record = readRecord(place);
  for (const need of needs) {
    if (record && isInstalled(record, need)) continue;
    record ??= await chooseInterpreter(python, report, place);
    await install(record, need, report, place);
    record = { ...record, installed: { ...record.installed, [need]: digest(need) } };
    writeFileSync(recordOf(place), `${JSON.stringify(record, null, 2)}\n`);
  }
  if (!record) throw new SetupError("Nothing was set up.");
  const packages = packagesOf(place);
  return {
    interpreter: record.interpreter,
    variables: record.usesPackages
      ? { PYTHONPATH: packages, PATH: binPath(packages, place) }
      : { PATH: binPath(place.folder, place) },
  };
}

/** Where `pip install --target` puts packages when no virtual environment can be made. */
const packagesOf = ({ folder }: Place): string => join(folder, "packages");
/** Holds the GoogleSQL wheel and the time zones, whatever Python is used (bigquery/googlesql/artifact.ts looks here). */
const sitePackagesOf = ({ folder }: Place): string => join(folder, "site-packages");
const recordOf = ({ folder }: Place): string => join(folder, "activate.json");

/** JupyterLab's requirements contain the notebooks'. */
function isInstalled({ installed }: SetupRecord, need: Need): boolean {
  if (installed[need] === digest(need)) return true;
  return need === "requirements.txt" && installed["requirements-lab.txt"] === digest("requirements-lab.txt");
}

function digest(need: Need): string {
  return createHash("sha256")
    .update(readFileSync(join(ROOT, need)))
    .digest("hex");
}

function readRecord(place: Place): SetupRecord | undefined {
  const file = recordOf(place);
  if (!existsSync(file)) return undefined;
  try {
    const record = JSON.parse(readFileSync(file, "utf8")) as SetupRecord;
    return existsSync(record.interpreter) && record.installed ? record : undefined;
  } catch {
    return undefined;
  }
}

async function chooseInterpreter(need: Need, report: (line: string) => void, place: Place): Promise<SetupRecord> {
  const { folder, environment } = place;
  const interpreters = findInterpreters(environment);
  report(`Setting up Python in ${folder} ...`);
  const own = join(folder, process.platform === "win32" ? "Scripts/python.exe" : "bin/python");
  const made = await finished(interpreters[0], ["-m", "venv", "--clear", folder], environment);
  if (made.code === 0 && hasPip(own, place)) return { interpreter: own, usesPackages: false, installed: {} };
  try {
    rmSync(folder, { recursive: true, force: true });
    mkdirSync(folder); // Not with `recursive`: Node.js 20 never returns from it below /proc.
  } catch (thrown) {
    const reason = thrown instanceof Error ? thrown.message : String(thrown);
    throw new SetupError(`${folder} cannot be written: ${reason}. Mend that and run this again.`);
  }
  const interpreter =
    interpreters.find((candidate) => hasEverything(candidate, need, place)) ??
    interpreters.find((candidate) => hasPip(candidate, place)) ??
    interpreters[0];
  return { interpreter, usesPackages: true, installed: {} };
}

async function install(record: SetupRecord, need: Need, report: (line: string) => void, place: Place): Promise<void> {
  const googlesql = need === "requirements-googlesql.txt";
  if (!googlesql && record.usesPackages && hasEverything(record.interpreter, need, place)) return;
  const folder = googlesql ? sitePackagesOf(place) : packagesOf(place);
  const target = googlesql || record.usesPackages ? ["--target", folder] : [];
  const pip = hasPip(record.interpreter, place)
    ? record.interpreter
    : findInterpreters(place.environment).find((candidate) => googlesql && hasPip(candidate, place));
  if (pip === undefined) {
    throw new SetupError(
      `${record.interpreter} can neither make virtual environments nor install packages. Mend it and run this again: ${installCommand("python3-venv python3-pip")}.`,
    );
  }
  report(`Installing ${need} ...`);
  if (target[1]) rmSync(target[1], { recursive: true, force: true });
  const words = [
    ...["-m", "pip", "install", "--require-hashes", "--only-binary", ":all:", "--no-input", "--quiet"],
    ...["--disable-pip-version-check", "--no-warn-script-location", ...(googlesql ? ["--no-deps"] : [])],
    ...[...target, "-r", join(ROOT, need)],
  ];
  const run = await finished(pip, words, place.environment);
  if (run.code !== 0) throw new SetupError(pipFailure(need, run.output));
}

function hasPip(interpreter: string, { environment }: Place): boolean {
  return answerOf(interpreter, ["-m", "pip", "--version"], environment) !== undefined;
}

/** An interpreter that can run notebooks as it is: nothing need be installed. */
function hasEverything(interpreter: string, need: Need, { environment }: Place): boolean {
  const modules = need === "requirements-lab.txt" ? [...MODULES, "jupyterlab"] : MODULES;
  return answerOf(interpreter, ["-c", `import ${modules.join(", ")}`], environment) !== undefined;
}

function pipFailure(need: Need, output: string): string {
  const tail = output.trim().split("\n").slice(-12).join("\n");
  if (/DO NOT MATCH THE HASHES/i.test(output)) {
    return `A package of ${need} is not the pinned one (its SHA-256 differs), so it was not installed:\n${tail}`;
  }
  if (/No space left/i.test(output)) return `The disk is full: ${need} was not installed.\n${tail}`;
  return `pip could not install ${need}. Is the package index reachable (PIP_INDEX_URL, proxy)? Then run this again.\n${tail}`;
}

function binPath(prefix: string, { environment }: Place): string {
  return `${join(prefix, process.platform === "win32" ? "Scripts" : "bin")}${delimiter}${environment.PATH ?? ""}`;
}
