/** One place in a cell's output: what is shown later replaces what was shown before. */
export interface Slot {
  html(text: string): void;
}

/** Where a cell's results go: the kernel's display, or in tests a list. */
export interface Output {
  /** A new place below what is there. */
  slot(): Slot;
}

/** The output of the running tslab kernel. @throws Error when the module is loaded outside of a notebook and shows something. */
export async function kernelOutput(): Promise<Output> {
  const { newDisplay } = await import("tslab");
  return {
    slot: () => {
      const display = newDisplay();
      return { html: (text) => display.html(text) };
    },
  };
}

/** Keeps what is shown; for tests and for programs without a notebook. */
export class RecordedOutput implements Output {
  /** HTML of each place, as it is now. */
  readonly shown: string[] = [];

  slot(): Slot {
    const index = this.shown.push("") - 1;
    return {
      html: (text) => {
        this.shown[index] = text;
      },
    };
  }

  get last(): string {
    return this.shown.at(-1) ?? "";
  }
}
