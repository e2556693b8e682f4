import type { Command } from "../command.js";
export const lab: Command = { summary: "", usage: "lab", options: {}, run: async () => 1 };
