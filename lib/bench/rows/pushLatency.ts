import type { LatencyClass } from "../../containers/scorer/metrics.js";
import type { Bench } from "../bench.js";
import { startLivePipeline } from "../livePipeline.js";
import { digest } from "../measure.js";
import { run } from "./pushPipeline.js";

const BAR_MS = 250;

export const pushLatency: Bench = {
  name: "push-latency",
  what: "a push's arrival to its rows' acknowledgement, 99th percentile at half of the peak rate, against 250 ms",
  async run(context) {
    const { peakEvents, seconds } =
      context.scale === "full" ? { peakEvents: 10_000, seconds: 30 } : { peakEvents: 200, seconds: 1 };
    const pipeline = await startLivePipeline(context);
    const scorer = await pipeline.startScorer();
    await pipeline.connect(scorer);
    await run(pipeline, peakEvents / 5, "warm-up");
    const peak = await run(pipeline, peakEvents, "peak");
    const decisions = await pipeline.decisions();
    const before = await scorer.metrics();
    const rows = await pipeline.rows();
    const eventsPerSecond = peak / 2;
    const count = Math.ceil(eventsPerSecond * seconds);
    await pipeline.publish({ count, eventsPerSecond, seed: "half" });
    await pipeline.visible(rows + count);
    const after = await scorer.metrics();
    const p99 = quantileMs(before.latency, after.latency, 0.99);
    const told = (what: "latency" | "age"): string =>
      [0.5, 0.99].map((q) => `p${100 * q} <= ${quantileMs(before[what], after[what], q)} ms`).join(", ");
    context.log(
      `peak ${peak.toFixed(0)} events/s; at half of it from push to row ${told("latency")}, from publish to row ${told("age")}`,
    );
    const others = Object.entries(after.outcomes).filter(([name]) => name !== "written");
    return { unit: "ms", ours: p99, peer: BAR_MS, peerName: "the bar", hash: digest({ decisions, others }) };
  },
};

/** Upper end of the class in which the quantile of those between two readings lies. */
function quantileMs(before: readonly LatencyClass[], after: readonly LatencyClass[], q: number): number {
  const counts = after.map(({ count }, index) => count - (before[index]?.count ?? 0));
  const wanted = q * counts.reduce((sum, count) => sum + count, 0);
  let seen = 0;
  for (const [index, count] of counts.entries()) {
    seen += count;
    if (seen >= wanted) return after[index]?.upToMs ?? Number.POSITIVE_INFINITY;
  }
  return Number.POSITIVE_INFINITY;
}
