import { numberIn, type Row, textIn } from "../../cloud/rows.js";
import { counted, formatNumber, formatPercent } from "../show/format.js";
import type { Figure } from "../show/plot.js";
import { colors } from "../show/theme.js";

/** When the shop is busy. @param rows of `explore/events_per_hour.sql`. */
export function rhythm(rows: readonly Row[]): Figure {
  const days = ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"];
  const counts = new Map(
    rows.map((row) => [`${textIn(row, "weekday")} ${numberIn(row, "hour")}`, numberIn(row, "events")]),
  );
  const hours = Array.from({ length: 24 }, (_, hour) => hour);
  const z = days.map((day) => hours.map((hour) => counts.get(`${day} ${hour}`) ?? 0));
  const busiest = rows.reduce(
    (most, row) => (numberIn(row, "events") > numberIn(most, "events") ? row : most),
    rows[0] ?? {},
  );
  const perHour = hours.map((hour) => z.reduce((sum, day) => sum + (day[hour] ?? 0), 0));
  const ratio = Math.max(...perHour) / Math.max(1, Math.min(...perHour));
  const when = busiest.weekday === undefined ? "" : `${textIn(busiest, "weekday")} at ${numberIn(busiest, "hour")}:00`;
  return {
    title: `The shop is busiest on ${when} UTC; its best hour has ${ratio.toFixed(0)} times the events of its quietest`,
    height: 320,
    data: [
      {
        type: "heatmap",
        x: hours,
        y: days,
        z,
        colorscale: [
          [0, "#f4f8fc"],
          [0.5, "#7fb0dc"],
          [1, "#0b4f8a"],
        ],
        xgap: 2,
        ygap: 2,
        hovertemplate: "%{y} %{x}:00, %{z} events<extra></extra>",
        colorbar: { title: { text: "events" }, thickness: 12 },
      },
    ],
    layout: {
      margin: { l: 96, r: 24, t: 56, b: 52 },
      xaxis: { title: { text: "hour (UTC)" }, dtick: 3, showgrid: false },
      yaxis: { autorange: "reversed", showgrid: false },
    },
  };
}

/** From looking to buying. @param rows of `explore/funnel.sql`. */
export function funnel(rows: readonly Row[]): Figure {
  const named: Readonly<Record<string, string>> = {
    view_item: "look",
    add_to_cart: "put into the cart",
    purchase: "buy",
  };
  const steps = rows.map((row) => ({
    name: named[textIn(row, "event")] ?? textIn(row, "event"),
    visitors: numberIn(row, "visitors"),
    share: numberIn(row, "share"),
  }));
  const [, cart, bought] = steps;
  return {
    title: `Of 100 visitors who look, ${((cart?.share ?? 0) * 100).toFixed(0)} put something into the cart and ${((bought?.share ?? 0) * 100).toFixed(0)} buy`,
    height: 260,
    data: [
      {
        type: "bar",
        orientation: "h",
        y: steps.map(({ name }) => name),
        x: steps.map(({ visitors }) => visitors),
        text: steps.map(({ visitors, share }) => `${formatNumber(visitors)} (${formatPercent(share)})`),
        textposition: "auto",
        marker: { color: [colors.clusters[4], colors.clusters[0], colors.clusters[2]] },
        hovertemplate: "%{y}: %{x} visitors<extra></extra>",
      },
    ],
    layout: {
      margin: { l: 140, r: 24, t: 56, b: 44 },
      xaxis: { title: { text: "visitors (a user on a day)" } },
      yaxis: { autorange: "reversed", showgrid: false },
    },
  };
}

/** How large purchases are. @param rows of `explore/value_distribution.sql`. */
export function valueDistribution(rows: readonly Row[]): Figure {
  const bins = rows.map((row) => ({
    from: numberIn(row, "value_from"),
    to: numberIn(row, "value_to"),
    purchases: numberIn(row, "purchases"),
  }));
  const all = bins.reduce((sum, { purchases }) => sum + purchases, 0);
  const below = quantileOf(bins, all, 0.95);
  const huge = bins.filter(({ from }) => from >= 10_000).reduce((sum, { purchases }) => sum + purchases, 0);
  return {
    title: `95 % of the purchases stay below ${formatNumber(Math.round(below))} EUR; ${counted(huge, "purchase")} of more than 10,000 EUR can be seen from afar`,
    data: [
      {
        type: "bar",
        x: bins.map(({ from, to }) => Math.sqrt(from * to)),
        width: bins.map(({ from, to }) => (to - from) * 0.92),
        y: bins.map(({ purchases }) => purchases),
        customdata: bins.map(({ from, to }) => [formatNumber(from), formatNumber(to)]),
        marker: { color: bins.map(({ from }) => (from >= 10_000 ? colors.anomaly : colors.normal)) },
        hovertemplate: "%{customdata[0]} to %{customdata[1]} EUR: %{y} purchases<extra></extra>",
      },
    ],
    layout: {
      xaxis: { type: "log", title: { text: "value (EUR, logarithmic)" }, dtick: 1 },
      yaxis: { type: "log", title: { text: "purchases (logarithmic)" }, dtick: 1 },
    },
  };
}

function quantileOf(bins: readonly { to: number; purchases: number }[], all: number, share: number): number {
  let seen = 0;
  for (const { to, purchases } of bins) {
    seen += purchases;
    if (seen >= share * all) return to;
  }
  return 0;
}
