import { basename } from "node:path";
import { type Cell, type Notebook, ROLES, sourceOf } from "./files.js";

export interface Complaint {
  readonly notebook: string;
  /** Id of the cell, or its position from 1 when it has none; undefined for the whole notebook. */
  readonly cell?: string;
  readonly text: string;
}

const LINES_MAX = 12;
/** Roles that must each be there; the first three in this order where they first appear. */
const NEEDED = ["objective", "setup", "check", "cost", "next"] as const;
const ORDERED = 3;
const TEXT_ROLES = new Set(["objective", "why", "hint", "notes"]);
const CODE_ROLES = new Set(["setup", "solution", "check", "example"]);
const METADATA_KEYS = new Set(["activate", "jupyter", "tags"]);

/** Everything that is not as a notebook in this repository has to be. */
export function lintNotebook(path: string, notebook: Notebook): Complaint[] {
  const name = basename(path);
  const complaints: Complaint[] = [];
  const complain = (text: string, cell?: string): void => {
    complaints.push(cell === undefined ? { notebook: name, text } : { notebook: name, cell, text });
  };
  lintMetadata(notebook, complain);
  const ids = new Set<string>();
  notebook.cells.forEach((cell, index) => {
    const label = cell.id ?? `number ${index + 1}`;
    for (const text of lintCell(cell)) complain(text, label);
    if (cell.id !== undefined && ids.has(cell.id)) complain("its id is used twice", label);
    if (cell.id !== undefined) ids.add(cell.id);
  });
  lintOrder(notebook, complain);
  return complaints;
}

function lintMetadata(notebook: Notebook, complain: (text: string) => void): void {
  if (notebook.nbformat !== 4 || (notebook.nbformat_minor ?? 0) < 5) complain("is not nbformat 4.5 (cells need ids)");
  const { kernelspec, language_info: language, ...others } = notebook.metadata ?? {};
  const kernel = (kernelspec ?? {}) as { name?: unknown };
  if (kernel.name !== "tslab")
    complain('its kernelspec is not {"display_name": "TypeScript", "language": "typescript", "name": "tslab"}');
  const languageKeys = Object.keys((language ?? {}) as object);
  if (languageKeys.length !== 1 || languageKeys[0] !== "name")
    complain('its language_info is not {"name": "typescript"}');
  const surplus = Object.keys(others).filter((key) => key !== "activate");
  if (surplus.length > 0) complain(`its metadata has keys that only a run leaves behind: ${surplus.join(", ")}`);
}

function lintCell(cell: Cell): string[] {
  const complaints: string[] = [];
  const role = cell.metadata?.activate?.role;
  if (cell.id === undefined || !/^[a-z0-9][a-z0-9-]{0,63}$/.test(cell.id)) {
    complaints.push("has no stable id (lower-case letters, digits, hyphens)");
  }
  if (role === undefined) complaints.push(`has no role in metadata.activate.role (${ROLES.join(", ")})`);
  else if (!(ROLES as readonly string[]).includes(role)) complaints.push(`has the unknown role ${role}`);
  const surplus = Object.keys(cell.metadata ?? {}).filter((key) => !METADATA_KEYS.has(key));
  if (surplus.length > 0) complaints.push(`has metadata that only a run leaves behind: ${surplus.join(", ")}`);
  if (sourceOf(cell).trim() === "") complaints.push("is empty");
  if (cell.cell_type === "code") {
    if (role !== undefined && TEXT_ROLES.has(role)) complaints.push(`is code, but a ${role} is text`);
    if ((cell.outputs ?? []).length > 0) complaints.push("has outputs");
    if ((cell.execution_count ?? null) !== null) complaints.push("has an execution count");
    const lines = sourceOf(cell).trimEnd().split("\n").length;
    if (lines > LINES_MAX) complaints.push(`has ${lines} lines of code; ${LINES_MAX} are the most`);
  } else if (role !== undefined && CODE_ROLES.has(role)) complaints.push(`is text, but a ${role} is code`);
  return complaints;
}

function lintOrder(notebook: Notebook, complain: (text: string) => void): void {
  const roles = notebook.cells.map((cell) => cell.metadata?.activate?.role ?? "");
  const places = NEEDED.map((role) => ({ role, place: roles.indexOf(role) }));
  for (const { role, place } of places) {
    if (place < 0) complain(`has no cell with the role ${role}`);
  }
  const there = places.slice(0, ORDERED).filter(({ place }) => place >= 0);
  for (let i = 1; i < there.length; i++) {
    const [before, after] = [there[i - 1], there[i]];
    if (before && after && before.place > after.place) complain(`has its ${after.role} before its ${before.role}`);
  }
  roles.forEach((role, index) => {
    const cell = notebook.cells[index]?.id ?? `number ${index + 1}`;
    if (role === "solution" && !followsTask(roles, index)) complain(`its solution ${cell} follows no task`);
  });
}

/** A solution belongs to the task above it, with nothing but hints and reasons between. */
function followsTask(roles: readonly string[], index: number): boolean {
  for (let i = index - 1; i >= 0; i--) {
    const role = roles[i] ?? "";
    if (role === "task") return true;
    if (!["hint", "why", "solution", "notes", "example"].includes(role)) return false;
  }
  return false;
}
