import type { Command } from "../command.js";
export const prepare: Command = {
  summary: "Builds what a challenge needs from the ones before it.",
  usage: "prepare NN",
  options: {},
  run: async () => 1,
};
export const reset: Command = {
  summary: "Takes back what a challenge made.",
  usage: "reset --challenge NN",
  options: {},
  run: async () => 1,
};
