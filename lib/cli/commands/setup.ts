import { refusePositionals } from "../arguments.js";
import type { Command } from "../command.js";
import { setUpPython } from "../setup/python.js";

export const setup: Command = {
  summary: "Builds what is missing and sets up the project's own Python environment; nothing else is touched.",
  usage: "setup [--lab]      --lab: JupyterLab too",
  options: { lab: "flag" },
  run: async (given) => {
    refusePositionals(given);
    await setUpPython(given.flags.has("lab") ? "lab" : "notebooks", console.error);
    return 0;
  },
};
