import type { Arguments, OptionTable } from "./arguments.js";

/** A command of `activate`, as a value. */
export interface Command {
  /** One line for the overview. */
  readonly summary: string;
  /** How it is called, without "activate". */
  readonly usage: string;
  readonly options: OptionTable;
  /** Resolves to the exit code. */
  run(given: Arguments): Promise<number>;
}
