import { freePort } from "../../localcloud/platform/containers/index.js";
import type { Bench, BenchContext } from "../bench.js";
import { alternate, digest, timed } from "../measure.js";
import { answers, type Program, startProgram } from "../processes.js";
import { BIN, endProcess } from "../servers.js";
import { pubsubEmulator } from "./pubsubThroughput.js";

export const coldStart: Bench = {
  name: "cold-start",
  what: "the command line's cloud start until it answers, against Google's Pub/Sub emulator until it answers",
  async run(context) {
    const emulator = pubsubEmulator();
    const rounds = context.scale === "full" ? { rounds: 7 } : { rounds: 1, warmUp: false };
    const started: Program[] = [];
    context.afterwards(async () => {
      for (const program of started) await program.stop();
    });
    let services: unknown;
    const ours = async () => {
      let cloud = { rest: "", pid: 0 };
      const time = await timed(async () => {
        const program = await startProgram(process.execPath, [BIN, "cloud", "start", "--ephemeral", "--json"]);
        cloud = JSON.parse(await program.line());
      });
      const answer = await fetch(`${cloud.rest}/bigquery/v2/projects/activate-local/datasets`);
      services = { status: answer.status, body: await answer.json() };
      await endProcess(cloud.pid);
      return time;
    };
    const found = await alternate(rounds, ours, () => startPeer(context, emulator));
    return { unit: "ms", ...found, peerName: "Pub/Sub emulator", hash: digest(services) };
  },
};

async function startPeer({ folder }: BenchContext, emulator: string): Promise<number> {
  const port = await freePort();
  const begin = performance.now();
  const program = await startProgram(emulator, ["--host=127.0.0.1", `--port=${port}`], { cwd: folder });
  try {
    await answers(`http://127.0.0.1:${port}/`);
    return performance.now() - begin;
  } finally {
    await program.stop();
  }
}
