import { existsSync, writeFileSync } from "node:fs";
import { basename, join } from "node:path";
import { challengeIds, challenges } from "../../workbook/challenges.js";
import type { Command } from "../command.js";
import { executeNotebooks } from "../notebooks/execute.js";
import { chooseNotebooks } from "../notebooks/files.js";
import { ProgressLines, type Result, resultTable } from "../notebooks/progress.js";
import { BUILD } from "../paths.js";
import { privateJupyter } from "../setup/kernelspec.js";
import { setUpPython } from "../setup/python.js";
import { reachTarget } from "../target.js";
import { SetupError } from "../usage.js";

const OUTPUT = join(BUILD, "notebooks");

export const run: Command = {
  summary: "Executes the notebooks in order against the local cloud (npm start).",
  usage: "run [NN ...]      executed notebooks and HTML pages: build/notebooks",
  options: {},
  run: async (given) => {
    const notebooks = chooseNotebooks(given.positionals);
    if (notebooks.length === 0) throw new SetupError("There is no notebook to execute.");
    const python = await setUpPython("notebooks", console.error);
    const target = await reachTarget();
    console.log(target.where);
    try {
      const results = await execute(notebooks, {
        python,
        variables: {
          ...target.variables,
          ...privateJupyter(),
          ACTIVATE_CHECKS: process.env.ACTIVATE_CHECKS ?? "strict",
        },
      });
      writeIndex(results);
      console.log(`\n${resultTable(notebooks.map(nameOf), results)}`);
      console.log(`\nThe executed notebooks and their pages: ${join(OUTPUT, "index.html")}`);
      return results.length === notebooks.length && results.every(({ failure }) => failure === null) ? 0 : 1;
    } finally {
      await target.leave();
    }
  },
};

async function execute(
  notebooks: readonly string[],
  how: Pick<Parameters<typeof executeNotebooks>[0], "python" | "variables">,
): Promise<Result[]> {
  const results: Result[] = [];
  const progress = new ProgressLines(process.stdout);
  for await (const event of executeNotebooks({ notebooks, output: OUTPUT, ...how })) {
    switch (event.event) {
      case "notebook":
        progress.notebook(event.name, event.cells);
        break;
      case "cell":
        progress.cell(event.id);
        break;
      case "executed":
        progress.executed();
        break;
      case "done":
        results.push(progress.done(event.seconds, event.failure));
        break;
      case "end":
        break;
    }
  }
  return results;
}

const nameOf = (path: string): string => basename(path, ".ipynb");

/** All pages that there are, also those of runs before: `run 04` leaves the walkthrough whole. */
function writeIndex(results: readonly Result[]): void {
  const items = challengeIds
    .map((id) => ({ title: `${id} ${challenges[id].title}`, name: basename(challenges[id].file, ".ipynb") }))
    .filter(({ name }) => existsSync(join(OUTPUT, `${name}.html`)))
    .map(({ title, name }) => {
      const failed = results.some((result) => result.name === name && result.failure !== null);
      return `<li><a href="${name}.html">${title}</a>${failed ? " (failed)" : ""}</li>`;
    });
  const head = `<meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>Activate</title>`;
  const style = `<style>body{font:17px/1.7 system-ui,sans-serif;max-width:44em;margin:3em auto;padding:0 1em}ul{list-style:none;padding:0}</style>`;
  const says = `<p>The workbook as executed, with the suggested solutions, every figure and every check. The pages need no network.</p>`;
  writeFileSync(
    join(OUTPUT, "index.html"),
    `<!doctype html><html lang="en"><head>${head}${style}</head><body>\n<h1>Activate</h1>\n${says}\n<ul>\n${items.join("\n")}\n</ul></body></html>\n`,
  );
}
