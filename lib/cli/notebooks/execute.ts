import { spawn } from "node:child_process";
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { ROOT } from "../paths.js";
import type { Python } from "../setup/python.js";
import { SetupError } from "../usage.js";

/** Longest time that one cell may take. */
const CELL_SECONDS_MAX = 300;

export interface CellFailure {
  /** Position of the cell in the notebook, markdown cells counted, from 0. */
  readonly index: number;
  readonly id: string;
  readonly source: string;
  readonly text: string;
}

/** What the run tells while it goes on, in this order: notebook, (cell, executed)*, done; at the end end. */
export type RunEvent =
  | { readonly event: "notebook"; readonly name: string; readonly cells: number }
  | { readonly event: "cell" | "executed"; readonly index: number; readonly id: string }
  | { readonly event: "done"; readonly name: string; readonly seconds: number; readonly failure: CellFailure | null }
  | { readonly event: "end" };

export interface RunOrder {
  /** Absolute paths, in the order of their execution. */
  readonly notebooks: readonly string[];
  /** Folder for the executed notebooks and their HTML pages; made when missing. */
  readonly output: string;
  readonly python: Python;
  readonly variables: Readonly<Record<string, string>>;
}

/** Executes notebooks with nbconvert. @throws SetupError when the run itself breaks down (not when a cell fails). */
export async function* executeNotebooks(order: RunOrder): AsyncGenerator<RunEvent> {
  mkdirSync(order.output, { recursive: true });
  const request = {
    notebooks: order.notebooks,
    output: order.output,
    timeout: CELL_SECONDS_MAX,
    plotly: require.resolve("plotly.js"),
  };
  const script = join(ROOT, "lib", "cli", "notebooks", "execute.py");
  const child = spawn(order.python.interpreter, [script, JSON.stringify(request)], {
    env: { ...process.env, ...order.python.variables, ...order.variables },
    stdio: ["ignore", "pipe", "pipe"],
  });
  let complaints = "";
  child.stderr.on("data", (chunk: Buffer) => {
    complaints = (complaints + chunk.toString("utf8")).slice(-4000);
  });
  const closed = new Promise<number | null>((done) => {
    child.once("error", () => done(null));
    child.once("close", done);
  });
  const interrupt = (): void => void child.kill("SIGINT");
  process.on("SIGTERM", interrupt);
  try {
    let complete = false;
    for await (const line of createInterface({ input: child.stdout })) {
      const event = JSON.parse(line) as RunEvent;
      complete ||= event.event === "end";
      yield event;
    }
    const code = await closed;
    if (code !== 0 || !complete) {
      throw new SetupError(`nbconvert broke down (${order.python.interpreter}, exit ${code}):\n${complaints.trim()}`);
    }
  } finally {
    process.off("SIGTERM", interrupt);
  }
}
