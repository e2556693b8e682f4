import type { CatalogTransaction } from "../catalog.js";
import { invalidQuery } from "../errors.js";
import type { StatementResult } from "./engine.js";
import type { Execution } from "./execution.js";

/** Ends a write transaction without its changes. */
class RollbackSignal extends Error {
  override readonly name = "RollbackSignal";
}

/** How an open transaction is told to end. */
interface Ending {
  readonly resolve: (last: (transaction: CatalogTransaction) => Promise<void>) => void;
  readonly reject: (reason: Error) => void;
}

/** BEGIN TRANSACTION … COMMIT: one write transaction of the catalog, held open between the two. */
export class OpenTransaction {
  readonly #execution: Execution;
  #end: Ending | undefined;
  #written: Promise<void> | undefined;

  constructor(execution: Execution) {
    this.#execution = execution;
  }

  async begin(): Promise<void> {
    if (this.#end)
      throw invalidQuery("Transaction control statement BEGIN TRANSACTION is not supported inside a transaction");
    const { catalog } = this.#execution.parts;
    await new Promise<void>((started, failed) => {
      this.#written = catalog
        .write(async (transaction) => {
          const ended = new Promise<(transaction: CatalogTransaction) => Promise<void>>((resolve, reject) => {
            this.#end = { resolve, reject };
          });
          this.#execution.transaction = transaction;
          this.#execution.session.catalog = transaction;
          started();
          await (await ended)(transaction);
        })
        .catch((thrown: unknown) => {
          failed(thrown);
          if (!(thrown instanceof RollbackSignal)) throw thrown;
        });
      // What goes wrong is told to whoever ends the transaction.
      this.#written.catch(() => undefined);
    });
  }

  async commit(result: () => StatementResult): Promise<void> {
    const end = this.#required("COMMIT");
    end.resolve(async (transaction) => {
      await this.#execution.request.beforeCommit?.(transaction, result(), true);
    });
    await this.#finish();
  }

  async rollback(): Promise<void> {
    this.#required("ROLLBACK").reject(new RollbackSignal());
    await this.#finish();
  }

  /** A transaction that its script left open is rolled back. */
  async close(): Promise<void> {
    if (this.#end) await this.rollback();
  }

  async abandon(): Promise<void> {
    await this.close().catch(() => undefined);
  }

  #required(statement: string): Ending {
    if (!this.#end) throw invalidQuery(`${statement} is not allowed outside of a transaction`);
    return this.#end;
  }

  async #finish(): Promise<void> {
    this.#end = undefined;
    this.#execution.transaction = undefined;
    this.#execution.session.catalog = this.#execution.parts.catalog;
    await this.#written;
  }
}
