import assert from "node:assert/strict";
import { runInNewContext } from "node:vm";
import { metricsAtThreshold } from "activate/anomaly";
import { thresholdSliderHtml } from "activate/workbook/show/thresholdSlider.js";

/** As much of an element as the script uses. */
class Part {
  textContent: string | number = "";
  value: string | number = "";
  readonly listeners: (() => void)[] = [];

  replaceChildren(): void {}

  addEventListener(event: string, listener: () => void): void {
    assert.equal(event, "input");
    this.listeners.push(listener);
  }
}

interface Shape {
  readonly x0: number;
}

/** The slider in a page: runs its script, moves it, reads what it shows. */
class Page {
  readonly parts = new Map<string, Part>();
  /** Where the line in the figure stands. */
  line = Number.NaN;
  bars: { x: number[]; y: number[] }[] = [];
  readonly #waiting: (() => void)[] = [];
  readonly #window: { Plotly?: object } = {};

  constructor(text: string) {
    for (const [, name = ""] of text.matchAll(/data-name="(\w+)"/g)) this.parts.set(name, new Part());
    const script = /<script>([\s\S]*)<\/script>/.exec(text)?.[1] ?? "";
    const Plotly = {
      newPlot: (_: unknown, bars: { x: number[]; y: number[] }[], { shapes }: { shapes: Shape[] }) => {
        this.bars = bars;
        this.line = shapes[0]?.x0 ?? Number.NaN;
      },
      relayout: (_: unknown, { shapes }: { shapes: Shape[] }) => {
        this.line = shapes[0]?.x0 ?? Number.NaN;
      },
    };
    const root = { querySelector: (query: string) => this.part(/"(\w+)"/.exec(query)?.[1] ?? "") };
    const context = {
      window: this.#window,
      document: { getElementById: (id: string) => (id === "s1" ? root : null) },
      setTimeout: (callback: (tries: number) => void, _: number, tries: number) =>
        this.#waiting.push(() => callback(tries)),
      Plotly,
      isFinite: Number.isFinite,
    };
    runInNewContext(script, context);
    assert.equal(this.bars.length, 0, "waits for the library");
    this.#window.Plotly = Plotly;
    this.#waiting.shift()?.();
  }

  part(name: string): Part {
    const part = this.parts.get(name);
    assert.ok(part, `the slider has no part ${name}`);
    return part;
  }

  move(position: number): void {
    this.part("slider").value = String(position);
    for (const listener of this.part("slider").listeners) listener();
  }

  shows(name: string): string {
    return String(this.part(name).textContent);
  }
}

const scores = Array.from({ length: 200 }, (_, index) => Number((0.05 + ((index * 37) % 200) / 20).toPrecision(5)));
const truth = scores.map((score, index) => score > 7 && index % 3 !== 0);
const percent = (share: number): string => `${(100 * share).toFixed(1)} %`;

describe("the threshold slider", () => {
  const page = () => new Page(thresholdSliderHtml({ title: "Move", scores, truth, threshold: 2.5 }, "s1").text);

  it("begins at its threshold, with what that finds", () => {
    const { precision, recall, truePositives, falsePositives } = metricsAtThreshold({ scores, truth }, 2.5);
    const slider = page();
    assert.equal(slider.line, 2.5);
    assert.deepEqual(
      ["threshold", "precision", "recall", "found", "vain"].map((name) => slider.shows(name)),
      ["2.50", percent(precision), percent(recall), String(truePositives), String(falsePositives)],
    );
  });

  it("counts at every place as the library does, and moves the line along", () => {
    const slider = page();
    const places = Array.from({ length: 21 }, (_, index) => index * 50);
    let before = 0;
    for (const place of places) {
      slider.move(place);
      const metrics = metricsAtThreshold({ scores, truth }, slider.line);
      assert.ok(slider.line > before, `${slider.line} after ${before}`);
      before = slider.line;
      assert.equal(slider.shows("found"), String(metrics.truePositives), `at ${slider.line}`);
      assert.equal(slider.shows("vain"), String(metrics.falsePositives));
      assert.equal(slider.shows("missed"), String(metrics.falseNegatives));
      if (metrics.truePositives + metrics.falsePositives > 0) {
        assert.equal(slider.shows("f1"), percent(metrics.f1Score));
        assert.equal(slider.shows("precision"), percent(metrics.precision));
      } else assert.equal(slider.shows("precision"), "–");
    }
  });

  it("draws every purchase in one of the bars", () => {
    const [honest, anomalous] = page().bars.map(({ y }) => y.reduce((sum, count) => sum + count, 0));
    assert.equal(anomalous, truth.filter(Boolean).length);
    assert.equal(honest, truth.filter((one) => !one).length);
  });

  it("works where nobody knows the truth: nothing is right or wrong", () => {
    const unknown = { title: "Move", scores: [1, 2, 3], truth: [false, false, false], threshold: 1.5 };
    const slider = new Page(thresholdSliderHtml(unknown, "s1").text);
    assert.deepEqual([slider.shows("vain"), slider.shows("recall")], ["2", "–"]);
  });
});
