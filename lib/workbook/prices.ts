/**
 * Prices for lessons about cost, never for billing: US dollars, us-central1 or Tier 1, without free tiers.
 * The one place where they are written down; each with the page and when it was read.
 */
export interface Price {
  readonly dollars: number;
  readonly per: string;
  readonly source: string;
  readonly read: string;
}

export const prices = {
  queryTib: {
    dollars: 6.25,
    per: "TiB read by queries, ML.PREDICT, ML.EVALUATE and ML.DETECT_ANOMALIES; the first TiB a month is free",
    source: "cloud.google.com/bigquery/pricing",
    read: "2026-09-05",
  },
  trainingTib: {
    dollars: 312.5,
    per: "TiB read by CREATE MODEL",
    source: "cloud.google.com/bigquery/pricing",
    read: "2026-09-05",
  },
  "e2-standard-2": {
    dollars: 0.0770564,
    per: "node hour of online prediction, with or without requests",
    source: "cloud.google.com/vertex-ai/pricing",
    read: "2026-09-29",
  },
  "n1-standard-2": {
    dollars: 0.1095,
    per: "node hour of online prediction, with or without requests",
    source: "cloud.google.com/vertex-ai/pricing",
    read: "2026-09-29",
  },
} as const satisfies Record<string, Price>;

/** The price of an hour of one prediction node; undefined for a machine that the table does not have. */
export function nodeHour(machineType: string): Price | undefined {
  return Object.entries<Price>(prices).find(
    ([name, { per }]) => name === machineType && per.startsWith("node hour"),
  )?.[1];
}
