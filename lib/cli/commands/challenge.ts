import type { Command } from "../command.js";
import { isWorded, reachTarget } from "../target.js";
import { SetupError, UsageError } from "../usage.js";

export const prepare: Command = {
  summary: "Builds what a challenge needs from the ones before it; what is there is left alone.",
  usage: "prepare NN",
  options: {},
  run: async ({ positionals }) => {
    const [challenge, surplus] = positionals;
    if (challenge === undefined) throw new UsageError("Name the challenge: activate prepare 03.");
    if (surplus !== undefined) throw new UsageError(`Unexpected word: ${surplus}.`);
    return act("prepare", challenge);
  },
};

export const reset: Command = {
  summary: "Takes back what a challenge made.",
  usage: "reset --challenge NN      (the whole local cloud: activate cloud reset)",
  options: { challenge: { value: "NN" } },
  run: async ({ positionals, values }) => {
    if (positionals[0] !== undefined) throw new UsageError(`Unexpected word: ${positionals[0]}.`);
    const challenge = values.get("challenge");
    if (challenge === undefined) {
      throw new UsageError(
        "Name the challenge: activate reset --challenge 03. The whole local cloud: activate cloud reset.",
      );
    }
    return act("reset", challenge);
  },
};

/** Both work on whichever target is configured; the local one is started, and left running for the notebook to come. */
async function act(deed: "prepare" | "reset", challenge: string): Promise<number> {
  if (process.env.ACTIVATE_LOCAL_REST === undefined) Object.assign(process.env, (await reachTarget()).variables);
  const workbook = await import("../../workbook/prepare.js");
  try {
    await workbook[deed](challenge.padStart(2, "0"), (line) => console.log(line));
    return 0;
  } catch (thrown) {
    if (isWorded(thrown)) throw new SetupError(thrown.message);
    throw thrown;
  }
}
