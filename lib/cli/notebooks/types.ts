import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { basename, join, relative } from "node:path";
import { BUILD, ROOT } from "../paths.js";
import { finished } from "../setup/processes.js";
import { type Notebook, sourceOf } from "./files.js";
import { floatingPromises, shorthandAcrossCells } from "./kernelCompiler.js";
import type { Complaint } from "./lint.js";

const CELLS = join(BUILD, "cells");

/** One module out of all code cells of a notebook, and which line belongs to which cell. */
export interface CellModule {
  readonly file: string;
  readonly notebook: string;
  readonly text: string;
  /** First line (from 1) of each cell. */
  readonly cells: readonly { readonly id: string; readonly line: number }[];
}

/**
 * The code cells one after the other as an ES module, where top-level await is allowed as in the kernel.
 * The kernel forgives a second `let` of the same name; the module does not: names are unique within a notebook.
 */
export function cellModule(path: string, notebook: Notebook): CellModule {
  const cells: { id: string; line: number }[] = [];
  const lines = ["export {};"];
  for (const cell of notebook.cells) {
    if (cell.cell_type !== "code") continue;
    cells.push({ id: cell.id ?? "", line: lines.length + 1 });
    lines.push(...sourceOf(cell).trimEnd().split("\n"));
  }
  const name = basename(path, ".ipynb");
  return { file: join(CELLS, `${name}.mts`), notebook: `${name}.ipynb`, text: `${lines.join("\n")}\n`, cells };
}

/** Type-checks every code cell under the strict settings of the library, and looks for promises that nobody awaits. */
export async function checkCells(modules: readonly CellModule[]): Promise<Complaint[]> {
  if (modules.length === 0) return [];
  rmSync(CELLS, { recursive: true, force: true });
  mkdirSync(CELLS, { recursive: true });
  for (const { file, text } of modules) writeFileSync(file, text);
  writeFileSync(join(CELLS, "tsconfig.json"), JSON.stringify(settings(), null, 2));
  const promises = floatingPromises(modules.map(({ file }) => file));
  return [...(await typeErrors()), ...promises].map(({ file, line, text }) => {
    const module = modules.find((candidate) => candidate.file === file);
    const cell = module?.cells.findLast((candidate) => candidate.line <= line);
    const complaint = { notebook: module?.notebook ?? relative(ROOT, file), text };
    return cell ? { ...complaint, cell: cell.id, text: `line ${line - cell.line + 1}: ${text}` } : complaint;
  });
}

/** What the kernel gets wrong although it type-checks. */
export function lintShorthand(path: string, notebook: Notebook): Complaint[] {
  const cells = notebook.cells
    .filter((cell) => cell.cell_type === "code")
    .map((cell) => ({ id: cell.id ?? "", source: sourceOf(cell) }));
  return shorthandAcrossCells(cells).map(({ id, name, home }) => ({
    notebook: basename(path),
    cell: id,
    text: `write { ${name}: ${name} }: the kernel does not know the shorthand of a name from another cell (${home})`,
  }));
}

function settings(): object {
  return {
    extends: relative(CELLS, join(ROOT, "tsconfig.base.json")),
    // A cell's last expression is shown, and a name may be there for the reader to use.
    compilerOptions: {
      noEmit: true,
      composite: false,
      noUnusedLocals: false,
      noUnusedParameters: false,
      rootDir: ".",
      types: ["node"],
    },
    include: ["*.mts"],
  };
}

export interface Found {
  readonly file: string;
  readonly line: number;
  readonly text: string;
}

async function typeErrors(): Promise<Found[]> {
  const compiler = join(ROOT, "node_modules", "typescript", "bin", "tsc");
  const run = await finished(process.execPath, [compiler, "-p", CELLS, "--pretty", "false"], process.env, ROOT);
  const found = run.output.split("\n").flatMap((line) => {
    const match = /^(.+?)\((\d+),\d+\): error (TS\d+: .*)$/.exec(line);
    return match ? [{ file: join(ROOT, match[1] ?? ""), line: Number(match[2]), text: match[3] ?? "" }] : [];
  });
  if (run.code !== 0 && found.length === 0) return [{ file: CELLS, line: 0, text: run.output.trim() }];
  return found;
}
