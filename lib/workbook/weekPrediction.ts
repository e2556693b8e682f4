import { FEATURES } from "../anomaly/index.js";
import type { BatchPrediction, BatchPredictions } from "../cloud/batchPredictions.js";
import { ActivateError } from "../cloud/errors.js";
import { CHAMPION, type ModelRegistry } from "../cloud/registry.js";
import { type Row, textIn } from "../cloud/rows.js";
import type { Warehouse } from "../cloud/warehouse.js";
import { type Purchases, timestamps } from "./purchases.js";
import { counted, formatNumber } from "./show/format.js";
import type { Show } from "./show/show.js";

/** What the champion says of the last week. */
export interface WeekPrediction {
  /** Where the predictions are. */
  readonly table: string;
  /** A row a day: day, purchases, and how many were found, flagged in vain, missed. */
  readonly days: Row[];
  /** A row a purchase, the highest score first. */
  readonly farthest: Row[];
}

interface Parts {
  readonly warehouse: Warehouse;
  readonly registry: ModelRegistry;
  readonly batches: BatchPredictions;
  readonly purchases: Purchases;
  readonly show: Show;
}

/** Purchases that the job reads, and what it writes; instances that failed go to a table beside it. */
export const WEEK_TABLES = {
  input: "week_purchases",
  output: "week_predictions",
  failed: "week_predictions_errors",
} as const;

/** By which our jobs are found. */
export const weekLabels = { app: "activate", challenge: "06" } as const;

/** The last week through the champion, without an endpoint: table in, table out. */
export class WeekPredictions {
  readonly #parts: Parts;

  constructor(parts: Parts) {
    this.#parts = parts;
  }

  /**
   * Runs a batch prediction job over the last week; its table takes the place of the last job's.
   * @throws ActivateError NOT_FOUND without a champion; REFUSED when the job fails.
   */
  async run(): Promise<WeekPrediction> {
    const { batches, purchases, registry, show, warehouse } = this.#parts;
    const { customModel, dataset } = warehouse.config;
    const champion = await registry.version(customModel, CHAMPION);
    if (champion === undefined) {
      throw new ActivateError("NOT_FOUND", `${customModel} has no ${CHAMPION} yet: rollout.promote() names one.`);
    }
    const bar = show.progress("Predict the last week");
    try {
      const params = timestamps((await purchases.days()).evaluation);
      await warehouse.rows("batch/week_purchases.sql", { params });
      await warehouse.drop(WEEK_TABLES.output);
      await warehouse.drop(WEEK_TABLES.failed);
      const { name } = await batches.submit({
        displayName: "last-week",
        model: `${champion.model}@${champion.version}`,
        input: { table: `${dataset}.${WEEK_TABLES.input}` },
        output: { table: `${dataset}.${WEEK_TABLES.output}` },
        fields: FEATURES,
        labels: weekLabels,
      });
      const job = await batches.follow(name, ({ state }) => bar.update(0, state.toLowerCase()));
      bar.finish(`${counted(job.successful, "purchase")}, ${formatNumber(job.failed)} failed`);
    } catch (thrown) {
      bar.fail();
      throw thrown;
    }
    const farthest = await this.rows();
    return { table: WEEK_TABLES.output, days: byDay(farthest), farthest };
  }

  /** What the last job wrote, a row a purchase, the highest score first; undefined without a table. */
  async found(): Promise<Row[] | undefined> {
    return (await this.#parts.warehouse.exists(WEEK_TABLES.output)) ? await this.rows() : undefined;
  }

  /** As `found`. @throws ActivateError NOT_FOUND without a table. */
  async rows(): Promise<Row[]> {
    return await this.#parts.warehouse.rows("batch/week_predictions.sql");
  }

  /** Which of the tables are there. */
  async tables(): Promise<string[]> {
    const there = await this.#parts.warehouse.tables();
    return Object.values(WEEK_TABLES).filter((name) => there.includes(name));
  }

  /** Jobs of ours. */
  async jobs(): Promise<BatchPrediction[]> {
    const jobs = await this.#parts.batches.list();
    return jobs.filter(({ labels }) => labels.challenge === weekLabels.challenge && labels.app === weekLabels.app);
  }

  /** Jobs, the one that runs included, and tables. */
  async remove(): Promise<void> {
    for (const { name } of await this.jobs()) await this.#parts.batches.remove(name);
    for (const name of Object.values(WEEK_TABLES)) await this.#parts.warehouse.drop(name);
  }
}

/** Purchases by day; where nobody knows the truth, what is flagged counts as in vain. */
function byDay(rows: readonly Row[]): Row[] {
  const days = new Map<string, { day: string; purchases: number; found: number; vain: number; missed: number }>();
  for (const row of rows) {
    const day = textIn(row, "day");
    const counts = days.get(day) ?? { day, purchases: 0, found: 0, vain: 0, missed: 0 };
    counts.purchases += 1;
    if (row.flagged === true) counts[row.truth === true ? "found" : "vain"] += 1;
    else if (row.truth === true) counts.missed += 1;
    days.set(day, counts);
  }
  return [...days.values()].sort((left, right) => (left.day < right.day ? -1 : 1));
}
