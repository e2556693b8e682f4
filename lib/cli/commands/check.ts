import type { Command } from "../command.js";
export const check: Command = { summary: "", usage: "check", options: {}, run: async () => 1 };
