import assert from "node:assert/strict";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { executeNotebooks, type RunEvent } from "activate/cli/notebooks/execute.js";
import type { Cell, Notebook } from "activate/cli/notebooks/files.js";
import { lintNotebook } from "activate/cli/notebooks/lint.js";
import { ProgressLines, type Result, resultTable } from "activate/cli/notebooks/progress.js";
import { cellModule, checkCells, lintShorthand } from "activate/cli/notebooks/types.js";
import { privateJupyter } from "activate/cli/setup/kernelspec.js";
import { setUpPython } from "activate/cli/setup/python.js";
import { TemporaryFolder } from "./activate.js";

const METADATA = {
  kernelspec: { display_name: "TypeScript", language: "typescript", name: "tslab" },
  language_info: { name: "typescript" },
};

function cell(id: string, role: string, source: string, kind: "code" | "markdown" = "code"): Cell {
  const both = { cell_type: kind, id, metadata: { activate: { role } }, source };
  return kind === "code" ? { ...both, outputs: [], execution_count: null } : both;
}

/** A notebook with nothing wrong; `cells` stand between its set-up and its check. */
function notebook(...cells: Cell[]): Notebook {
  return {
    nbformat: 4,
    nbformat_minor: 5,
    metadata: METADATA,
    cells: [
      cell("objective", "objective", "# Aim", "markdown"),
      cell("setup", "setup", "const start = 1;"),
      ...cells,
      cell("check", "check", "console.log(start);"),
      cell("cost", "cost", "Nothing.", "markdown"),
      cell("next", "next", "More.", "markdown"),
    ],
  };
}

