import { clientGuide, clientVariables } from "../../localcloud/launch/index.js";
import { refusePositionals } from "../arguments.js";
import type { Command } from "../command.js";
import { UsageError } from "../usage.js";
import { CLOUD_OPTIONS, startAsAsked } from "./cloud.js";

const { state, project, port } = CLOUD_OPTIONS;

export const env: Command = {
  summary: "Prints the variables with which other programs reach the local cloud (and starts it).",
  usage:
    'env [--shell | --json] [--state DIR] [--project ID] [--port N]      for a shell: eval "$(npx activate env --shell)"',
  options: { state, project, port, shell: "flag", json: "flag" },
  run: async (given) => {
    refusePositionals(given);
    if (given.flags.has("shell") && given.flags.has("json")) throw new UsageError("Choose one of --shell and --json.");
    const running = await startAsAsked(given, false);
    const variables = clientVariables(running);
    if (given.flags.has("json")) console.log(JSON.stringify(variables));
    else if (given.flags.has("shell")) console.log(exportLines(variables));
    else console.log(`${exportLines(variables)}\n\n${clientGuide(running)}`);
    return 0;
  },
};

const exportLines = (variables: Readonly<Record<string, string>>): string =>
  Object.entries(variables)
    .map(([name, value]) => `export ${name}='${value.replaceAll("'", `'\\''`)}'`)
    .join("\n");
