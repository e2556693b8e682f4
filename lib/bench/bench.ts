/** What a benchmark is. */

/** "small" finishes within seconds and only shows that the benchmark runs. */
export type Scale = "full" | "small";

export interface BenchContext {
  readonly scale: Scale;
  /** A folder of this benchmark's own, emptied afterwards. */
  readonly folder: string;
  /** For what happens on the way; not part of the result. */
  readonly log: (line: string) => void;
  /** Runs after the benchmark, also when it fails; the last given runs first. */
  readonly afterwards: (cleanUp: () => Promise<void>) => void;
}

export interface Measurement {
  readonly unit: string;
  /** Median, in `unit`; lower is better. */
  readonly ours: number;
  readonly peer: number;
  readonly peerName: string;
  /** Of the results, so that speed by doing less shows. */
  readonly hash: string;
}

export interface Bench {
  readonly name: string;
  /** What is measured against what, in a sentence. */
  readonly what: string;
  run(context: BenchContext): Promise<Measurement>;
}

/** Thrown when what we compare with is not there: the row is skipped and the message printed. */
export class PeerAbsent extends Error {
  override readonly name = "PeerAbsent";
}
