import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { homedir } from "node:os";
import { join, resolve } from "node:path";
import type { Arguments } from "../arguments.js";
import type { Command } from "../command.js";
import { ROOT } from "../paths.js";
import { KERNEL_NAME, kernelSpec } from "../setup/kernelspec.js";
import { SetupError, UsageError, unknown } from "../usage.js";

export const kernel: Command = {
  summary: "Registers the notebooks' TypeScript kernel with the Jupyter that is already there, or takes it away.",
  usage: [
    "kernel install   [--prefix DIR] [--force]   for this user, or for the Python installed at DIR (sys.prefix)",
    "kernel uninstall [--prefix DIR]",
  ].join("\n"),
  options: { prefix: { value: "DIR" }, force: "flag" },
  run: async (given) => {
    const [action, surplus] = given.positionals;
    if (surplus !== undefined) throw new UsageError(`Unexpected word: ${surplus}.`);
    if (action === "install") return install(given);
    if (action === "uninstall") return uninstall(given);
    if (action === undefined) throw new UsageError("Say what to do: install or uninstall.");
    throw unknown("action", action, ["install", "uninstall"]);
  },
};

function install(given: Arguments): number {
  const folder = kernelFolder(given);
  const present = readSpec(folder);
  if (present !== undefined && !isOurs(present) && !given.flags.has("force")) {
    throw new SetupError(
      `${folder} already holds a kernel named ${KERNEL_NAME} that is not this repository's (the notebooks run with it, too). Replace it with --force.`,
    );
  }
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, "kernel.json"), `${JSON.stringify(kernelSpec(), null, 2)}\n`);
  console.log(
    `The kernel TypeScript (${KERNEL_NAME}) is registered in ${folder}. Jupyter offers it after a reload of the page.`,
  );
  return 0;
}

function uninstall(given: Arguments): number {
  const folder = kernelFolder(given);
  const present = readSpec(folder);
  if (present === undefined) {
    console.log(`No kernel named ${KERNEL_NAME} is registered in ${folder}.`);
    return 0;
  }
  if (!isOurs(present)) {
    throw new SetupError(
      `The kernel in ${folder} is not this repository's, so it stays. Remove the folder yourself if you mean it.`,
    );
  }
  rmSync(folder, { recursive: true, force: true });
  console.log(`The kernel is gone from ${folder}.`);
  return 0;
}

/** Jupyter's data folder of this user (jupyter_core.paths.jupyter_data_dir), or the one of a Python's prefix. */
function kernelFolder({ values }: Arguments): string {
  const prefix = values.get("prefix");
  const data = prefix === undefined ? userDataFolder(process.env) : join(resolve(prefix), "share", "jupyter");
  return join(data, "kernels", KERNEL_NAME);
}

function userDataFolder(environment: NodeJS.ProcessEnv): string {
  const { JUPYTER_DATA_DIR: chosen, XDG_DATA_HOME: xdg, APPDATA: roaming } = environment;
  if (chosen) return resolve(chosen);
  if (process.platform === "darwin") return join(homedir(), "Library", "Jupyter");
  if (process.platform === "win32") return join(roaming ?? join(homedir(), "AppData", "Roaming"), "jupyter");
  return join(xdg ? resolve(xdg) : join(homedir(), ".local", "share"), "jupyter");
}

function readSpec(folder: string): unknown {
  const file = join(folder, "kernel.json");
  if (!existsSync(file)) return undefined;
  try {
    return JSON.parse(readFileSync(file, "utf8"));
  } catch {
    return {};
  }
}

function isOurs(spec: unknown): boolean {
  const { metadata } = (spec ?? {}) as { metadata?: { activate?: unknown } };
  return metadata?.activate === ROOT;
}
