import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { ROOT, VENV } from "../paths.js";
import { SetupError } from "../usage.js";
import { answerOf, finished } from "./processes.js";

const MINOR_MIN = 10;
const MODULES = ["nbconvert", "nbclient", "jupyter_client"];
/** Where `pip install --target` puts packages when no virtual environment can be made. */
const PACKAGES = join(VENV, "packages");
/** Holds the GoogleSQL wheel and the time zones, whatever Python is used (bigquery/googlesql/artifact.ts looks here). */
const SITE_PACKAGES = join(VENV, "site-packages");
const RECORD = join(VENV, "activate.json");

/** A Python that has what is asked of it. */
export interface Python {
  readonly interpreter: string;
  /** What must be added to its environment. */
  readonly variables: Readonly<Record<string, string>>;
}

type Need = "requirements.txt" | "requirements-lab.txt" | "requirements-googlesql.txt";

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
export async function setUpPython(wanted: "notebooks" | "lab", report: (line: string) => void): Promise<Python> {
  const needs: Need[] = ["requirements-googlesql.txt", wanted === "lab" ? "requirements-lab.txt" : "requirements.txt"];
  let record = readRecord();
  for (const need of needs) {
    if (record && isInstalled(record, need)) continue;
    record ??= await chooseInterpreter(report);
    await install(record, need, report);
    record = { ...record, installed: { ...record.installed, [need]: digest(need) } };
    writeFileSync(RECORD, `${JSON.stringify(record, null, 2)}\n`);
  }
  if (!record) throw new SetupError("Nothing was set up.");
  return {
    interpreter: record.interpreter,
    variables: record.usesPackages ? { PYTHONPATH: PACKAGES, PATH: binPath(PACKAGES) } : { PATH: binPath(VENV) },
  };
}

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

function readRecord(): SetupRecord | undefined {
  if (!existsSync(RECORD)) return undefined;
  try {
    const record = JSON.parse(readFileSync(RECORD, "utf8")) as SetupRecord;
    return existsSync(record.interpreter) && record.installed ? record : undefined;
  } catch {
    return undefined;
  }
}

async function chooseInterpreter(report: (line: string) => void): Promise<SetupRecord> {
  const python = findPython();
  report(`Setting up Python in ${VENV} ...`);
  const own = join(VENV, process.platform === "win32" ? "Scripts/python.exe" : "bin/python");
  const made = await finished(python, ["-m", "venv", "--clear", VENV]);
  if (made.code === 0 && answerOf(own, ["-m", "pip", "--version"]) !== undefined) {
    return { interpreter: own, usesPackages: false, installed: {} };
  }
  rmSync(VENV, { recursive: true, force: true });
  mkdirSync(VENV, { recursive: true });
  return { interpreter: python, usesPackages: true, installed: {} };
}

/** The first of ACTIVATE_PYTHON, python3, python3.x, python that is new enough. */
function findPython(): string {
  const versions = [14, 13, 12, 11, 10].map((minor) => `python3.${minor}`);
  const chosen = process.env.ACTIVATE_PYTHON;
  const candidates = chosen ? [chosen] : ["python3", ...versions, "python"];
  const seen: string[] = [];
  for (const candidate of candidates) {
    const answer = answerOf(candidate, ["-c", "import sys; print(sys.executable, *sys.version_info[:2])"]);
    if (answer === undefined) continue;
    const [, executable = candidate, major, minor] = /^(.*) (\d+) (\d+)$/.exec(answer) ?? [];
    if (Number(major) === 3 && Number(minor) >= MINOR_MIN) return executable;
    seen.push(`${candidate} is ${major}.${minor}`);
  }
  const found = seen.length > 0 ? ` (${seen.join(", ")})` : "";
  throw new SetupError(
    chosen
      ? `ACTIVATE_PYTHON=${chosen} is not a Python 3.${MINOR_MIN} or newer${found}. Name one that is, or unset the variable.`
      : `Python 3.${MINOR_MIN} or newer is missing${found}. Install it and run this again: ${installCommand("python3 python3-venv")}. If it is there under another name, set ACTIVATE_PYTHON to its path.`,
  );
}

async function install(record: SetupRecord, need: Need, report: (line: string) => void): Promise<void> {
  const googlesql = need === "requirements-googlesql.txt";
  if (!googlesql && record.usesPackages && hasEverything(record.interpreter, need)) return;
  const target = googlesql ? ["--target", SITE_PACKAGES] : record.usesPackages ? ["--target", PACKAGES] : [];
  if (answerOf(record.interpreter, ["-m", "pip", "--version"]) === undefined) {
    throw new SetupError(
      `${record.interpreter} can neither make virtual environments nor install packages. Mend it and run this again: ${installCommand("python3-venv python3-pip")}.`,
    );
  }
  report(`Installing ${need} ...`);
  if (target[1]) rmSync(target[1], { recursive: true, force: true });
  const run = await finished(record.interpreter, [
    ...["-m", "pip", "install", "--require-hashes", "--only-binary", ":all:", "--no-input", "--quiet"],
    ...["--disable-pip-version-check", "--no-warn-script-location", ...(googlesql ? ["--no-deps"] : [])],
    ...[...target, "-r", join(ROOT, need)],
  ]);
  if (run.code !== 0) throw new SetupError(pipFailure(need, run.output));
}

/** An interpreter that can run notebooks as it is: nothing need be installed. */
function hasEverything(interpreter: string, need: Need): boolean {
  const modules = need === "requirements-lab.txt" ? [...MODULES, "jupyterlab"] : MODULES;
  return answerOf(interpreter, ["-c", `import ${modules.join(", ")}`]) !== undefined;
}

function pipFailure(need: Need, output: string): string {
  const tail = output.trim().split("\n").slice(-12).join("\n");
  if (/DO NOT MATCH THE HASHES/i.test(output)) {
    return `A package of ${need} is not the pinned one (its SHA-256 differs), so it was not installed:\n${tail}`;
  }
  if (/No space left/i.test(output)) return `The disk is full: ${need} was not installed.\n${tail}`;
  return `pip could not install ${need}. Is the package index reachable (PIP_INDEX_URL, proxy)? Then run this again.\n${tail}`;
}

function installCommand(packages: string): string {
  if (process.platform === "darwin") return "brew install python3";
  return process.platform === "win32" ? "winget install Python.Python.3.13" : `sudo apt-get install ${packages}`;
}

function binPath(prefix: string): string {
  return `${join(prefix, process.platform === "win32" ? "Scripts" : "bin")}${process.platform === "win32" ? ";" : ":"}${process.env.PATH ?? ""}`;
}
