import { CloudError } from "../../platform/errors.js";
import type { Catalog } from "../catalog.js";
import type { RoutineRecord, TableRecord } from "../resources.js";
import type { Variable } from "./session.js";

/** What a session keeps between its queries: temporary tables and functions, variables, system variables. */
export interface SessionState {
  readonly tables: Map<string, TableRecord>;
  readonly routines: Map<string, RoutineRecord>;
  readonly variables: Map<string, Variable>;
  readonly systemVariables: Map<string, Variable>;
  /** Milliseconds of the clock. */
  lastUse: number;
}

/** A session ends after a day without use (docs.cloud.google.com/bigquery/docs/sessions-intro#limitations). */
const IDLE_MS_MAX = 24 * 60 * 60 * 1000;
const SESSIONS_MAX = 100;

/** Sessions that queries opened with `createSession`; they end with the process, as their tables do. */
export class Sessions {
  readonly #catalog: Catalog;
  /** In the order of last use. */
  readonly #byId = new Map<string, SessionState>();

  constructor(catalog: Catalog) {
    this.#catalog = catalog;
  }

  /** @throws CloudError when it is to be there and is not. */
  async open(id: string, isNew: boolean, now: number): Promise<SessionState> {
    await this.#endIdle(now);
    const known = this.#byId.get(id);
    if (!known && !isNew) {
      throw new CloudError("INVALID_ARGUMENT", `Session ${id} is not found: it never began, or has ended.`, {
        reason: "invalid",
      });
    }
    const state = known ?? {
      tables: new Map(),
      routines: new Map(),
      variables: new Map(),
      systemVariables: new Map(),
      lastUse: now,
    };
    state.lastUse = now;
    this.#byId.delete(id);
    this.#byId.set(id, state);
    return state;
  }

  /** Drops what the session kept. */
  async end(id: string): Promise<void> {
    const state = this.#byId.get(id);
    if (!state) return;
    this.#byId.delete(id);
    if (state.tables.size === 0) return;
    await this.#catalog.write(async ({ connection }) => {
      for (const { physicalName } of state.tables.values()) {
        await connection.run(`DROP TABLE IF EXISTS main.${physicalName}`);
      }
    });
  }

  async #endIdle(now: number): Promise<void> {
    for (const [id, { lastUse }] of this.#byId) {
      if (now - lastUse < IDLE_MS_MAX && this.#byId.size <= SESSIONS_MAX) return;
      await this.end(id);
    }
  }
}
