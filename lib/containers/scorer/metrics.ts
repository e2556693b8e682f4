/** What became of a push. */
export const OUTCOMES = ["written", "dead_letter", "later", "refused", "busy"] as const;
export type Outcome = (typeof OUTCOMES)[number];

/** Upper ends of the latency histogram's classes, milliseconds. */
export const LATENCY_MS = [5, 10, 20, 35, 50, 75, 100, 150, 250, 500, 1_000, 2_500, 5_000, 10_000, 30_000, 60_000];

/** Counts since the start, as `/metrics` answers them in JSON. */
export interface ScorerMetrics {
  /** Pushes by what became of them: written to the tables, dead letter, to be redelivered (503), no message (400), too busy (429). */
  readonly outcomes: Readonly<Record<Outcome, number>>;
  readonly purchases: number;
  readonly anomalies: number;
  readonly predictCalls: number;
  readonly insertCalls: number;
  /** Attempts that failed and were repeated within the deadline. */
  readonly retries: number;
  /** Pushes being handled. */
  readonly underWay: number;
  /** From a push's arrival to its answer: how many took up to so long; the last class, without `upToMs`, is the rest. */
  readonly latency: readonly { readonly upToMs: number | null; readonly count: number }[];
  readonly latencySumMs: number;
  readonly residentBytes: number;
}

export class Metrics {
  readonly #outcomes = Object.fromEntries(OUTCOMES.map((name) => [name, 0])) as Record<Outcome, number>;
  readonly #latency = Array.from({ length: LATENCY_MS.length + 1 }, () => 0);
  #latencySumMs = 0;
  purchases = 0;
  anomalies = 0;
  predictCalls = 0;
  insertCalls = 0;
  retries = 0;

  count(outcome: Outcome, latencyMs: number): void {
    this.#outcomes[outcome] += 1;
    const found = LATENCY_MS.findIndex((upTo) => latencyMs <= upTo);
    const place = found < 0 ? LATENCY_MS.length : found;
    this.#latency[place] = (this.#latency[place] ?? 0) + 1;
    this.#latencySumMs += latencyMs;
  }

  read(underWay: number, residentBytes: number): ScorerMetrics {
    const { purchases, anomalies, predictCalls, insertCalls, retries } = this;
    return {
      outcomes: { ...this.#outcomes },
      purchases,
      anomalies,
      predictCalls,
      insertCalls,
      retries,
      underWay,
      latency: this.#latency.map((count, index) => ({ upToMs: LATENCY_MS[index] ?? null, count })),
      latencySumMs: this.#latencySumMs,
      residentBytes,
    };
  }
}

/** The text form of Prometheus, which collectors scrape (prometheus.io/docs/instrumenting/exposition_formats). */
export function prometheusText(metrics: ScorerMetrics): string {
  const lines: string[] = [];
  const metric = (name: string, type: string, samples: readonly (readonly [labels: string, value: number])[]): void => {
    lines.push(
      `# TYPE scorer_${name} ${type}`,
      ...samples.map(([labels, value]) => `scorer_${name}${labels} ${value}`),
    );
  };
  metric(
    "pushes_total",
    "counter",
    Object.entries(metrics.outcomes).map(([name, n]) => [`{outcome="${name}"}`, n]),
  );
  metric("purchases_total", "counter", [["", metrics.purchases]]);
  metric("anomalies_total", "counter", [["", metrics.anomalies]]);
  metric("predict_calls_total", "counter", [["", metrics.predictCalls]]);
  metric("insert_calls_total", "counter", [["", metrics.insertCalls]]);
  metric("retries_total", "counter", [["", metrics.retries]]);
  metric("pushes_under_way", "gauge", [["", metrics.underWay]]);
  metric("resident_bytes", "gauge", [["", metrics.residentBytes]]);
  lines.push("# TYPE scorer_push_seconds histogram");
  let total = 0;
  for (const { upToMs, count } of metrics.latency) {
    total += count;
    lines.push(`scorer_push_seconds_bucket{le="${upToMs === null ? "+Inf" : upToMs / 1000}"} ${total}`);
  }
  lines.push(`scorer_push_seconds_sum ${metrics.latencySumMs / 1000}`, `scorer_push_seconds_count ${total}`);
  return `${lines.join("\n")}\n`;
}
