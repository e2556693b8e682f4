import type { DataFrame } from "../../cloud/frame.js";
import type { ReportProgress } from "../../cloud/operation.js";
import type { Row } from "../../cloud/rows.js";
import { readSql } from "../../cloud/sql.js";
import { type Html, html } from "./html.js";
import { LiveFigure } from "./live.js";
import type { Output } from "./output.js";
import { type Figure, figureHtml, plotlyLibrary } from "./plot.js";
import { ProgressBar } from "./progress.js";
import { type TableOptions, tableHtml } from "./table.js";
import { theme } from "./theme.js";
import { type ThresholdSlider, thresholdSliderHtml } from "./thresholdSlider.js";

/** Puts results under a cell. */
export class Show {
  readonly #output: Output;
  #figures = 0;

  constructor(output: Output) {
    this.#output = output;
  }

  /** Rows as a table. */
  readonly table = (rows: readonly Row[], options: TableOptions = {}): void => {
    this.html(tableHtml(rows, options));
  };

  /** A danfo DataFrame as a table, with its row names. */
  readonly frame = (frame: DataFrame, options: TableOptions = {}): void => {
    const names = frame.index.map(String);
    this.table(
      frame.values.map((row, place) => ({
        "": names[place] ?? "",
        ...Object.fromEntries(frame.columns.map((column, at) => [column, row[at] ?? null])),
      })),
      options,
    );
  };

  /** A figure that can be zoomed and asked. */
  readonly figure = (figure: Figure): void => {
    this.#library();
    this.html(figureHtml(figure, this.#nextId()));
  };

  /** A figure that is drawn again in its place, whenever there is more to see; at most four times a second, the last one surely. */
  readonly live = (): LiveFigure => {
    this.#library();
    return new LiveFigure(this.#output.slot(), this.#nextId());
  };

  /** The distribution of scores with a threshold that can be moved, and what it would find. */
  readonly thresholdSlider = (slider: ThresholdSlider): void => {
    this.#library();
    this.html(thresholdSliderHtml(slider, this.#nextId()));
  };

  /** A statement of `sql/`, to read. */
  readonly sql = (path: string): void => {
    this.html(
      html`<div style="font:12px ${theme.font};color:${theme.muted}">sql/${path}</div><pre style="font:12.5px/1.5 ${theme.mono};background:${theme.faint};color:${theme.text};padding:10px 14px;border-radius:6px;overflow-x:auto;margin:4px 0">${readSql(path).text.trim()}</pre>`,
    );
  };

  /** A sentence. */
  readonly text = (sentence: string): void => {
    this.html(html`<p style="font:14px ${theme.font};color:${theme.text};margin:4px 0">${sentence}</p>`);
  };

  /** A bar that moves in place; `total` is what `update` counts up to. */
  readonly progress = (label: string, total?: number): ProgressBar => new ProgressBar(this.#output, label, total);

  /** What a long-running operation is to report to: one bar, in place; none where what was to be made is there already. */
  readonly operation = (label: string): ReportProgress => {
    let bar: ProgressBar | undefined;
    return ({ done, stage }) => {
      bar ??= this.progress(label);
      if (done) bar.finish("done");
      else bar.update(0, readable(stage));
    };
  };

  readonly html = (content: Html): void => {
    this.#output.slot().html(content.text);
  };

  /** plotly.js goes into the first output that needs it, and no other. */
  #library(): void {
    if (this.#figures === 0) this.html(plotlyLibrary());
  }

  #nextId(): string {
    this.#figures += 1;
    return `activate-figure-${this.#figures}`;
  }
}

/** STARTING_MODEL_SERVER as "starting model server". */
const readable = (stage: string): string => stage.toLowerCase().replaceAll("_", " ");
