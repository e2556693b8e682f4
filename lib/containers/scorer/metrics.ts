/** What became of a push. */
export const OUTCOMES = ["written", "dead_letter", "later", "refused", "busy"] as const;
export type Outcome = (typeof OUTCOMES)[number];

/** Upper ends of the histograms' classes, milliseconds. */
export const LATENCY_MS = [5, 10, 20, 35, 50, 75, 100, 150, 250, 500, 1_000, 2_500, 5_000, 10_000, 30_000, 60_000];

/** A class of a histogram, without `upToMs` the last: how many took up to so long, and longer than the class before. */
export interface LatencyClass {
  readonly upToMs: number | null;
  readonly count: number;
}

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
  /** From a push's arrival to its answer. */
  readonly latency: readonly LatencyClass[];
  readonly latencySumMs: number;
  /** Of what was written, from its publication to the acknowledgement of its rows: Pub/Sub's share included. */
  readonly age: readonly LatencyClass[];
  readonly ageSumMs: number;
  readonly residentBytes: number;
}

class Histogram {
  readonly #counts = Array.from({ length: LATENCY_MS.length + 1 }, () => 0);
  sumMs = 0;

  add(milliseconds: number): void {
    const found = LATENCY_MS.findIndex((upTo) => milliseconds <= upTo);
    const place = found < 0 ? LATENCY_MS.length : found;
    this.#counts[place] = (this.#counts[place] ?? 0) + 1;
    this.sumMs += milliseconds;
  }

  read(): readonly LatencyClass[] {
    return this.#counts.map((count, index) => ({ upToMs: LATENCY_MS[index] ?? null, count }));
  }
}

export class Metrics {
  readonly #outcomes = Object.fromEntries(OUTCOMES.map((name) => [name, 0])) as Record<Outcome, number>;
  readonly #latency = new Histogram();
  readonly #age = new Histogram();
  purchases = 0;
  anomalies = 0;
  predictCalls = 0;
  insertCalls = 0;
  retries = 0;

  count(outcome: Outcome, latencyMs: number): void {
    this.#outcomes[outcome] += 1;
    this.#latency.add(latencyMs);
  }

  /** @param publishTime RFC 3339, of what was written now; empty where the envelope has none, which is not counted. */
  written(publishTime: string, nowMs: number): void {
    const publishedMs = Date.parse(publishTime);
    // The clocks of two machines may differ by more than an event takes.
    if (!Number.isNaN(publishedMs)) this.#age.add(Math.max(0, nowMs - publishedMs));
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
      latency: this.#latency.read(),
      latencySumMs: this.#latency.sumMs,
      age: this.#age.read(),
      ageSumMs: this.#age.sumMs,
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
  const histogram = (name: string, classes: readonly LatencyClass[], sumMs: number): void => {
    lines.push(`# TYPE scorer_${name} histogram`);
    let total = 0;
    for (const { upToMs, count } of classes) {
      total += count;
      lines.push(`scorer_${name}_bucket{le="${upToMs === null ? "+Inf" : upToMs / 1000}"} ${total}`);
    }
    lines.push(`scorer_${name}_sum ${sumMs / 1000}`, `scorer_${name}_count ${total}`);
  };
  histogram("push_seconds", metrics.latency, metrics.latencySumMs);
  histogram("event_age_seconds", metrics.age, metrics.ageSumMs);
  return `${lines.join("\n")}\n`;
}
