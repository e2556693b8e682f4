import type { Cost } from "../costs.js";
import type { Measured } from "../loadTest.js";
import { formatDollars, formatDuration, formatNumber } from "../show/format.js";
import type { Figure } from "../show/plot.js";
import { colors } from "../show/theme.js";

/** Ways of serving the same model, side by side. @param coldStart milliseconds of the first answer after nothing ran. */
export function sideBySide(measured: readonly Measured[], coldStart: number): Figure {
  const fastest = [...measured].sort((left, right) => left.p50 - right.p50)[0];
  const names = ["p50", "p99", "first answer after idling"];
  return {
    title: `${fastest?.name ?? "Nobody"} answers fastest, in ${formatDuration(fastest?.p50 ?? 0)}; who scales to zero lets the first caller wait ${formatDuration(coldStart)}`,
    height: 360,
    data: measured.map(({ name, p50, p99 }, index) => {
      const values = [p50, p99, ...(name.includes("Cloud Run") ? [coldStart] : [])];
      return {
        type: "bar",
        name,
        x: names.slice(0, values.length),
        y: values,
        text: values.map((value) => formatDuration(value)),
        textposition: "outside",
        cliponaxis: false,
        marker: { color: colors.clusters[index] },
        hovertemplate: `%{x}: %{y:.1f} ms<extra>${name}</extra>`,
      };
    }),
    layout: {
      barmode: "group",
      margin: { l: 64, r: 24, t: 84, b: 40 },
      yaxis: { type: "log", title: { text: "milliseconds (logarithmic)" }, dtick: 1 },
    },
  };
}

/** Dollars per million predictions at several loads. */
export function costPerMillion(costs: readonly Cost[]): Figure {
  const ways = [...new Set(costs.map(({ serving }) => serving))];
  const loads = [...new Set(costs.map(({ load }) => load))].sort((left, right) => left - right);
  const cheapest = loads.map((load) =>
    costs
      .filter((cost) => cost.load === load)
      .reduce((least, cost) => (cost.dollarsPerMillion < least.dollarsPerMillion ? cost : least)),
  );
  const [low] = cheapest;
  const high = cheapest.at(-1);
  return {
    title:
      low === undefined || high === undefined
        ? "No costs"
        : low.serving === high.serving
          ? `${low.serving} is cheapest at every one of these loads`
          : `At ${loadName(low.load)} ${low.serving} is cheapest, at ${loadName(high.load)} ${high.serving}`,
    height: 400,
    data: ways.map((way, index) => {
      const own = costs.filter(({ serving }) => serving === way).sort((left, right) => left.load - right.load);
      return {
        type: "bar",
        name: way,
        x: own.map(({ load }) => loadName(load)),
        y: own.map(({ dollarsPerMillion }) => dollarsPerMillion),
        text: own.map(({ dollarsPerMillion }) => formatDollars(dollarsPerMillion)),
        textposition: "outside",
        cliponaxis: false,
        customdata: own.map(({ dollarsPerMonth, instances }) => [formatDollars(dollarsPerMonth), instances]),
        marker: { color: colors.clusters[index] },
        hovertemplate: `%{x}: %{customdata[0]} a month, %{customdata[1]} at work<extra>${way}</extra>`,
      };
    }),
    layout: {
      barmode: "group",
      margin: { l: 72, r: 24, t: 84, b: 52 },
      xaxis: { title: { text: "load, one prediction a request" } },
      yaxis: { type: "log", title: { text: "$ per million predictions (logarithmic)" }, dtick: 1 },
    },
  };
}

/** "1 a minute", "10 a second". */
export const loadName = (load: number): string =>
  load < 1 ? `${formatNumber(Math.round(load * 60))} a minute` : `${formatNumber(load)} a second`;
