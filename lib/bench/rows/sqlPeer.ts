import { join } from "node:path";
import type { Bench } from "../bench.js";
import { loadClickstream, plain, questions, writeEvents } from "../clickstream.js";
import { alternate, digest, geometricMean, timed } from "../measure.js";
import { bigQueryClient, startBqemulator, startOurs } from "../servers.js";

export const sqlPeer: Bench = {
  name: "sql-peer",
  what: "ten questions to a clickstream of 1M events through Google's client (geometric mean), against bqemulator",
  async run(context) {
    const { events, copies, rounds } =
      context.scale === "full" ? { events: 50_000, copies: 20, rounds: 3 } : { events: 1000, copies: 2, rounds: 1 };
    const peer = await bigQueryClient(await startBqemulator(context));
    const ours = await bigQueryClient(await startOurs(context));
    const file = join(context.folder, "events.ndjson");
    writeEvents(file, events);
    await loadClickstream(ours, file, copies);
    await loadClickstream(peer, file, copies);
    context.log(`${events * copies} events on both sides; ${rounds} rounds a question`);

    const times = { ours: [] as number[], peer: [] as number[] };
    const results: unknown[] = [];
    for (const { name, sql } of questions()) {
      const answers = { ours: [] as unknown, peer: [] as unknown };
      const found = await alternate(
        { rounds },
        () => timed(async () => ([answers.ours] = await ours.query(sql))),
        () => timed(async () => ([answers.peer] = await peer.query(sql))),
      );
      times.ours.push(found.ours);
      times.peer.push(found.peer);
      results.push(plain(answers.ours));
      const same = digest(plain(answers.ours)) === digest(plain(answers.peer));
      const ratio = (found.ours / found.peer).toFixed(2);
      context.log(
        `${name}: ${found.ours.toFixed(0)} ms against ${found.peer.toFixed(0)} ms (${ratio}), ${same ? "same" : "other"} result`,
      );
    }
    return {
      unit: "ms",
      ours: geometricMean(times.ours),
      peer: geometricMean(times.peer),
      peerName: "bqemulator 1.4.0",
      hash: digest(results),
    };
  },
};
