import { join } from "node:path";
import type { Command } from "../command.js";
import { notebookPaths, readNotebook, sourceOf } from "../notebooks/files.js";
import { type Complaint, lintNotebook } from "../notebooks/lint.js";
import { ROOT } from "../paths.js";
import { finished } from "../setup/processes.js";
import { unknown } from "../usage.js";

/** Each prints what is wrong and resolves to false, or is silent and resolves to true. Types were checked by the build. */
const STEPS: Readonly<Record<string, () => Promise<boolean>>> = {
  lint: () => passes("node_modules/@biomejs/biome/bin/biome", "check", "."),
  scripts: () => passes("node_modules/typescript/bin/tsc", "-p", "lib/bin"),
  tidy: () => passes("node_modules/mocha/bin/mocha.js", "--reporter", "dot", "build/tests/tidy.test.js"),
  declarations: checkDeclarations,
  notebooks: checkNotebooks,
};

export const check: Command = {
  summary: "Everything that must hold before a change lands, tests apart (npm run check).",
  usage: `check [${Object.keys(STEPS).join(" | ")}] ...`,
  options: {},
  run: async (given) => {
    for (const name of given.positionals) {
      if (!Object.hasOwn(STEPS, name)) throw unknown("check", name, Object.keys(STEPS));
    }
    const chosen = Object.entries(STEPS).filter(
      ([name]) => given.positionals.length === 0 || given.positionals.includes(name),
    );
    const failed: string[] = [];
    for (const [name, step] of chosen) {
      const began = performance.now();
      const passed = await step();
      if (!passed) failed.push(name);
      console.log(`${passed ? "ok    " : "FAILED"} ${name} (${((performance.now() - began) / 1000).toFixed(1)} s)`);
    }
    return failed.length === 0 ? 0 : 1;
  },
};

async function passes(script: string, ...words: string[]): Promise<boolean> {
  const run = await finished(process.execPath, [join(ROOT, script), ...words], process.env, ROOT);
  if (run.code !== 0) console.error(run.output.trim());
  return run.code === 0;
}

/** Our declaration files, as the kernel's compiler reads them: whatever a notebook imports from `activate`. */
async function checkDeclarations(): Promise<boolean> {
  const { checkDeclarations: complaintsAbout, kernelTypeScript } = await import("../notebooks/kernelCompiler.js");
  const imported = notebookPaths()
    .flatMap((path) => readNotebook(path).cells)
    .filter((cell) => cell.cell_type === "code")
    .flatMap((cell) => [...sourceOf(cell).matchAll(/from "(activate(?:\/[^"]*)?)"/g)].map((match) => match[1] ?? ""));
  const complaints = complaintsAbout([...new Set(["activate", ...imported])]);
  for (const complaint of complaints) console.error(`TypeScript ${kernelTypeScript}: ${complaint}`);
  return complaints.length === 0;
}

async function checkNotebooks(): Promise<boolean> {
  const { cellModule, checkCells, lintShorthand } = await import("../notebooks/types.js");
  const notebooks = notebookPaths().map((path) => ({ path, notebook: readNotebook(path) }));
  const complaints: Complaint[] = [
    ...notebooks.flatMap(({ path, notebook }) => [...lintNotebook(path, notebook), ...lintShorthand(path, notebook)]),
    ...(await checkCells(notebooks.map(({ path, notebook }) => cellModule(path, notebook)))),
  ];
  for (const { notebook, cell, text } of complaints) {
    console.error(`${notebook}${cell === undefined ? "" : `, cell ${cell}`}: ${text}`);
  }
  return complaints.length === 0;
}
