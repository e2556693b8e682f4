import type { Cell, Row } from "../../cloud/rows.js";
import { formatNumber } from "./format.js";
import { type Html, html } from "./html.js";
import { theme } from "./theme.js";

export interface TableOptions {
  readonly caption?: string;
  /** Which columns, in this order. Default: all, as the first row has them. */
  readonly columns?: readonly string[];
  /** Rows shown at most. Default 20. */
  readonly limit?: number;
}

/** Characters of a cell that are not broken into lines. */
const LINE = 64;

/** Rows as a table; numbers to the right, nested values as JSON, everything escaped. */
export function tableHtml(rows: readonly Row[], options: TableOptions = {}): Html {
  const columns = options.columns ?? Object.keys(rows[0] ?? {});
  const limit = options.limit ?? 20;
  const shown = rows.slice(0, limit);
  const numeric = new Set(columns.filter((column) => shown.some((row) => typeof row[column] === "number")));
  const align = (column: string) => (numeric.has(column) ? "right" : "left");
  // A text of more than a line breaks: what stands to its right stays in sight.
  const long = new Set(columns.filter((column) => shown.some((row) => cellText(row[column]).length > LINE)));
  const width = (column: string) =>
    long.has(column)
      ? "white-space:normal;overflow-wrap:anywhere;min-width:20em;vertical-align:top"
      : "white-space:nowrap";
  const cellStyle = (column: string) =>
    `padding:4px 12px;text-align:${align(column)};border-bottom:1px solid ${theme.line};${width(column)}`;
  if (rows.length === 0) return html`<p style="color:${theme.muted};font-family:${theme.font}">No rows.</p>`;
  return html`<div style="overflow-x:auto;max-width:100%"><table style="border-collapse:collapse;font-family:${theme.font};font-size:13px;color:${theme.text};margin:4px 0">
${options.caption === undefined ? "" : html`<caption style="text-align:left;font-weight:600;padding:4px 12px 6px 0;caption-side:top;white-space:nowrap;color:${theme.text}">${options.caption}</caption>`}
<thead><tr>${columns.map((column) => html`<th scope="col" style="${cellStyle(column)};background:${theme.faint};font-weight:600">${column}</th>`)}</tr></thead>
<tbody>${shown.map((row) => html`<tr>${columns.map((column) => html`<td style="${cellStyle(column)}">${cellText(row[column])}</td>`)}</tr>`)}</tbody>
</table>${rows.length > limit ? html`<p style="color:${theme.muted};font:12px ${theme.font};margin:2px 12px">${limit} of ${formatNumber(rows.length)} rows</p>` : ""}</div>`;
}

function cellText(cell: Cell | undefined): string {
  if (cell === null || cell === undefined) return "–";
  if (typeof cell === "number") return formatNumber(cell);
  if (typeof cell === "string") return readableTime(cell);
  if (typeof cell === "boolean") return cell ? "yes" : "no";
  return JSON.stringify(cell);
}

/** `2026-02-03T10:15:00.000Z` as `2026-02-03 10:15:00`: the zone is UTC everywhere here. */
function readableTime(text: string): string {
  const [, day, time] = /^(\d{4}-\d\d-\d\d)T(\d\d:\d\d:\d\d)(?:\.0+)?Z$/.exec(text) ?? [];
  return day === undefined || time === undefined ? text : `${day} ${time}`;
}
