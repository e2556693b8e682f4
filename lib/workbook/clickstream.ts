import { createHash } from "node:crypto";
import { SIMULATION_DEFAULTS, simulateClickstream, toSinkRow } from "../anomaly/index.js";
import { ActivateError } from "../cloud/errors.js";
import type { TableState, Warehouse } from "../cloud/warehouse.js";
import { formatNumber } from "./show/format.js";
import type { Show } from "./show/show.js";

const labelTable = "purchase_label";

/** The web shop's events in the warehouse, and the ground truth about them. */
export class Clickstream {
  readonly #warehouse: Warehouse;
  readonly #show: Show;

  constructor(warehouse: Warehouse, show: Show) {
    this.#warehouse = warehouse;
    this.#show = show;
  }

  /** `project.dataset.table` of the events in backticks, to write into a query. */
  async table(): Promise<string> {
    return this.#warehouse.quoted(await this.#warehouse.readersTable());
  }

  /**
   * Fills the sink with 30 days of simulated events and their ground truth, unless they are there; makes the features' view.
   * Events that somebody else wrote are never touched: the simulated ones then go to a table of their own.
   * @returns name of the table.
   */
  async load(): Promise<string> {
    const { config } = this.#warehouse;
    await this.#warehouse.ensureDataset();
    const table = config.events === "own" ? await this.#requireOwn() : await this.#loadSimulated();
    await this.#warehouse.rows("tables/purchase_label.sql");
    this.#warehouse.forgetTables();
    await this.#warehouse.rows("features/purchase_features.sql");
    return table;
  }

  async #requireOwn(): Promise<string> {
    const { eventsTable, dataset } = this.#warehouse.config;
    const own = await this.#warehouse.table(eventsTable);
    if (own !== undefined && own.rows > 0) return eventsTable;
    throw new ActivateError(
      "NOT_FOUND",
      `ACTIVATE_EVENTS is "own", and ${dataset}.${eventsTable} ${own === undefined ? "is missing" : "is empty"}. ` +
        "Fill it by the chapter before, or unset ACTIVATE_EVENTS to take the simulated clickstream.",
    );
  }

  async #loadSimulated(): Promise<string> {
    const { eventsTable, simulatedEventsTable } = this.#warehouse.config;
    const state = await this.#warehouse.table(eventsTable);
    const foreign = state !== undefined && state.rows > 0 && state.labels.source !== "activate_simulator";
    const table = foreign ? simulatedEventsTable : eventsTable;
    await this.#loadInto(table, foreign ? await this.#warehouse.table(simulatedEventsTable) : state);
    return table;
  }

  async #loadInto(table: string, before: TableState | undefined): Promise<void> {
    const events = SIMULATION_DEFAULTS.events;
    const simulation = this.#signature();
    if (before?.labels.simulation === simulation && before.rows >= events) {
      // More than were loaded: notebook 04 has sent live ones since.
      const bar = this.#show.progress(`Load events into ${table}`);
      bar.finish(`${formatNumber(before.rows)} events are there already`);
      return;
    }
    if (before === undefined) await this.#warehouse.rows("tables/events.sql", { names: { events: table } });
    // Before the rows: should we be killed in between, the next run must not take our rows for somebody's own.
    await this.#warehouse.label(table, { source: "activate_simulator", simulation: "incomplete" });
    const bar = this.#show.progress(`Load events into ${table}`, events);
    try {
      const { end, seed } = this.#warehouse.config.simulation;
      const clickstream = simulateClickstream({ end, seed });
      await this.#warehouse.rows("tables/purchase_label.sql");
      await this.#warehouse.load(labelTable, clickstream.labels);
      const written = await this.#warehouse.load(table, rowsOf(clickstream.events), (done) => bar.update(done));
      await this.#warehouse.label(table, { source: "activate_simulator", simulation });
      this.#warehouse.forgetTables();
      bar.finish(
        `${formatNumber(written)} events of ${SIMULATION_DEFAULTS.days} days, ${formatNumber(clickstream.labels.length)} purchases`,
      );
    } catch (thrown) {
      bar.fail();
      throw thrown;
    }
  }

  /** The simulation as a label: lower-case letters, digits, hyphens and underscores only. */
  #signature(): string {
    const { end, seed } = this.#warehouse.config.simulation;
    return `${end}_${createHash("sha256").update(seed).digest("hex").slice(0, 8)}`;
  }
}

function* rowsOf(events: Parameters<typeof toSinkRow>[0][]): Generator<object> {
  for (const event of events) yield toSinkRow(event);
}
