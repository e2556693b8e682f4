// Compiles what is missing or older than its sources. Says nothing when there is nothing to do.
import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import { bundleImage } from "./images.mjs";

const ROOT = fileURLToPath(new URL("../..", import.meta.url));
const OUTPUT = { lib: join(ROOT, "lib", "dist"), tests: join(ROOT, "build", "tests") };

/**
 * Builds the named projects ("lib", "tests"; a project comes after what it builds on).
 * @param {readonly ("lib" | "tests")[]} projects
 * @returns {boolean} false when the compiler found errors (it has printed them)
 */
export function build(projects) {
  const stamps = new Map(projects.map((project) => [project, fingerprint(project)]));
  const stale = projects.filter((project) => readStamp(project) !== stamps.get(project));
  if (stale.length === 0) {
    bundleImage();
    return true;
  }
  const compiler = join(ROOT, "node_modules", "typescript", "bin", "tsc");
  if (!existsSync(compiler)) {
    console.error(`The TypeScript compiler is missing. Run "npm ci" in ${ROOT} (with its development dependencies).`);
    return false;
  }
  console.error(`Building ${stale.join(" and ")} ...`);
  const run = spawnSync(process.execPath, [compiler, "-b", ...stale], { cwd: ROOT, stdio: ["ignore", 2, 2] });
  if (run.status !== 0) return false;
  for (const project of stale) {
    removeOrphans(project);
    writeFileSync(stampFile(project), stamps.get(project) ?? "");
  }
  bundleImage();
  return true;
}

/** One hash over names, sizes and times of everything that a project is compiled from. */
function fingerprint(project) {
  const hash = createHash("sha256");
  const files = [...sources(project), join(ROOT, "tsconfig.base.json"), join(ROOT, project, "tsconfig.json")];
  if (project === "tests") files.push(...sources("lib"));
  for (const file of files) {
    const { size, mtimeMs } = statSync(file);
    hash.update(`${relative(ROOT, file)} ${size} ${mtimeMs}\n`);
  }
  return hash.digest("hex");
}

function sources(project) {
  const folder = join(ROOT, project);
  return readdirSync(folder, { withFileTypes: true })
    .filter((entry) => !["dist", "node_modules", "bin"].includes(entry.name))
    .flatMap((entry) => {
      if (entry.isFile()) return isSource(entry.name) ? [join(folder, entry.name)] : [];
      return readdirSync(join(folder, entry.name), { recursive: true, encoding: "utf8" })
        .filter((name) => isSource(name) && !name.includes("node_modules"))
        .map((name) => join(folder, entry.name, name));
    })
    .sort();
}

/** The compiler copies the JSON files that are imported. */
const isSource = (name) => /\.(ts|json)$/.test(name);

const stampFile = (project) => join(OUTPUT[project], ".built");

function readStamp(project) {
  return existsSync(stampFile(project)) ? readFileSync(stampFile(project), "utf8") : undefined;
}

/** A test whose source is gone must not run on; a module whose source is gone must not be found. */
function removeOrphans(project) {
  const output = OUTPUT[project];
  mkdirSync(output, { recursive: true });
  for (const name of readdirSync(output, { recursive: true, encoding: "utf8" })) {
    if (!name.endsWith(".js")) continue;
    const source = join(ROOT, project, name.replace(/\.js$/, ".ts"));
    if (existsSync(source) || /^(node_modules|images)\b/.test(name)) continue;
    for (const suffix of [".js", ".js.map", ".d.ts"])
      rmSync(join(output, name.replace(/\.js$/, suffix)), { force: true });
    const folder = dirname(join(output, name));
    if (existsSync(folder) && readdirSync(folder).length === 0) rmSync(folder, { recursive: true });
  }
}
