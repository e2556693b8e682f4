import { SetupError } from "../usage.js";
import { answerOf } from "./processes.js";

const MINOR_MIN = 10;

/**
 * The Pythons that are new enough, best first: ACTIVATE_PYTHON alone where it is set, else python3, python3.x, python of
 * the PATH.
 * @returns at least one path.
 * @throws SetupError with the command that mends it.
 */
export function findInterpreters(environment: NodeJS.ProcessEnv): readonly [string, ...string[]] {
  const versions = [14, 13, 12, 11, 10].map((minor) => `python3.${minor}`);
  const chosen = environment.ACTIVATE_PYTHON;
  const good: string[] = [];
  const old: string[] = [];
  for (const candidate of chosen ? [chosen] : ["python3", ...versions, "python"]) {
    const answer = answerOf(candidate, ["-c", "import sys; print(sys.executable, *sys.version_info[:2])"], environment);
    const [, executable, major, minor] = /^(.*) (\d+) (\d+)$/.exec(answer ?? "") ?? [];
    if (!executable) continue;
    if (Number(major) !== 3 || Number(minor) < MINOR_MIN) old.push(`${candidate} is ${major}.${minor}`);
    else if (!good.includes(executable)) good.push(executable);
  }
  const [first, ...others] = good;
  if (first !== undefined) return [first, ...others];
  const found = old.length > 0 ? ` (${old.join(", ")})` : "";
  throw new SetupError(
    chosen
      ? `ACTIVATE_PYTHON=${chosen} is not a Python 3.${MINOR_MIN} or newer${found}. Name one that is, or unset the variable.`
      : `Python 3.${MINOR_MIN} or newer is missing${found}. Install it and run this again: ${installCommand("python3 python3-venv")}. If it is there under another name, set ACTIVATE_PYTHON to its path.`,
  );
}

/** What a person types to install these Debian packages, or their like on this system. */
export function installCommand(packages: string): string {
  if (process.platform === "darwin") return "brew install python3";
  return process.platform === "win32" ? "winget install Python.Python.3.13" : `sudo apt-get install ${packages}`;
}
