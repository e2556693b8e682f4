import type { Command } from "../command.js";
export const run: Command = { summary: "", usage: "run", options: {}, run: async () => 1 };
