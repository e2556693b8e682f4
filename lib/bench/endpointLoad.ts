import { quantile } from "../cloud/comparison.js";
import { Predictions } from "../cloud/index.js";
import type { BenchContext } from "./bench.js";
import { digest, median } from "./measure.js";
import { CALLERS, callAll, post, requestsOf, serveDetector, serveFastApi } from "./servedDetector.js";

interface Load {
  /** Predictions a second. */
  readonly rate: number;
  /** Milliseconds. */
  readonly p99: number;
}

const ROWS = 2000;

/** Both sides under the same load, in turn. @returns medians of the rounds. */
export async function loadEndpoint(context: BenchContext): Promise<{ ours: Load; peer: Load; hash: string }> {
  const { calls, rounds } = context.scale === "full" ? { calls: 3000, rounds: 5 } : { calls: 64, rounds: 1 };
  const peerUrl = await serveFastApi(context, ROWS);
  const { connections, endpoint, url } = await serveDetector(context, ROWS);
  const predictions = new Predictions(connections);
  const requests = requestsOf(ROWS);
  const instances = (index: number) => requests[index % requests.length] ?? [];
  // No repeats: an answer that is late because it failed before would be a good one.
  const once = { retry: { attempts: 1 } };
  const sides = {
    ours: (index: number) => predictions.predict(endpoint.name, instances(index), once),
    rest: (index: number) => post(url, instances(index)),
    peer: (index: number) => post(peerUrl, instances(index)),
  };
  const first = await sides.ours(0);
  if (digest(first) !== digest(await sides.rest(0))) throw new Error("gRPC and REST do not answer alike");
  if ((await sides.peer(0)).length !== first.length) throw new Error("the two sides do not answer alike");
  const found = { ours: [] as Load[], rest: [] as Load[], peer: [] as Load[] };
  for (let round = context.scale === "full" ? -1 : 0; round < rounds; round += 1) {
    for (const side of ["ours", "rest", "peer"] as const) {
      const began = performance.now();
      const times = await callAll(calls, CALLERS, sides[side]);
      const rate = (calls * first.length * 1000) / (performance.now() - began);
      if (round >= 0) found[side].push({ rate, p99: quantile(times, 0.99) });
    }
  }
  const middle = (loads: readonly Load[]): Load => ({
    rate: median(loads.map(({ rate }) => rate)),
    p99: median(loads.map(({ p99 }) => p99)),
  });
  const rest = middle(found.rest);
  context.log(`by REST and fetch ${rest.rate.toFixed(0)} predictions/s, p99 ${rest.p99.toFixed(0)} ms`);
  return { ours: middle(found.ours), peer: middle(found.peer), hash: digest(first) };
}
