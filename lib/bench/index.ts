/** Benchmarks: ours and the peer's in the same run, in turn, medians of several rounds. */

import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Bench, Measurement, Scale } from "./bench.js";
import { coldStart } from "./rows/coldStart.js";
import { endpointP99 } from "./rows/endpointP99.js";
import { endpointThroughput } from "./rows/endpointThroughput.js";
import { firstCell } from "./rows/firstCell.js";
import { insertPeer } from "./rows/insertPeer.js";
import { kmeans } from "./rows/kmeans.js";
import { pubsubThroughput } from "./rows/pubsubThroughput.js";
import { pushLatency } from "./rows/pushLatency.js";
import { pushPipeline } from "./rows/pushPipeline.js";
import { pushSoak } from "./rows/pushSoak.js";
import { rollBack } from "./rows/rollBack.js";
import { soak } from "./rows/soak.js";
import { sqlAggregate } from "./rows/sqlAggregate.js";
import { sqlPeer } from "./rows/sqlPeer.js";
import { sqlSmall } from "./rows/sqlSmall.js";
import { train } from "./rows/train.js";
import { workbook } from "./rows/workbook.js";

export { type Bench, type Measurement, PeerAbsent, type Scale } from "./bench.js";

/** All benchmarks, in the order in which they run. */
export const BENCHES: readonly Bench[] = [
  coldStart,
  sqlSmall,
  sqlAggregate,
  sqlPeer,
  insertPeer,
  kmeans,
  train,
  endpointThroughput,
  endpointP99,
  rollBack,
  firstCell,
  workbook,
  pubsubThroughput,
  pushPipeline,
  pushLatency,
  pushSoak,
  soak,
];

/**
 * Runs one benchmark and cleans up after it.
 * @throws PeerAbsent when what it compares with is not there; whatever the benchmark itself throws.
 */
export async function runBench(bench: Bench, scale: Scale, log: (line: string) => void): Promise<Measurement> {
  const folder = mkdtempSync(join(tmpdir(), `activate-bench-${bench.name}-`));
  const cleanUps: (() => Promise<void>)[] = [];
  const end = async (): Promise<void> => {
    for (const cleanUp of cleanUps.splice(0)) {
      await cleanUp().catch((error: unknown) => log(`cleaning up failed: ${String(error)}`));
    }
    rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
  };
  const interrupted = (): void => void end().finally(() => process.exit(1));
  process.once("SIGINT", interrupted);
  process.once("SIGTERM", interrupted);
  try {
    return await bench.run({ scale, folder, log, afterwards: (cleanUp) => cleanUps.unshift(cleanUp) });
  } finally {
    process.off("SIGINT", interrupted);
    process.off("SIGTERM", interrupted);
    await end();
  }
}
