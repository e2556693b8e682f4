import { parseArgs } from "node:util";
import { killRounds } from "./killRounds.js";

/** `npm run test:kill -- --rounds 20 --seed 1`: one line a round, exit code 1 when a row was lost or doubled. */
async function main(): Promise<void> {
  const { values } = parseArgs({
    options: { rounds: { type: "string", default: "20" }, seed: { type: "string", default: "1" } },
  });
  const rounds = Number(values.rounds);
  let lost = 0;
  let duplicated = 0;
  for await (const round of killRounds(rounds, Number(values.seed))) {
    console.log(
      `round ${round.round}: ${round.acknowledged} rows acknowledged, ${round.lost.length} lost, ${round.duplicated.length} duplicated`,
    );
    lost += round.lost.length;
    duplicated += round.duplicated.length;
  }
  console.log(`${rounds} rounds, seed ${values.seed}, ${lost} lost, ${duplicated} duplicated`);
  process.exitCode = lost + duplicated > 0 ? 1 : 0;
}

void main();
