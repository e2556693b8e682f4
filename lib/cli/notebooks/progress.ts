import type { WriteStream } from "node:tty";
import type { CellFailure } from "./execute.js";

export interface Result {
  readonly name: string;
  /** Code cells that ran to their end, and how many there are. */
  readonly executed: number;
  readonly cells: number;
  readonly seconds: number;
  readonly failure: CellFailure | null;
}

/** Progress of a run: a line that is overwritten on a terminal, a line a cell elsewhere. */
export class ProgressLines {
  readonly #stream: WriteStream;
  #name = "";
  #cells = 0;
  #executed = 0;
  #cell = "";
  #cellBegan = 0;

  constructor(stream: WriteStream) {
    this.#stream = stream;
  }

  notebook(name: string, cells: number): void {
    this.#name = name;
    this.#cells = cells;
    this.#executed = 0;
    if (this.#stream.isTTY) this.#show("starting the kernel");
    else this.#stream.write(`${name} (${cells} code cells)\n`);
  }

  cell(id: string): void {
    this.#cell = id;
    this.#cellBegan = performance.now();
    if (this.#stream.isTTY) this.#show(id);
  }

  executed(): void {
    this.#executed += 1;
    if (this.#stream.isTTY) {
      this.#show(this.#cell);
      return;
    }
    const seconds = (performance.now() - this.#cellBegan) / 1000;
    this.#stream.write(`  ${this.#count()} ${this.#cell.padEnd(32)} ${seconds.toFixed(1)} s\n`);
  }

  done(seconds: number, failure: CellFailure | null): Result {
    if (this.#stream.isTTY) {
      this.#stream.clearLine(0);
      this.#stream.cursorTo(0);
    }
    const mark = failure ? "failed" : "ok";
    this.#stream.write(`${this.#name}: ${mark}, ${this.#executed} cells in ${seconds.toFixed(1)} s\n`);
    if (failure) this.#stream.write(`\n${describeFailure(this.#name, failure)}\n`);
    return { name: this.#name, executed: this.#executed, cells: this.#cells, seconds, failure };
  }

  #count(): string {
    const width = String(this.#cells).length;
    return `${String(this.#executed).padStart(width)}/${this.#cells}`;
  }

  #show(what: string): void {
    this.#stream.clearLine(0);
    this.#stream.cursorTo(0);
    const line = `${this.#name}  ${bar(this.#executed, this.#cells)} ${this.#count()}  ${what}`;
    this.#stream.write(line.slice(0, Math.max(20, this.#stream.columns - 1)));
  }
}

function bar(done: number, all: number): string {
  const width = 20;
  const filled = all === 0 ? width : Math.round((done / all) * width);
  return `[${"#".repeat(filled)}${".".repeat(width - filled)}]`;
}

/** Where it failed, what the cell says, and its error text. */
export function describeFailure(name: string, { index, id, source, text }: CellFailure): string {
  const quoted = source
    .trimEnd()
    .split("\n")
    .map((line) => `    | ${line}`);
  const error = text
    .trimEnd()
    .split("\n")
    .map((line) => `    ${line}`);
  return [`FAILED ${name}, cell ${index + 1}${id ? ` (${id})` : ""}:`, ...quoted, ...error].join("\n");
}

/** Notebook, cells, seconds, result; a row for each that was to run. */
export function resultTable(names: readonly string[], results: readonly Result[]): string {
  const rows = names.map((name) => {
    const result = results.find((candidate) => candidate.name === name);
    if (!result) return [name, "", "", "not run"];
    const outcome = result.failure ? `failed in ${result.failure.id || `cell ${result.failure.index + 1}`}` : "ok";
    return [name, `${result.executed}/${result.cells}`, result.seconds.toFixed(1), outcome];
  });
  const all = [["notebook", "cells", "seconds", "result"], ...rows];
  const widths = [0, 1, 2].map((column) => Math.max(...all.map((row) => (row[column] ?? "").length)));
  const line = ([name = "", cells = "", seconds = "", result = ""]: string[]): string =>
    [name.padEnd(widths[0] ?? 0), cells.padStart(widths[1] ?? 0), seconds.padStart(widths[2] ?? 0), result].join("  ");
  const [head = [], ...body] = all;
  return [line(head), "-".repeat(line(head).length), ...body.map(line)].join("\n");
}
