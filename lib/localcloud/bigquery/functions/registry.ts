import { CloudError } from "../../platform/errors.js";
import type {
  AggregateCall,
  AggregateWriter,
  AnalyticCall,
  AnalyticWriter,
  CastCall,
  ScalarCall,
  ScalarWriter,
  Written,
} from "./call.js";
import { castSql } from "./cast.js";
import type { ExactFunctions } from "./exact.js";
import { FAMILIES } from "./families.js";
import { checkedFloat, isFloatOperator } from "./overflow.js";
import { tried } from "./tried.js";

export { type LiteralValue, NOW_MICROS } from "./call.js";

interface Writers {
  readonly scalars: Readonly<Record<string, ScalarWriter>>;
  readonly aggregates: Readonly<Record<string, AggregateWriter>>;
  readonly analytics: Readonly<Record<string, AnalyticWriter>>;
}
const WRITERS: Writers = {
  scalars: merged(FAMILIES.map((family) => family.scalars ?? {})),
  aggregates: merged(FAMILIES.map((family) => family.aggregates ?? {})),
  analytics: merged(FAMILIES.map((family) => family.analytics ?? {})),
};

/** One table of all; a name that two families write (STRING of a date, STRING of JSON) asks one after the other. */
function merged<C>(tables: readonly Readonly<Record<string, (call: C) => string | undefined>>[]) {
  const all: Record<string, (call: C) => string | undefined> = Object.create(null);
  for (const table of tables) {
    for (const [name, writer] of Object.entries(table)) {
      const earlier = all[name];
      all[name] = earlier ? (call) => earlier(call) ?? writer(call) : writer;
    }
  }
  return all;
}

/**
 * Writes GoogleSQL's functions as DuckDB SQL. Without `exact` (ACTIVATE_SQL_ENGINE=duckdb) a call that needs Google's
 * evaluator is refused. One library a DuckDB instance: exact functions are registered with it as they are met.
 */
export class FunctionLibrary {
  readonly #exact: ExactFunctions | undefined;

  constructor(exact: ExactFunctions | undefined) {
    this.#exact = exact;
  }

  /** @throws CloudError when the function is not supported. */
  scalar(call: ScalarCall): Written {
    const writer = WRITERS.scalars[call.name];
    if (writer && isFloatOperator(call)) {
      const unchecked = checkedFloat(call, writer)?.unchecked;
      const checked = (inner: ScalarCall) => checkedFloat(inner, writer)?.sql ?? writer(inner);
      const sql = call.safe ? tried(call, checked) : checked(call);
      if (sql !== undefined) return { sql, route: "native", ...(unchecked && !call.safe ? { unchecked } : {}) };
    }
    const native = writer && (call.safe ? tried(call, writer) : writer(call));
    if (native !== undefined) return { sql: native, route: "native" };
    const exact = this.#exact?.scalar(call);
    if (exact !== undefined) return { sql: exact, route: "exact" };
    throw unsupported(call.name, this.#exact === undefined);
  }

  /** @throws CloudError when the function, or a modifier of it, is not supported. */
  aggregate(call: AggregateCall): Written {
    const native = WRITERS.aggregates[call.name]?.(call);
    if (native === undefined) throw unsupported(call.name, false);
    return { sql: native, route: "native" };
  }

  /** The whole expression, `OVER` included. @throws CloudError when the function, or a modifier of it, is not supported. */
  analytic(call: AnalyticCall): Written {
    const native = WRITERS.analytics[call.name]?.(call) ?? WRITERS.aggregates[call.name]?.({ ...call, orderBy: [] });
    if (native === undefined) throw unsupported(call.name, false);
    return { sql: native, route: "native" };
  }

  /** @throws CloudError for a cast that is not supported. */
  cast(call: CastCall): Written {
    const native = castSql(call);
    if (native !== undefined) return { sql: native, route: "native" };
    const exact = this.#exact?.cast(call);
    if (exact !== undefined) return { sql: exact, route: "exact" };
    throw unsupported("CAST", this.#exact === undefined);
  }
}

/** Whether an aggregate or analytic function has a native form at all (the evaluator may then run the query whole). */
export function isWritten(kind: keyof Writers, name: string): boolean {
  return name in WRITERS[kind];
}

/** Names by class, for the generated list of what is supported. */
export function writtenNames(kind: keyof Writers): readonly string[] {
  return Object.keys(WRITERS[kind]).sort();
}

function unsupported(name: string, evaluatorForbidden: boolean): CloudError {
  const shown = name.replace(/^\$/, "operator ").toUpperCase();
  const why = evaluatorForbidden
    ? "needs Google's reference evaluator, which ACTIVATE_SQL_ENGINE=duckdb forbids; unset it"
    : "is not supported by the local cloud; run this query on Google Cloud (ACTIVATE_TARGET=gcp)";
  return new CloudError("UNIMPLEMENTED", `Function ${shown} ${why}.`, {
    reason: "notImplemented",
    metadata: { function: name },
    httpStatus: 400,
  });
}
