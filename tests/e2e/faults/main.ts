import { parseArgs } from "node:util";
import { faultRounds } from "./rounds.js";

/** `npm run test:faults -- --rounds 50 --seed 1`: one line a round; exit code 1 when a message was lost or counted twice. */
async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      rounds: { type: "string", default: "50" },
      events: { type: "string", default: "2000" },
      seed: { type: "string", default: "1" },
    },
  });
  const [rounds, events, seed] = [Number(values.rounds), Number(values.events), Number(values.seed)];
  let lost = 0;
  let duplicated = 0;
  for await (const round of faultRounds({ rounds, events, seed })) {
    console.log(
      `round ${round.round}: killed ${round.killed.join(", then ")}; ${round.published} published, ${round.poison} of them poison; ` +
        `${round.lost.length} lost, ${round.duplicated.length} duplicated (${round.redelivered} redelivered rows hidden by the views); ` +
        `${round.seconds.publishing.toFixed(1)} s, then ${round.seconds.draining.toFixed(1)} s to drain`,
    );
    lost += round.lost.length;
    duplicated += round.duplicated.length;
  }
  console.log(`${rounds} rounds, ${lost} lost, ${duplicated} duplicated`);
  process.exitCode = lost + duplicated > 0 ? 1 : 0;
}

void main();
