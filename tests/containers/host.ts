import type { ContainerHost } from "activate/containers/host.js";

/** A container's surroundings in this process: what it logs, and the signal that ends it. */
export interface TestHost extends ContainerHost {
  /** Structured entries, in order. */
  readonly entries: Readonly<Record<string, unknown>>[];
  terminate(): void;
  /** Resolves with the first entry whose message matches. */
  logged(pattern: RegExp): Promise<Readonly<Record<string, unknown>>>;
}

export function testHost(environment: Record<string, string> = {}, words: readonly string[] = []): TestHost {
  const termination = new AbortController();
  const entries: Readonly<Record<string, unknown>>[] = [];
  let waiting: (() => void)[] = [];
  return {
    environment,
    arguments: words,
    clock: { now: () => Date.UTC(2026, 2, 1), sleep: () => Promise.resolve() },
    random: () => 0.5,
    output: (line) => {
      entries.push(JSON.parse(line) as Record<string, unknown>);
      for (const wake of waiting.splice(0)) wake();
    },
    terminated: termination.signal,
    entries,
    terminate: () => termination.abort(),
    logged: async (pattern) => {
      for (;;) {
        const found = entries.find(({ message }) => pattern.test(String(message)));
        if (found !== undefined) return found;
        await new Promise<void>((resolve) => {
          waiting = [...waiting, resolve];
        });
      }
    },
  };
}
