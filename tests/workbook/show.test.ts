import assert from "node:assert/strict";
import { runInNewContext } from "node:vm";
import { architectureHtml } from "activate/workbook/show/architecture.js";
import { formatDollars, formatDuration, formatNumber, formatPercent } from "activate/workbook/show/format.js";
import { html, scriptJson } from "activate/workbook/show/html.js";
import { LiveFigure } from "activate/workbook/show/live.js";
import { RecordedOutput } from "activate/workbook/show/output.js";
import { figureHtml, plotlyLibrary } from "activate/workbook/show/plot.js";
import { ProgressBar } from "activate/workbook/show/progress.js";
import { Show } from "activate/workbook/show/show.js";
import { tableHtml } from "activate/workbook/show/table.js";

describe("html", () => {
  it("escapes what is put in, and leaves out what is not there", () => {
    const name = `<img src=x onerror="alert('1')">&`;
    assert.equal(
      html`<b title="${name}">${[1, undefined, null, false, html`<i>ok</i>`]}</b>`.text,
      '<b title="&lt;img src=x onerror=&quot;alert(&#39;1&#39;)&quot;&gt;&amp;">1<i>ok</i></b>',
    );
  });

  it("writes values into a script that cannot end it", () => {
    const value = { text: "</script><!-- \u2028" };
    const script = scriptJson(value);
    assert.ok(!script.includes("<"));
    assert.deepEqual({ ...runInNewContext(`(${script})`) }, value);
  });
});

describe("tableHtml", () => {
  it("escapes cells and headings, and writes numbers, times and nothing as people read them", () => {
    const rows = [
      { "<a>": "<script>", n: 60000, at: "2026-02-03T10:15:00.000Z", none: null, list: [{ x: 1 }], yes: true },
    ];
    const text = tableHtml(rows, { caption: "<b>" }).text;
    assert.ok(!/<(script|a|b)>/.test(text));
    for (const shown of ["&lt;script&gt;", "60,000", "2026-02-03 10:15:00", "–", "[{&quot;x&quot;:1}]", ">yes<"]) {
      assert.ok(text.includes(shown), shown);
    }
  });

  it("says how many rows it leaves out", () => {
    const rows = Array.from({ length: 30 }, (_, n) => ({ n }));
    assert.match(tableHtml(rows, { limit: 5 }).text, /5 of 30 rows/);
    assert.match(tableHtml([]).text, /No rows/);
  });
});

describe("a figure", () => {
  const figure = { title: "Half < whole & more", data: [{ x: [1], y: [2] }], layout: { xaxis: { type: "log" } } };

  it("keeps its title and a sentence for where scripts do not run", () => {
    const text = figureHtml(figure, "f1").text;
    const beforeScript = text.slice(0, text.indexOf("<script>"));
    assert.match(beforeScript, /Half &lt; whole &amp; more/);
    assert.match(beforeScript, /jupyter trust/);
  });

  it("draws once the library is there, with the defaults that it does not name", () => {
    const script = /<script>([\s\S]*)<\/script>/.exec(figureHtml(figure, "f1").text)?.[1] ?? "";
    const drawn: { data: unknown[]; layout: { xaxis: Record<string, unknown> } }[] = [];
    const place = { replaceChildren: () => undefined };
    const Plotly = {
      newPlot: (_: unknown, data: unknown[], layout: { xaxis: Record<string, unknown> }) =>
        drawn.push({ data, layout }),
    };
    const window: { Plotly?: typeof Plotly } = {};
    const waiting: (() => void)[] = [];
    runInNewContext(script, {
      window,
      document: { getElementById: () => place },
      setTimeout: (callback: (tries: number) => void, _: number, tries: number) => waiting.push(() => callback(tries)),
    });
    assert.equal(drawn.length, 0);
    window.Plotly = Plotly;
    waiting.shift()?.();
    assert.equal(drawn.length, 1);
    assert.equal(drawn[0]?.layout.xaxis.type, "log");
    assert.equal(drawn[0]?.layout.xaxis.gridcolor, "#eceff1");
  });

  it("brings plotly.js into the notebook once", () => {
    const output = new RecordedOutput();
    const show = new Show(output);
    show.figure(figure);
    show.figure(figure);
    assert.equal(output.shown.length, 3);
    assert.ok((output.shown[0] ?? "").length > 4_000_000);
    assert.ok(output.shown.slice(1).every((text) => text.length < 10_000));
    assert.notEqual(/id="([^"]*)"/.exec(output.shown[1] ?? "")?.[1], /id="([^"]*)"/.exec(output.shown[2] ?? "")?.[1]);
  });

  it("ships a library whose script element ends only at its end", () => {
    assert.equal(plotlyLibrary().text.match(/<\/script/gi)?.length, 1);
  });
});

