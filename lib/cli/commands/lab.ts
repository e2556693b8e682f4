import { mkdirSync } from "node:fs";
import { join } from "node:path";
import type { Command } from "../command.js";
import { BUILD, NOTEBOOKS } from "../paths.js";
import { KERNEL_NAME, privateJupyter } from "../setup/kernelspec.js";
import { setUpPython } from "../setup/python.js";
import { reachTarget } from "../target.js";
import { runCommand } from "./exec.js";

export const lab: Command = {
  summary: "Opens the notebooks in JupyterLab, with the kernel and the local cloud ready (npm run lab).",
  usage: "lab [-- OPTION ...]      options of jupyter lab, such as --no-browser --port 8890",
  options: {},
  run: async (given) => {
    const python = await setUpPython("lab", console.error);
    const target = await reachTarget();
    console.error(target.where);
    const jupyter = privateJupyter();
    mkdirSync(join(BUILD, "jupyter", "data"), { recursive: true });
    // Root may run JupyterLab only if told so: in a container there is nobody else.
    const asRoot = process.getuid?.() === 0 ? ["--allow-root"] : [];
    const words = [
      "-m",
      "jupyterlab",
      `--ServerApp.root_dir=${NOTEBOOKS}`,
      `--MappingKernelManager.default_kernel_name=${KERNEL_NAME}`,
      ...asRoot,
      ...given.positionals,
      ...(given.rest ?? []),
    ];
    try {
      return await runCommand(python.interpreter, words, {
        ...process.env,
        ...python.variables,
        ...target.variables,
        ...jupyter,
      });
    } finally {
      await target.leave();
    }
  },
};
