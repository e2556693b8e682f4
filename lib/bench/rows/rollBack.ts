import { Predictions } from "../../cloud/index.js";
import type { Bench } from "../bench.js";
import { digest, timed } from "../measure.js";
import { requestsOf, serveDetector } from "../servedDetector.js";

const BAR_MS = 2000;
const ROWS = 200;
const CALLERS = 8;

export const rollBack: Bench = {
  name: "rollback",
  what: "the slowest roll back of an endpoint under load until the old model answers, no request failed, against 2 s",
  async run(context) {
    const rounds = context.scale === "full" ? 10 : 1;
    const { connections, endpoints, endpoint } = await serveDetector(context, ROWS, 2);
    const predictions = new Predictions(connections);
    const [stable, fresh] = endpoint.deployedModels.map(({ id }) => id);
    if (stable === undefined || fresh === undefined) throw new Error("two models are to be deployed");
    const [instances = []] = requestsOf(ROWS);
    const ask = () => predictions.answers(endpoint.name, instances, { retry: { attempts: 1 } });
    const allFrom = async (id: string): Promise<void> => {
      const answers = await ask();
      if (!answers.every(({ deployedModelId }) => deployedModelId === id)) throw new Error("another model answered");
    };
    let going = true;
    let calls = 0;
    // The first failed request ends the callers, and fails the row.
    const load = Promise.all(
      Array.from({ length: CALLERS }, async () => {
        for (; going; calls += 1) await ask();
      }),
    );
    load.catch(() => undefined);
    const times: number[] = [];
    try {
      for (let round = 0; round < rounds; round += 1) {
        await endpoints.promote(endpoint, fresh);
        await allFrom(fresh);
        times.push(
          await timed(async () => {
            await endpoints.rollBack(endpoint);
            await allFrom(stable);
          }),
        );
      }
    } finally {
      going = false;
    }
    await load;
    const answers = await ask();
    context.log(`${calls} requests meanwhile, none failed`);
    return {
      unit: "ms",
      ours: Math.max(...times),
      peer: BAR_MS,
      peerName: "the bar",
      hash: digest(answers.map(({ prediction }) => prediction)),
    };
  },
};