describe("Show.operation", () => {
  it("shows nothing where nothing had to be made, else one bar that ends", () => {
    const output = new RecordedOutput();
    const show = new Show(output);
    show.operation("Create endpoint");
    assert.deepEqual(output.shown, []);
    const report = show.operation("Create endpoint");
    report({ what: "Create", stage: "", done: false });
    report({ what: "Create", stage: "", done: true });
    assert.equal(output.shown.length, 1);
    assert.match(output.last, /Create endpoint: done/);
  });
});

describe("ProgressBar", () => {
  it("stays in one place, draws at most ten times a second, and ends with what came of it", () => {
    const output = new RecordedOutput();
    let now = 0;
    let drawings = 0;
    const slot = output.slot();
    const counting = {
      slot: () => ({
        html: (text: string) => {
          drawings += 1;
          slot.html(text);
        },
      }),
    };
    const bar = new ProgressBar(counting, "Load", 1000, () => now);
    for (now = 0; now < 1000; now += 10) bar.update(now);
    assert.ok(drawings <= 11, `${drawings} drawings`);
    assert.match(output.last, /of 1,000/);
    bar.finish("1,000 rows");
    assert.equal(output.shown.length, 1);
    assert.match(output.last, /Load: 1,000 rows.*1\.0 s/);
  });
});

describe("LiveFigure", () => {
  it("is drawn anew in one place, at most twice a second, and the last one surely", () => {
    const output = new RecordedOutput();
    let now = 0;
    const live = new LiveFigure(output.slot(), "f9", () => now);
    const drawn = new Set<string>();
    for (now = 0; now < 1000; now += 50) {
      live.update(() => ({ title: `at ${now}`, data: [] }));
      drawn.add(output.last);
    }
    assert.ok(drawn.size <= 2, `${drawn.size} drawings`);
    live.finish({ title: "the end", data: [] });
    assert.equal(output.shown.length, 1);
    assert.match(output.last, /id="f9"[\s\S]*the end/);
  });
});

describe("architectureHtml", () => {
  it("lights up what exists and names it for those who cannot see it", () => {
    const text = architectureHtml({ sink: "60,000 events", endpoint: "<shop>" }, "02").text;
    assert.match(text, /aria-label="Architecture\. BigQuery: 60,000 events; Endpoint: &lt;shop&gt;"/);
    assert.equal(text.match(/fill="#e6f4ea" stroke="#188038" stroke-width/g)?.length, 3);
    assert.match(architectureHtml({}).text, /Nothing exists yet/);
    // Parts of later notebooks have no number that somebody would look for.
    assert.deepEqual(
      [...architectureHtml({}).text.matchAll(/text-anchor="end"[^>]*>([^<]+)</g)].map(([, number]) => number).sort(),
      ["00", "01", "01", "02", "03", "04", "04", "05", "08", "later", "later"],
    );
  });
});

describe("numbers for people", () => {
  it("have thousands apart, and no more digits than say something", () => {
    assert.deepEqual([60000, 0.123456, 1.5, 1234.567, 0.00001, 12].map(formatNumber), [
      "60,000",
      "0.1235",
      "1.5",
      "1,234.6",
      "1.00e-5",
      "12",
    ]);
    assert.deepEqual([0.1234, 1, 0.0004].map(formatPercent), ["12.3 %", "100 %", "0.04 %"]);
    assert.deepEqual([0.1095, 6.25, 0].map(formatDollars), ["$0.110", "$6.25", "$0"]);
    assert.deepEqual([12, 1500, 83_000].map(formatDuration), ["12 ms", "1.5 s", "1 min 23 s"]);
  });
});