describe("the notebook runner", function () {
  this.timeout(180_000);
  let folder: TemporaryFolder;
  beforeEach(() => {
    folder = new TemporaryFolder();
  });
  afterEach(() => folder.remove());

  async function run(...notebooks: Notebook[]): Promise<RunEvent[]> {
    const paths = notebooks.map((content, index) => {
      const path = join(folder.path, `0${index}_test.ipynb`);
      writeFileSync(path, JSON.stringify(content));
      return path;
    });
    const python = await setUpPython("notebooks", () => {});
    const events: RunEvent[] = [];
    const order = { notebooks: paths, output: join(folder.path, "out"), python, variables: privateJupyter() };
    for await (const event of executeNotebooks(order)) events.push(event);
    return events;
  }

  const failures = (events: readonly RunEvent[]) =>
    events.flatMap((event) => (event.event === "done" ? [event.failure] : []));

  it("executes notebooks in order and tells of each cell; pages need no network and show plots", async () => {
    const figure = `import * as tslab from "tslab";
tslab.display.raw("application/vnd.plotly.v1+json", { data: [{ y: [1, 2] }], layout: {} } as unknown as string);`;
    const events = await run(notebook(cell("plot", "see", figure)), notebook());
    assert.deepEqual(failures(events), [null, null]);
    assert.deepEqual(
      events.flatMap((event) => (event.event === "executed" ? [event.id] : [])),
      ["setup", "plot", "check", "setup", "check"],
    );
    const page = readFileSync(join(folder.path, "out", "00_test.html"), "utf8");
    assert.match(page, /Plotly\.newPlot\("plot-0", \[{"y": \[1, 2\]}\]/);
    assert.ok(page.length > 4_000_000, "plotly.js is inside");
    assert.doesNotMatch(page, /<(script|link|img)[^>]+(src|href)="https?:/);
    const second = readFileSync(join(folder.path, "out", "01_test.html"), "utf8");
    assert.ok(second.length < 1_000_000, "no plot, no library");
    assert.doesNotMatch(second, /cdnjs|unpkg/);
  });

  it("stops at the first cell that throws, and says which and why", async () => {
    const events = await run(notebook(cell("broken", "example", 'throw new Error("out of stock");')), notebook());
    const [failure, ...others] = failures(events);
    assert.deepEqual(others, [], "the next notebook is not run");
    assert.equal(failure?.id, "broken");
    assert.match(failure?.text ?? "", /Error: out of stock/);
    assert.ok(existsSync(join(folder.path, "out", "00_test.html")), "what ran is kept");
  });

  it("takes a type error for a failure", async () => {
    const [failure] = failures(await run(notebook(cell("typed", "example", "const word: string = start;"))));
    assert.match(failure?.text ?? "", /Type 'number' is not assignable to type 'string'/);
  });

  it("fails a notebook for a rejection that nobody handled, although the kernel went on", async () => {
    const late = "void Promise.reject(new Error('unnoticed'));";
    const [failure] = failures(await run(notebook(cell("late", "example", late))));
    assert.match(failure?.text ?? "", /UnhandledPromiseRejection[\s\S]*unnoticed/);
  });

  it("fails a notebook for an exception in a timer of its last cell", async () => {
    const last = notebook();
    const cells = [...last.cells, cell("last", "example", 'setTimeout(() => { throw new Error("later"); }, 20);')];
    const [failure] = failures(await run({ ...last, cells }));
    assert.match(failure?.text ?? "", /UncaughtException[\s\S]*later/);
  });

  it("says that the kernel ended when a cell ends it", async () => {
    const [failure] = failures(await run(notebook(cell("exit", "example", "process.exit(3);"))));
    assert.equal(failure?.id, "exit");
    assert.match(failure?.text ?? "", /The kernel ended/);
  });
});

describe("the table at the end of a run", () => {
  it("has a row for every notebook, run or not", () => {
    const failure = { index: 4, id: "train", source: "", text: "" };
    const results: Result[] = [
      { name: "00_a", executed: 3, cells: 3, seconds: 1.25, failure: null },
      { name: "01_longer", executed: 1, cells: 12, seconds: 10, failure },
    ];
    assert.equal(
      resultTable(["00_a", "01_longer", "02_b"], results),
      [
        "notebook   cells  seconds  result",
        "---------------------------------",
        "00_a         3/3      1.3  ok",
        "01_longer   1/12     10.0  failed in train",
        "02_b                       not run",
      ].join("\n"),
    );
  });

  it("is preceded by a line a cell where there is no terminal", () => {
    const written: string[] = [];
    const stream = { isTTY: false, write: (text: string) => written.push(text) > 0 };
    const progress = new ProgressLines(stream as unknown as ConstructorParameters<typeof ProgressLines>[0]);
    progress.notebook("00_a", 10);
    progress.cell("load");
    progress.executed();
    progress.done(2, { index: 2, id: "look", source: "a\nb", text: "Error: no\n" });
    assert.match(
      written.join(""),
      /^00_a \(10 code cells\)\n {3}1\/10 load {29}0\.0 s\n00_a: failed, 1 cells in 2\.0 s\n/,
    );
    assert.match(written.join(""), /FAILED 00_a, cell 3 \(look\):\n {4}\| a\n {4}\| b\n {4}Error: no\n$/);
  });
});

describe("the notebook lint", () => {
  const said = (content: Notebook): string[] =>
    lintNotebook("/x/00_test.ipynb", content).map(({ cell: id, text }) => `${id ?? "notebook"}: ${text}`);

  it("has nothing to say about a good notebook", () => {
    const good = notebook(
      cell("task", "task", "Do.", "markdown"),
      cell("hint", "hint", "How?", "markdown"),
      cell("solve", "solution", "1;"),
    );
    assert.deepEqual(said(good), []);
  });

  const cases: readonly (readonly [what: string, wrong: Notebook, said: string])[] = [
    ["outputs", notebook({ ...cell("a", "example", "1;"), outputs: [{}] }), "a: has outputs"],
    [
      "an execution count",
      notebook({ ...cell("a", "example", "1;"), execution_count: 1 }),
      "a: has an execution count",
    ],
    ["an id used twice", notebook(cell("setup", "example", "1;")), "setup: its id is used twice"],
    ["an unknown role", notebook(cell("a", "riddle", "1;")), "a: has the unknown role riddle"],
    ["code where text belongs", notebook(cell("a", "hint", "1;")), "a: is code, but a hint is text"],
    ["a solution without a task", notebook(cell("a", "solution", "1;")), "notebook: its solution a follows no task"],
    ["a long cell", notebook(cell("a", "example", "1;\n".repeat(13))), "a: has 13 lines of code; 12 are the most"],
    ["an empty cell", notebook(cell("a", "example", " ")), "a: is empty"],
    [
      "metadata of a run",
      notebook({ ...cell("a", "example", "1;"), metadata: { activate: { role: "example" }, execution: {} } }),
      "a: has metadata that only a run leaves behind: execution",
    ],
    [
      "no check",
      { ...notebook(), cells: notebook().cells.filter(({ id }) => id !== "check") },
      "notebook: has no cell with the role check",
    ],
    [
      "another kernel",
      { ...notebook(), metadata: { ...METADATA, kernelspec: { name: "python3" } } },
      "notebook: its kernelspec",
    ],
  ];
  for (const [what, wrong, complaint] of cases) {
    it(`finds ${what}`, () => {
      const complaints = said(wrong);
      assert.equal(complaints.length, 1, complaints.join("\n"));
      assert.ok(complaints[0]?.startsWith(complaint), complaints[0]);
    });
  }

  it("finds a shorthand property that the kernel would not know", () => {
    const inOneCell = cell("one", "example", "const limit = 1;\nconsole.log({ limit });");
    assert.deepEqual(lintShorthand("/x/00_test.ipynb", notebook(inOneCell)), []);
    const [complaint] = lintShorthand("/x/00_test.ipynb", notebook(cell("two", "example", "console.log({ start });")));
    assert.equal(complaint?.cell, "two");
    assert.match(complaint?.text ?? "", /^write { start: start }/);
  });

  it("finds type errors under strict settings and promises that nobody awaits, by cell and line", async function () {
    this.timeout(60_000);
    const wrong = notebook(
      cell("typed", "example", "const one = 1;\nconst none: string = null;"),
      cell("floating", "example", "async function later(): Promise<void> {}\nlater();"),
    );
    const complaints = await checkCells([cellModule("/x/00_test.ipynb", wrong)]);
    assert.deepEqual(
      complaints.map(({ cell: id, text }) => `${id}: ${text}`),
      [
        "typed: line 2: TS2322: Type 'null' is not assignable to type 'string'.",
        "floating: line 2: a promise that nobody awaits",
      ],
    );
  });
});
