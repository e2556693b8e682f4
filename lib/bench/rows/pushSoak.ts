import { setTimeout as delay } from "node:timers/promises";
import type { Bench } from "../bench.js";
import { startLivePipeline } from "../livePipeline.js";
import { digest, median } from "../measure.js";
import { residentMegabytes } from "../processes.js";
import { run } from "./pushPipeline.js";

export const pushSoak: Bench = {
  name: "push-soak",
  what: "memory of scorer and local cloud together at 80 % of the peak rate for five minutes: the last minute against the second",
  async run(context) {
    const { peakEvents, minuteMs } =
      context.scale === "full" ? { peakEvents: 10_000, minuteMs: 60_000 } : { peakEvents: 200, minuteMs: 400 };
    const pipeline = await startLivePipeline(context);
    const scorer = await pipeline.startScorer();
    await pipeline.connect(scorer);
    await run(pipeline, peakEvents / 5, "warm-up");
    const eventsPerSecond = 0.8 * (await run(pipeline, peakEvents, "peak"));
    const decisions = await pipeline.decisions();
    const count = Math.ceil((eventsPerSecond * 5 * minuteMs) / 1000);
    const rows = await pipeline.rows();
    const begin = performance.now();
    const samples: { readonly minute: number; readonly megabytes: number }[] = [];
    let done = false;
    const watch = (async () => {
      while (!done) {
        const megabytes = residentMegabytes(scorer.pid) + residentMegabytes(pipeline.cloudPid);
        samples.push({ minute: Math.floor((performance.now() - begin) / minuteMs), megabytes });
        await delay(minuteMs / 30);
      }
    })();
    const sent = await pipeline.publish({ count, eventsPerSecond, seed: "soak" });
    const backlog = rows + sent - (await pipeline.rows());
    done = true;
    await watch;
    await pipeline.visible(rows + sent);
    const during = (minute: number): number =>
      median(samples.filter((sample) => sample.minute === minute).map(({ megabytes }) => megabytes));
    const [last, second] = [during(4), during(1)];
    context.log(`memory: ${(last / second).toFixed(3)} of the second minute's in the last; bar 1.1`);
    context.log(`${eventsPerSecond.toFixed(0)} events/s; ${backlog} events under way when the last was published`);
    return {
      unit: "MB",
      ours: last,
      peer: second,
      peerName: "the second minute",
      hash: digest(decisions),
    };
  },
};
