import { setTimeout as delay } from "node:timers/promises";
import type { ContainerHost } from "activate/containers/host.js";
import { run } from "activate/containers/scorer/main.js";
import type { ScorerMetrics } from "activate/containers/scorer/metrics.js";

/** A scorer in this process, as its container would run it. */
export interface RunningScorer {
  readonly url: string;
  /** Entries of its log, parsed. */
  readonly log: readonly Readonly<Record<string, unknown>>[];
  metrics(): Promise<ScorerMetrics>;
  /** SIGTERM. @returns the exit code. */
  end(): Promise<number>;
}

export async function startScorer(environment: Readonly<Record<string, string>>): Promise<RunningScorer> {
  const log: Record<string, unknown>[] = [];
  const termination = new AbortController();
  let listening: (port: string) => void = () => undefined;
  const port = new Promise<string>((resolve) => {
    listening = resolve;
  });
  const host: ContainerHost = {
    environment: { PORT: "0", ...environment },
    arguments: [],
    clock: {
      now: () => Date.now(),
      sleep: async (ms, signal) => {
        await delay(ms, undefined, signal ? { signal } : {});
      },
    },
    random: () => 0.5,
    output: (line) => {
      const entry = JSON.parse(line) as Record<string, unknown>;
      log.push(entry);
      const [, found] = /listens on port (\d+)/.exec(String(entry.message)) ?? [];
      if (found !== undefined) listening(found);
    },
    terminated: termination.signal,
  };
  const ended = run(host);
  const url = `http://127.0.0.1:${await Promise.race([port, ended.then((code) => Promise.reject(new Error(`ended with ${code}`)))])}`;
  return {
    url,
    log,
    metrics: async () =>
      (await (await fetch(`${url}/metrics`, { headers: { accept: "application/json" } })).json()) as ScorerMetrics,
    end: () => {
      termination.abort();
      return ended;
    },
  };
}
