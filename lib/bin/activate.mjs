#!/usr/bin/env node
// The command line's first step: plain JavaScript, so that it runs right after `npm ci`; the rest is built when needed.
import { existsSync } from "node:fs";
import { createRequire } from "node:module";
import { fileURLToPath } from "node:url";

const MAIN = fileURLToPath(new URL("../dist/cli/main.js", import.meta.url));
/** These see to it that what they run is built from the sources as they are; all others only that it is there. */
const BUILDING = new Set(["setup", "run", "lab", "check", "image"]);

const [major = 0, minor = 0] = process.versions.node.split(".").map(Number);
if (major < 20 || (major === 20 && minor < 19)) {
  console.error(`activate needs Node.js 20.19 or newer; this is ${process.versions.node}.`);
  process.exit(1);
}
const command = process.argv[2] ?? "help";
if (BUILDING.has(command) || !existsSync(MAIN)) {
  const { build } = await import("./build.mjs");
  const everything = command === "setup" || command === "check";
  if (!build(everything ? ["lib", "tests"] : ["lib"])) process.exit(1);
}
const { main } = createRequire(import.meta.url)(MAIN);
process.exitCode = await main(process.argv.slice(2));
