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
  trainingHour: {
    dollars: 0.1095,
    per: "hour of an n1-standard-2 worker of a custom job, by the second while it runs; taken to be that of a prediction node",
    source: "cloud.google.com/vertex-ai/pricing, to be confirmed",
    read: "2026-09-29",
  },
  runVcpuSecond: {
    dollars: 0.000024,
    per: "vCPU second while requests are handled (request-based billing), in steps of 100 ms; the first 180,000 a month are free",
    source: "cloud.google.com/run/pricing",
    read: "an undated copy",
  },
  runGibSecond: {
    dollars: 0.0000025,
    per: "GiB second of memory while requests are handled",
    source: "cloud.google.com/run/pricing, by a third party's copy",
    read: "an undated copy",
  },
  runMillionRequests: {
    dollars: 0.4,
    per: "million requests; the first 2 million a month are free",
    source: "cloud.google.com/run/pricing, by a third party's copy",
    read: "an undated copy",
  },
  runAlwaysVcpuSecond: {
    dollars: 0.000018,
    per: "vCPU second of an instance that is always there (instance-based billing), with or without requests",
    source: "cloud.google.com/run/pricing",
    read: "2026-09-08",
  },
  runAlwaysGibSecond: {
    dollars: 0.000002,
    per: "GiB second of memory of an instance that is always there",
    source: "cloud.google.com/run/pricing",
    read: "2026-09-08",
  },
  pubsubTib: {
    dollars: 40,
    per: "TiB published or delivered, at least 1,000 bytes a request; the first 10 GiB a month are free",
    source: "cloud.google.com/pubsub/pricing",
    read: "an undated copy",
  },
} as const satisfies Record<string, Price>;

/** The price of an hour of one prediction node; undefined for a machine that the table does not have. */
export function nodeHour(machineType: string): Price | undefined {
  return Object.entries<Price>(prices).find(
    ([name, { per }]) => name === machineType && per.startsWith("node hour"),
  )?.[1];
}
