import type { Bench } from "../bench.js";
import { type LivePipeline, type RunningScorer, startLivePipeline } from "../livePipeline.js";
import { digest, timed } from "../measure.js";

const DELAYS = [
  { match: { service: "vertex", method: "Predict" }, delayMs: 10 },
  { match: { service: "bigquery", method: "insertAll" }, delayMs: 20 },
];

export const pushPipeline: Bench = {
  name: "push-pipeline",
  what: "publish to visible row, events/s: our scorer, and the same with one predict and one insert for each event; predict delayed by 10 ms, insertAll by 20 ms, concurrency 80",
  async run(context) {
    const { ours, peer } = context.scale === "full" ? { ours: 20_000, peer: 3_000 } : { ours: 300, peer: 60 };
    const pipeline = await startLivePipeline(context);
    for (const delay of DELAYS) {
      await fetch(`${pipeline.rest}/_activate/faults`, {
        method: "POST",
        body: JSON.stringify({ ...delay, times: 1_000_000_000 }),
      });
    }
    const batching = await pipeline.startScorer();
    const single = await pipeline.startScorer({ SCORER_BATCH_MAX: "1", SCORER_FLIGHTS_MAX: "80" });
    const side = async (scorer: RunningScorer, count: number): Promise<number> => {
      await pipeline.connect(scorer);
      if (context.scale === "full") await run(pipeline, count / 10, "warm-up");
      return run(pipeline, count, "push-pipeline");
    };
    const atPeer = await side(single, peer);
    const atOurs = await side(batching, ours);
    const decisions = await pipeline.decisions();
    const { insertCalls, predictCalls } = await batching.metrics();
    context.log(`our scorer made ${insertCalls} insert and ${predictCalls} predict requests`);
    return { unit: "events/s", ours: atOurs, peer: atPeer, peerName: "one call an event", hash: digest(decisions) };
  },
};

/** @returns events a second. */
export async function run(pipeline: LivePipeline, count: number, seed: string): Promise<number> {
  const before = await pipeline.rows();
  const milliseconds = await timed(async () => {
    await pipeline.publish({ count, seed });
    await pipeline.visible(before + count);
  });
  return count / (milliseconds / 1000);
}
