import { join } from "node:path";
import { quantile } from "../cloud/comparison.js";
import { Predictions } from "../cloud/index.js";
import type { BenchContext } from "./bench.js";
import type { Load, LoadOrder } from "./loadGenerator.js";
import { digest, median } from "./measure.js";
import { startProgram } from "./processes.js";
import { CALLERS, callAll, post, requestsOf, serveDetector, serveFastApi } from "./servedDetector.js";

const ROWS = 2000;

/**
 * Both sides under the same load by the same client, in turn, over HTTP, which every user has. Beside it, in the
 * log, the same calls of our endpoint by Google's client over gRPC, whose own work takes most of such a call.
 * @returns medians of the rounds.
 */
export async function loadEndpoint(context: BenchContext): Promise<{ ours: Load; peer: Load; hash: string }> {
  const { calls, rounds } = context.scale === "full" ? { calls: 3000, rounds: 5 } : { calls: 64, rounds: 1 };
  const peerUrl = await serveFastApi(context, ROWS);
  const { connections, endpoint, url } = await serveDetector(context, ROWS);
  const predictions = new Predictions(connections);
  const requests = requestsOf(ROWS);
  const instances = (index: number) => requests[index % requests.length] ?? [];
  // No repeats: an answer that is late because it failed before would be a good one.
  const predict = (index: number) => predictions.predict(endpoint.name, instances(index), { retry: { attempts: 1 } });
  const first = await predict(0);
  if (digest(first) !== digest(await post(url, instances(0)))) throw new Error("gRPC and REST do not answer alike");
  if ((await post(peerUrl, instances(0))).length !== first.length) throw new Error("the two sides do not answer alike");

  const generator = await startProgram(process.execPath, [join(__dirname, "loadGenerator.js")]);
  context.afterwards(() => generator.stop());
  const overHttp = async (target: string): Promise<Load> => {
    const order: LoadOrder = { url: target, calls, rows: ROWS };
    generator.write(JSON.stringify(order));
    return JSON.parse(await generator.line()) as Load;
  };
  const sides = {
    ours: () => overHttp(url),
    peer: () => overHttp(peerUrl),
    grpc: async (): Promise<Load> => {
      const began = performance.now();
      const times = await callAll(calls, CALLERS, predict);
      return { rate: (calls * first.length * 1000) / (performance.now() - began), p99: quantile(times, 0.99) };
    },
  };
  const found = { ours: [] as Load[], peer: [] as Load[], grpc: [] as Load[] };
  for (let round = context.scale === "full" ? -1 : 0; round < rounds; round += 1) {
    for (const side of ["ours", "peer", "grpc"] as const) {
      const load = await sides[side]();
      if (round >= 0) found[side].push(load);
    }
  }
  const middle = (loads: readonly Load[]): Load => ({
    rate: median(loads.map(({ rate }) => rate)),
    p99: median(loads.map(({ p99 }) => p99)),
  });
  const grpc = middle(found.grpc);
  context.log(`by Google's client over gRPC ${grpc.rate.toFixed(0)} predictions/s, p99 ${grpc.p99.toFixed(0)} ms`);
  return { ours: middle(found.ours), peer: middle(found.peer), hash: digest(first) };
}
