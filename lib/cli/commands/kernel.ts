import type { Command } from "../command.js";
export const kernel: Command = { summary: "", usage: "kernel", options: {}, run: async () => 1 };
