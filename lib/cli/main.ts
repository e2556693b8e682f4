import { LaunchError } from "../localcloud/launch/index.js";
import { parseArguments } from "./arguments.js";
import type { Command } from "./command.js";
import { SetupError, UsageError, unknown } from "./usage.js";

/** Loaded one at a time: a command pays for its own imports only. */
const COMMANDS: Readonly<Record<string, () => Promise<Command>>> = {
  cloud: async () => (await import("./commands/cloud.js")).cloud,
  env: async () => (await import("./commands/env.js")).env,
  exec: async () => (await import("./commands/exec.js")).exec,
  kernel: async () => (await import("./commands/kernel.js")).kernel,
  prepare: async () => (await import("./commands/challenge.js")).prepare,
  reset: async () => (await import("./commands/challenge.js")).reset,
  setup: async () => (await import("./commands/setup.js")).setup,
  run: async () => (await import("./commands/run.js")).run,
  lab: async () => (await import("./commands/lab.js")).lab,
  image: async () => (await import("./commands/image.js")).image,
  check: async () => (await import("./commands/check.js")).check,
};

/** Runs one command line (without node and script) and answers with its exit code. */
export async function main(words: readonly string[]): Promise<number> {
  const [name = "help", ...rest] = words;
  try {
    if (["help", "--help", "-h"].includes(name)) return await help(rest[0]);
    const load = Object.hasOwn(COMMANDS, name) ? COMMANDS[name] : undefined;
    if (!load) throw unknown("command", name, [...Object.keys(COMMANDS), "help"]);
    const beforeRest = rest.includes("--") ? rest.slice(0, rest.indexOf("--")) : rest;
    if (beforeRest.includes("--help") || beforeRest.includes("-h")) return await help(name);
    const command = await load();
    return await command.run(parseArguments(rest, command.options));
  } catch (thrown) {
    if (thrown instanceof UsageError) {
      console.error(`activate: ${thrown.message} See: activate help${Object.hasOwn(COMMANDS, name) ? ` ${name}` : ""}`);
      return 2;
    }
    if (thrown instanceof LaunchError || thrown instanceof SetupError) {
      console.error(`activate: ${thrown.message}`);
      return 1;
    }
    console.error(thrown);
    return 1;
  }
}

async function help(name: string | undefined): Promise<number> {
  if (name !== undefined) {
    const load = Object.hasOwn(COMMANDS, name) ? COMMANDS[name] : undefined;
    if (!load) throw unknown("command", name, Object.keys(COMMANDS));
    const command = await load();
    console.log(`${command.summary}\n\n${indented(command.usage)}`);
    return 0;
  }
  const commands = await Promise.all(Object.values(COMMANDS).map((load) => load()));
  const names = Object.keys(COMMANDS);
  const lines = commands.map((command, index) => `  ${(names[index] ?? "").padEnd(8)} ${command.summary}`);
  console.log(`activate COMMAND\n\n${lines.join("\n")}\n\nMore about one: activate help COMMAND`);
  return 0;
}

const indented = (usage: string): string =>
  usage
    .split("\n")
    .map((line) => `  activate ${line}`)
    .join("\n");
