// Bundles the programs of the container image, each to one file that starts fast, from the compiled library.
// Does nothing when no file that went into a bundle has changed. `node lib/bin/images.mjs` after `tsc -b`.
import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join, resolve } from "node:path";
import { fileURLToPath } from "node:url";

const ROOT = fileURLToPath(new URL("../..", import.meta.url));
const PROGRAMS = join(ROOT, "lib", "dist", "containers");
const IMAGE = join(ROOT, "lib", "dist", "images", "activate");
const INPUTS = join(IMAGE, ".inputs");

/** What `docker inspect` would say of the image; the Dockerfile says the same. */
const DESCRIPTION = { name: "activate", entrypoint: ["node", "main.js"], cmd: ["scorer"] };

/** Brings the image up to date. @throws Error when a program cannot be bundled (esbuild has said why). */
export function bundleImage() {
  const entries = entryPoints();
  if (isCurrent(entries)) return;
  console.error(`Bundling the container image (${entries.map(({ out }) => out).join(", ")}) ...`);
  const { buildSync } = createRequire(import.meta.url)("esbuild");
  const result = buildSync({
    absWorkingDir: ROOT,
    entryPoints: entries,
    outdir: IMAGE,
    write: false,
    bundle: true,
    platform: "node",
    format: "cjs",
    target: "node20.19",
    // Names stay readable in a stack trace; the rest is for the parser's sake.
    minifyWhitespace: true,
    minifySyntax: true,
    legalComments: "none",
    metafile: true,
    logLevel: "warning",
    // Warnings about code of others' that we cannot change.
    logOverride: { "direct-eval": "silent" },
  });
  mkdirSync(IMAGE, { recursive: true });
  for (const { path, contents } of result.outputFiles) write(path, contents);
  write(join(IMAGE, "image.json"), `${JSON.stringify(DESCRIPTION, undefined, 2)}\n`);
  write(join(IMAGE, "revision"), `${revision()}\n`);
  for (const name of readdirSync(IMAGE)) {
    if (name.endsWith(".js") && !entries.some(({ out }) => `${out}.js` === name)) rmSync(join(IMAGE, name));
  }
  const inputs = Object.keys(result.metafile.inputs).filter((input) => existsSync(join(ROOT, input)));
  inputs.push("lib/bin/images.mjs");
  write(INPUTS, JSON.stringify(Object.fromEntries(inputs.map((input) => [input, stampOf(input)]))));
}

/** The commit that the programs were bundled at: part of the lineage of what they train. */
function revision() {
  const git = spawnSync("git", ["rev-parse", "HEAD"], { cwd: ROOT, encoding: "utf8" });
  return git.status === 0 ? git.stdout.trim() : "unknown";
}

/** `main.js` chooses; every folder beside it that has a `main.js` is a program of the folder's name. */
function entryPoints() {
  const programs = readdirSync(PROGRAMS, { withFileTypes: true })
    .filter((entry) => entry.isDirectory() && existsSync(join(PROGRAMS, entry.name, "main.js")))
    .map(({ name }) => ({ in: join(PROGRAMS, name, "main.js"), out: name }));
  return [{ in: join(PROGRAMS, "main.js"), out: "main" }, ...programs];
}

function isCurrent(entries) {
  if (!existsSync(INPUTS) || entries.some(({ out }) => !existsSync(join(IMAGE, `${out}.js`)))) return false;
  const inputs = JSON.parse(readFileSync(INPUTS, "utf8"));
  return Object.entries(inputs).every(([input, stamp]) => stampOf(input) === stamp);
}

function stampOf(input) {
  const { size, mtimeMs } = statSync(join(ROOT, input), { throwIfNoEntry: false }) ?? { size: 0, mtimeMs: 0 };
  return `${size} ${mtimeMs}`;
}

/** Whole or not at all: a container may start meanwhile. */
function write(path, contents) {
  const draft = `${path}.${process.pid}`;
  writeFileSync(draft, contents);
  renameSync(draft, path);
}

if (process.argv[1] && resolve(process.argv[1]) === fileURLToPath(import.meta.url)) bundleImage();
