import { UsageError, unknown } from "./usage.js";

/** Options of a command by name (without the dashes): a flag, or the word that stands for its value in the help. */
export type OptionTable = Readonly<Record<string, "flag" | { readonly value: string }>>;

export interface Arguments {
  readonly flags: ReadonlySet<string>;
  readonly values: ReadonlyMap<string, string>;
  readonly positionals: readonly string[];
  /** What follows `--`; undefined when there was none. */
  readonly rest: readonly string[] | undefined;
}

/** Reads `--flag`, `--name value`, `--name=value`. @throws UsageError for anything that `options` does not name. */
export function parseArguments(words: readonly string[], options: OptionTable): Arguments {
  const flags = new Set<string>();
  const values = new Map<string, string>();
  const positionals: string[] = [];
  const queue = [...words];
  for (let word = queue.shift(); word !== undefined; word = queue.shift()) {
    if (word === "--") return { flags, values, positionals, rest: queue };
    if (!word.startsWith("-") || word === "-") {
      positionals.push(word);
      continue;
    }
    const [spelling = "", inline] = splitOnce(word);
    const name = spelling.replace(/^--/, "");
    const option = spelling.startsWith("--") && Object.hasOwn(options, name) ? options[name] : undefined;
    if (option === undefined) {
      throw unknown(
        "option",
        spelling,
        Object.keys(options).map((known) => `--${known}`),
      );
    }
    if (option === "flag") {
      if (inline !== undefined) throw new UsageError(`--${name} takes no value.`);
      flags.add(name);
      continue;
    }
    const value = inline ?? queue.shift();
    if (value === undefined || value === "" || (inline === undefined && value.startsWith("--"))) {
      throw new UsageError(`--${name} needs a value: --${name} ${option.value}.`);
    }
    if (values.has(name)) throw new UsageError(`--${name} is given twice.`);
    values.set(name, value);
  }
  return { flags, values, positionals, rest: undefined };
}

function splitOnce(word: string): [string, string | undefined] {
  const at = word.indexOf("=");
  return at < 0 ? [word, undefined] : [word.slice(0, at), word.slice(at + 1)];
}

/** @throws UsageError when there are more or fewer words than the command takes. */
export function refusePositionals({ positionals }: Arguments): void {
  const first = positionals[0];
  if (first !== undefined) throw new UsageError(`Unexpected word: ${first}.`);
}
