import { existsSync, readdirSync, readFileSync } from "node:fs";
import { basename, join } from "node:path";
import { NOTEBOOKS } from "../paths.js";
import { UsageError } from "../usage.js";

/** What a cell is for; every cell of a notebook has one. */
export const ROLES = [
  "objective",
  "setup",
  "why",
  "example",
  "task",
  "hint",
  "solution",
  "check",
  "see",
  "notes",
  "cost",
  "next",
] as const;
export type Role = (typeof ROLES)[number];

/** A notebook as nbformat 4.5 writes it, as far as we look at it; nothing is taken for granted before the lint. */
export interface Notebook {
  readonly nbformat?: number;
  readonly nbformat_minor?: number;
  readonly metadata?: Readonly<Record<string, unknown>>;
  readonly cells: readonly Cell[];
}

export interface Cell {
  readonly cell_type: string;
  readonly id?: string;
  readonly metadata?: { readonly activate?: { readonly role?: string } } & Readonly<Record<string, unknown>>;
  readonly source: string | readonly string[];
  readonly outputs?: readonly unknown[];
  readonly execution_count?: number | null;
}

export function notebookPaths(folder: string = NOTEBOOKS): string[] {
  if (!existsSync(folder)) return [];
  return readdirSync(folder)
    .filter((name) => /^\d\d_.+\.ipynb$/.test(name))
    .sort()
    .map((name) => join(folder, name));
}

/** The notebooks that the numbers name ("03"), in order; all when none is named. @throws UsageError for an unknown one. */
export function chooseNotebooks(numbers: readonly string[], folder: string = NOTEBOOKS): string[] {
  const paths = notebookPaths(folder);
  if (numbers.length === 0) return paths;
  const known = paths.map((path) => basename(path).slice(0, 2));
  for (const number of numbers) {
    if (!known.includes(number.padStart(2, "0"))) {
      throw new UsageError(`There is no notebook ${number}. Known: ${known.join(", ")}.`);
    }
  }
  const wanted = new Set(numbers.map((number) => number.padStart(2, "0")));
  return paths.filter((path) => wanted.has(basename(path).slice(0, 2)));
}

export function readNotebook(path: string): Notebook {
  return JSON.parse(readFileSync(path, "utf8")) as Notebook;
}

export function sourceOf({ source }: Cell): string {
  return typeof source === "string" ? source : source.join("");
}
