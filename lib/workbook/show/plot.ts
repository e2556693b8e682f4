import { readFileSync } from "node:fs";
import { escapeHtml, Html, html, scriptJson } from "./html.js";
import { theme } from "./theme.js";

/** What plotly.js draws: traces and layout, plain JSON. The title states the finding. */
export interface Figure {
  readonly title: string;
  readonly data: readonly Readonly<Record<string, unknown>>[];
  readonly layout?: Readonly<Record<string, unknown>>;
  /** Pixels. Default 380. */
  readonly height?: number;
}

/**
 * plotly.js itself, 4.9 MB: shown once a notebook, all later figures use it. Works offline, in JupyterLab and in exported HTML.
 */
export function plotlyLibrary(): Html {
  const library = readFileSync(require.resolve("plotly.js/plotly.min.js"), "utf8");
  return new Html(`<script>if (!window.Plotly) {${library.replaceAll("</script", "<\\/script")}\n}</script>`);
}

/**
 * A figure as `<div>` and `<script>`. Where scripts do not run (a notebook that is not trusted) its title and a sentence stay.
 * @param id unique in the notebook.
 */
export function figureHtml(figure: Figure, id: string): Html {
  const height = figure.height ?? 380;
  const layout = withDefaults(baseLayout(figure.title, height), figure.layout ?? {});
  const drawing = scriptJson({ data: figure.data, layout });
  return html`<div id="${id}" style="min-height:${height}px;max-width:960px;font-family:${theme.font}">${notDrawn(figure.title)}</div>
<script>
(function draw(tries) {
  var place = document.getElementById("${new Html(id)}");
  if (place && window.Plotly) {
    var figure = ${new Html(drawing)};
    place.replaceChildren();
    window.Plotly.newPlot(place, figure.data, figure.layout, {responsive: true, displaylogo: false, modeBarButtonsToRemove: ["select2d", "lasso2d", "autoScale2d"]});
  } else if (tries > 0) setTimeout(draw, 150, tries - 1);
})(400);
</script>`;
}

/** The sentence that is there until a script replaces it. */
export function notDrawn(title: string): Html {
  return html`<p style="color:${theme.text};margin:4px 0"><b>${title}</b></p><p style="color:${theme.muted};margin:4px 0">The figure is drawn by a script. If you see this sentence, run the notebook from its first cell, or trust it: <code>jupyter trust FILE</code>.</p>`;
}

function baseLayout(title: string, height: number): Record<string, unknown> {
  const axis = { gridcolor: "#eceff1", zeroline: false, linecolor: "#b0b8bf", ticks: "outside", tickcolor: "#b0b8bf" };
  return {
    title: { text: wrapTitle(title), x: 0, xanchor: "left", xref: "container", pad: { l: 12 }, font: { size: 16 } },
    height,
    margin: { l: 64, r: 24, t: title.length > 90 ? 76 : 56, b: 52 },
    font: {
      family: "system-ui, -apple-system, 'Segoe UI', Roboto, Helvetica, Arial, sans-serif",
      size: 13,
      color: "#202124",
    },
    paper_bgcolor: "#ffffff",
    plot_bgcolor: "#ffffff",
    hovermode: "closest",
    hoverlabel: { align: "left" },
    legend: { orientation: "h", y: 1.0, yanchor: "bottom", x: 1, xanchor: "right" },
    xaxis: axis,
    yaxis: axis,
  };
}

/** An axis or a legend that the figure describes keeps the defaults that it does not name. */
function withDefaults(base: Readonly<Record<string, unknown>>, own: Readonly<Record<string, unknown>>) {
  const axis = base.xaxis;
  const merged = Object.entries(own).map(([key, value]) => {
    const before = base[key] ?? (/^[xy]axis\d*$/.test(key) ? axis : undefined);
    return [key, isObject(before) && isObject(value) ? { ...before, ...value } : value] as const;
  });
  return { ...base, ...Object.fromEntries(merged) };
}

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === "object" && value !== null && !Array.isArray(value);

/** plotly.js breaks no lines: at most 90 characters each. */
function wrapTitle(title: string): string {
  const lines = [""];
  for (const word of escapeHtml(title).split(" ")) {
    const line = lines[lines.length - 1] ?? "";
    if (line.length + word.length > 90) lines.push(word);
    else lines[lines.length - 1] = line === "" ? word : `${line} ${word}`;
  }
  return lines.join("<br>");
}
