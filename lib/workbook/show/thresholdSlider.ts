import { formatNumber } from "./format.js";
import { Html, html, scriptJson } from "./html.js";
import { notDrawn } from "./plot.js";
import { colors, theme } from "./theme.js";

export interface ThresholdSlider {
  readonly title: string;
  /** Normalized distances with ground truth, in any order. */
  readonly scores: readonly number[];
  readonly truth: readonly boolean[];
  /** Where it stands at first. */
  readonly threshold: number;
}

/**
 * A slider over the distribution of scores: precision, recall, F1 and the flags at each threshold, computed in the page.
 * Plain HTML and JavaScript, so that it also works in exported HTML. `id` is unique in the notebook.
 */
export function thresholdSliderHtml(slider: ThresholdSlider, id: string): Html {
  const { normal, anomalous } = split(slider);
  const top = [...normal, ...anomalous].reduce((greatest, score) => Math.max(greatest, score), 0);
  const rounded = (scores: readonly number[]) =>
    scores.map((score) => Number(score.toPrecision(5))).sort((a, b) => a - b);
  const data = { normal: rounded(normal), anomalous: rounded(anomalous), threshold: slider.threshold, top, colors };
  const readout = (name: string, label: string) =>
    html`<div style="min-width:92px"><div style="font-size:12px;color:${theme.muted}">${label}</div><div data-name="${name}" style="font-size:20px;font-variant-numeric:tabular-nums">–</div></div>`;
  return html`<div id="${id}" style="max-width:960px;font-family:${theme.font};color:${theme.text}">
<div style="font-size:16px;margin:4px 0">${slider.title}</div>
<div data-name="plot" style="min-height:280px">${notDrawn("Distribution of the normalized distance")}</div>
<label style="display:flex;gap:12px;align-items:center;padding:0 24px 6px 64px"><span style="white-space:nowrap">threshold <b data-name="threshold">${formatNumber(slider.threshold)}</b></span><input data-name="slider" type="range" min="0" max="1000" value="0" style="flex:1;accent-color:${colors.threshold}" aria-label="threshold"></label>
<div style="display:flex;flex-wrap:wrap;gap:20px;padding-left:64px">${readout("precision", "precision")}${readout("recall", "recall")}${readout("f1", "F1")}${readout("found", "anomalies found")}${readout("vain", "flagged in vain")}${readout("missed", "missed")}</div>
</div>
<script>
(function start(tries) {
  var root = document.getElementById("${new Html(id)}");
  if (!root || !window.Plotly) { if (tries > 0) setTimeout(start, 150, tries - 1); return; }
  var data = ${new Html(scriptJson(data))};
  var part = function (name) { return root.querySelector('[data-name="' + name + '"]'); };
  var low = Math.log10(0.1), high = Math.log10(Math.max(data.top, 1) * 1.05), bins = 70;
  var toThreshold = function (position) { return Math.pow(10, low + (high - low) * position / 1000); };
  var toPosition = function (threshold) { return Math.round(1000 * (Math.log10(threshold) - low) / (high - low)); };
  var count = function (scores) {
    var counts = new Array(bins).fill(0);
    scores.forEach(function (score) {
      var bin = Math.floor(bins * (Math.log10(Math.max(score, 0.1)) - low) / (high - low));
      counts[Math.max(0, Math.min(bins - 1, bin))] += 1;
    });
    return counts;
  };
  var centers = new Array(bins).fill(0).map(function (_, bin) { return Math.pow(10, low + (high - low) * (bin + 0.5) / bins); });
  var widths = new Array(bins).fill(0).map(function (_, bin) { return Math.pow(10, low + (high - low) * (bin + 1) / bins) - Math.pow(10, low + (high - low) * bin / bins); });
  var bars = function (name, scores, color) {
    return {type: "bar", name: name, x: centers, width: widths, y: count(scores), marker: {color: color}, opacity: 0.85, hovertemplate: "%{y} purchases near %{x:.2f}<extra>" + name + "</extra>"};
  };
  var plot = part("plot");
  plot.replaceChildren();
  var line = function (threshold) { return [{type: "line", x0: threshold, x1: threshold, yref: "paper", y0: 0, y1: 1, line: {color: data.colors.threshold, width: 2}}]; };
  Plotly.newPlot(plot, [bars("honest", data.normal, data.colors.normal), bars("anomalous", data.anomalous, data.colors.anomaly)], {
    height: 280, barmode: "overlay", margin: {l: 64, r: 24, t: 12, b: 44}, shapes: line(data.threshold), hovermode: "closest",
    paper_bgcolor: "#fff", plot_bgcolor: "#fff", font: {family: "system-ui, sans-serif", size: 13, color: "#202124"},
    xaxis: {type: "log", title: {text: "normalized distance"}, gridcolor: "#eceff1", range: [low, high]},
    yaxis: {type: "log", title: {text: "purchases"}, gridcolor: "#eceff1", dtick: 1},
    legend: {x: 1, xanchor: "right", y: 1}
  }, {responsive: true, displayModeBar: false});
  var above = function (scores, threshold) {
    var from = 0, to = scores.length;
    while (from < to) { var middle = (from + to) >> 1; if (scores[middle] > threshold) to = middle; else from = middle + 1; }
    return scores.length - from;
  };
  var percent = function (share) { return isFinite(share) ? (100 * share).toFixed(1) + " %" : "–"; };
  var show = function (threshold) {
    var found = above(data.anomalous, threshold), vain = above(data.normal, threshold), missed = data.anomalous.length - found;
    part("threshold").textContent = threshold.toFixed(2);
    part("precision").textContent = percent(found / (found + vain));
    part("recall").textContent = percent(found / (found + missed));
    part("f1").textContent = percent(2 * found / (2 * found + vain + missed));
    part("found").textContent = found; part("vain").textContent = vain; part("missed").textContent = missed;
  };
  var input = part("slider");
  input.value = toPosition(data.threshold);
  show(data.threshold);
  input.addEventListener("input", function () {
    var threshold = toThreshold(Number(input.value));
    show(threshold);
    Plotly.relayout(plot, {shapes: line(threshold)});
  });
})(400);
</script>`;
}

function split({ scores, truth }: ThresholdSlider): { normal: number[]; anomalous: number[] } {
  return {
    normal: scores.filter((_, index) => truth[index] !== true),
    anomalous: scores.filter((_, index) => truth[index] === true),
  };
}
