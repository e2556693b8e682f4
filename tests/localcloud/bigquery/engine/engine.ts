import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { openCatalog } from "activate/localcloud/bigquery/catalog.js";
import { openDatabase } from "activate/localcloud/bigquery/engine/database.js";
import type { RunRequest, RunResult, WireValue } from "activate/localcloud/bigquery/engine/engine.js";
import { openEngine } from "activate/localcloud/bigquery/engine/index.js";
import { ManualClock } from "activate/localcloud/platform/clock.js";

/** An engine over a database of its own, asked without REST. */
export interface TestEngine {
  run(sql: string, options?: Partial<RunRequest>): Promise<RunResult>;
  /** The rows of the last statement that yields any, cells in wire form. */
  rows(sql: string, options?: Partial<RunRequest>): Promise<readonly (readonly WireValue[])[]>;
  close(): Promise<void>;
}

interface Place {
  /** Made when it is missing, and removed at the end. Default: a temporary one. */
  readonly folder?: string;
  /** What happens before the engine opens: the database is there. */
  readonly beforeEngine?: () => void;
}

export async function openTestEngine(
  environment: NodeJS.ProcessEnv = process.env,
  { folder = mkdtempSync(path.join(tmpdir(), "activate-engine-")), beforeEngine }: Place = {},
): Promise<TestEngine> {
  const database = await openDatabase(folder);
  const clock = new ManualClock();
  const catalog = await openCatalog(database, () => clock.now());
  beforeEngine?.();
  const engine = await openEngine({ catalog, clock, environment });
  let last: (readonly WireValue[])[] = [];
  const run = (sql: string, options: Partial<RunRequest> = {}): Promise<RunResult> =>
    engine.run({
      projectId: "p",
      sql,
      parameters: [],
      parameterMode: "named",
      dryRun: false,
      sink: () => {
        const rows: (readonly WireValue[])[] = [];
        last = rows;
        return {
          begin: () => undefined,
          rows: (batch) => {
            for (const row of batch) rows.push(row.f.map((cell) => cell.v));
          },
        };
      },
      signal: new AbortController().signal,
      ...options,
    });
  return {
    run,
    rows: async (sql, options) => {
      last = [];
      await run(sql, options);
      return last;
    },
    close: async () => {
      await engine.close();
      await database.close();
      rmSync(folder, { recursive: true });
    },
  };
}
