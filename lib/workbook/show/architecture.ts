import { isChallengeId } from "../challenges.js";
import { type Html, html } from "./html.js";
import { colors, theme } from "./theme.js";

/** Parts of the architecture, each the business of one notebook. */
export type PartId =
  | "shop"
  | "pubsub"
  | "sink"
  | "bqml"
  | "registry"
  | "endpoint"
  | "deployment"
  | "scorer"
  | "custom"
  | "run"
  | "dataflow"
  | "pipeline";

/** What is there of each part: a few words when it exists, undefined when it does not. */
export type ArchitectureState = Readonly<Partial<Record<PartId, string>>>;

interface Part {
  readonly id: PartId;
  readonly x: number;
  readonly y: number;
  readonly title: string;
  readonly role: string;
  readonly notebook: string;
}

const width = 172;
const height = 62;

const parts: readonly Part[] = [
  { id: "shop", x: 20, y: 40, title: "Web shop", role: "clickstream events", notebook: "" },
  { id: "pubsub", x: 232, y: 40, title: "Pub/Sub", role: "takes events in", notebook: "04" },
  { id: "scorer", x: 444, y: 40, title: "Cloud Run", role: "scores purchases", notebook: "04" },
  { id: "dataflow", x: 656, y: 40, title: "Dataflow", role: "scores the stream", notebook: "07" },
  { id: "sink", x: 20, y: 150, title: "BigQuery", role: "sink of all events", notebook: "00" },
  { id: "bqml", x: 232, y: 150, title: "BigQuery ML", role: "trains k-means", notebook: "01" },
  { id: "registry", x: 444, y: 150, title: "Model Registry", role: "versions, aliases", notebook: "01" },
  { id: "endpoint", x: 656, y: 150, title: "Endpoint", role: "Vertex AI, one address", notebook: "02" },
  { id: "pipeline", x: 20, y: 260, title: "Pipelines", role: "does it again", notebook: "09" },
  { id: "custom", x: 232, y: 260, title: "Custom training", role: "a model of our own", notebook: "05" },
  { id: "run", x: 444, y: 260, title: "Cloud Run", role: "serves it too, or sleeps", notebook: "08" },
  { id: "deployment", x: 656, y: 260, title: "Deployed model", role: "answers online", notebook: "03" },
];

const arrows: readonly (readonly [from: PartId, to: PartId])[] = [
  ["shop", "pubsub"],
  ["pubsub", "scorer"],
  ["sink", "bqml"],
  ["bqml", "registry"],
  ["registry", "endpoint"],
  ["registry", "run"],
  ["custom", "registry"],
  ["scorer", "endpoint"],
  ["endpoint", "deployment"],
];

/** The architecture, with what exists lit up. */
export function architectureHtml(state: ArchitectureState, here?: string): Html {
  const lines = arrows.map(([from, to]) =>
    arrow(partOf(from), partOf(to), state[from] !== undefined && state[to] !== undefined),
  );
  const boxes = parts.map((part) => box(part, state[part.id], part.notebook === here));
  const existing = parts.filter(({ id }) => state[id] !== undefined).map(({ title, id }) => `${title}: ${state[id]}`);
  const description = existing.length === 0 ? "Nothing exists yet." : existing.join("; ");
  return html`<svg viewBox="0 0 848 366" role="img" aria-label="Architecture. ${description}" style="max-width:848px;width:100%;font-family:${theme.font}">
<defs><marker id="activate-arrow" viewBox="0 0 10 10" refX="9" refY="5" markerWidth="10" markerHeight="10" markerUnits="userSpaceOnUse" orient="auto"><path d="M0 0L10 5L0 10z" fill="#9aa0a6"/></marker></defs>
${lines}${boxes}
<g font-size="12" fill="#5f6368"><rect x="20" y="346" width="12" height="12" rx="3" fill="#e6f4ea" stroke="${colors.good}"/><text x="38" y="356">exists now</text><rect x="120" y="346" width="12" height="12" rx="3" fill="#fff" stroke="#9aa0a6" stroke-dasharray="3 2"/><text x="138" y="356">not yet; the number is the notebook that makes it, later: no notebook of this edition does</text></g>
</svg>`;
}

function partOf(id: PartId): Part {
  const part = parts.find((candidate) => candidate.id === id);
  if (part === undefined) throw new RangeError(`No part ${id} in the architecture.`);
  return part;
}

function box({ x, y, title, role, notebook, id }: Part, detail: string | undefined, here: boolean): Html {
  const lit = detail !== undefined || id === "shop";
  const stroke = lit ? colors.good : "#9aa0a6";
  return html`<g><rect x="${x}" y="${y}" width="${width}" height="${height}" rx="8" fill="${lit ? "#e6f4ea" : "#ffffff"}" stroke="${stroke}" stroke-width="${here ? 2.5 : 1.2}" ${lit ? "" : html`stroke-dasharray="5 4"`}/>
<text x="${x + 12}" y="${y + 24}" font-size="14" font-weight="600" fill="${lit ? "#0d652d" : "#3c4043"}">${title}</text>
<text x="${x + 12}" y="${y + 44}" font-size="12" fill="${lit ? "#0d652d" : "#5f6368"}">${detail ?? role}</text>
${notebook === "" || lit ? "" : html`<text x="${x + width - 10}" y="${y + height - 8}" font-size="11" text-anchor="end" fill="#5f6368">${isChallengeId(notebook) ? notebook : "later"}</text>`}</g>`;
}

/** From the middle of one side to the middle of the facing one; around the corner where the boxes are neither in a row nor in a column. */
function arrow(from: Part, to: Part, lit: boolean): Html {
  const color = lit ? colors.good : "#9aa0a6";
  let path: string;
  if (from.y === to.y) path = `M${from.x + width} ${from.y + height / 2}H${to.x - 4}`;
  else if (from.x === to.x) path = `M${from.x + width / 2} ${from.y + height}V${to.y - 4}`;
  else if (from.y < to.y)
    path = `M${from.x + width / 2} ${from.y + height}V${(from.y + height + to.y) / 2}H${to.x + width / 2}V${to.y - 4}`;
  else path = `M${from.x + width} ${from.y + height / 2}H${to.x + width / 2}V${to.y + height + 4}`;
  return html`<path d="${path}" fill="none" stroke="${color}" stroke-width="${lit ? 2 : 1.2}" marker-end="url(#activate-arrow)"/>`;
}
