import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { cpSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { BUILD, ROOT } from "../cli/paths.js";
import { type BenchContext, PeerAbsent } from "./bench.js";

const ENVIRONMENT = join(BUILD, "bench-python");
const REQUIREMENTS = join(ROOT, "tests", "requirements-bench.txt");

export interface BenchPython {
  readonly interpreter: string;
  /** `bqemulator` and the like. */
  readonly bin: string;
  /** The home folder in which DuckDB finds its extension, so that the user's own stays untouched. */
  readonly home: string;
}

/**
 * The Python of the peers, in an environment of its own that is made on first use (tests/requirements-bench.txt).
 * @throws PeerAbsent when there is no Python, or the packages cannot be had.
 */
export function benchPython({ scale, log }: BenchContext): BenchPython {
  const python = {
    interpreter: join(ENVIRONMENT, "bin", "python"),
    bin: join(ENVIRONMENT, "bin"),
    home: join(ENVIRONMENT, "home"),
  };
  const stamp = join(ENVIRONMENT, "requirements.sha256");
  const wanted = createHash("sha256").update(readFileSync(REQUIREMENTS)).digest("hex");
  if (existsSync(stamp) && readFileSync(stamp, "utf8") === wanted) return python;
  if (scale === "small")
    throw new PeerAbsent("The peers' Python environment is not there yet; a run that is not small makes it.");
  log("Installing tests/requirements-bench.txt into build/bench-python (a few minutes, once) ...");
  rmSync(ENVIRONMENT, { recursive: true, force: true });
  mkdirSync(BUILD, { recursive: true });
  run(process.env.ACTIVATE_PYTHON ?? "python3", ["-m", "venv", ENVIRONMENT]);
  run(python.interpreter, [
    "-m",
    "pip",
    "install",
    "--quiet",
    "--retries",
    "1",
    "--require-hashes",
    "-r",
    REQUIREMENTS,
  ]);
  installExtension(python);
  writeFileSync(stamp, wanted);
  return python;
}

/** bqemulator loads DuckDB's spatial extension at start: its file comes in a wheel and belongs into DuckDB's folder. */
function installExtension({ interpreter, home }: BenchPython): void {
  const script =
    "import duckdb, os, duckdb_extension_spatial as e; " +
    "print(duckdb.__version__, duckdb.sql('PRAGMA platform').fetchone()[0], os.path.dirname(e.__file__), sep='\\n')";
  const [version, platform, package_] = run(interpreter, ["-c", script]).split("\n");
  if (version === undefined || platform === undefined || package_ === undefined)
    throw new PeerAbsent("DuckDB is missing.");
  const file = "spatial.duckdb_extension";
  const folder = join(home, ".duckdb", "extensions", `v${version}`, platform);
  mkdirSync(folder, { recursive: true });
  cpSync(join(package_, "extensions", `v${version}`, file), join(folder, file));
}

function run(command: string, words: readonly string[]): string {
  const { status, stdout, stderr, error } = spawnSync(command, words, { encoding: "utf8" });
  if (status === 0) return stdout.trim();
  const reason = error?.message ?? stderr.trim().split("\n").at(-1) ?? "";
  throw new PeerAbsent(
    `The peers' Python environment cannot be made: ${command} ${words.slice(0, 3).join(" ")}: ${reason}`,
  );
}
