import type { Argument, ScalarCall } from "./call.js";

const hasSubquery = (sql: string) => /\bselect\b/i.test(sql);

/**
 * The call with NULL in place of an error (`SAFE.`). DuckDB's TRY takes no subquery: arguments that hold one are first
 * bound to a lambda's parameter.
 */
export function tried(call: ScalarCall, write: (call: ScalarCall) => string | undefined): string | undefined {
  if (!call.args.some((arg) => hasSubquery(arg.sql))) {
    const sql = write(call);
    return sql && `TRY(${sql})`;
  }
  const bound: Argument[] = call.args.map((arg, index) =>
    hasSubquery(arg.sql) && !arg.lambda ? { ...arg, sql: `tried._a${index}` } : arg,
  );
  const sql = write({ ...call, args: bound });
  const fields = call.args.flatMap((arg, index) => (hasSubquery(arg.sql) ? [`'_a${index}': ${arg.sql}`] : []));
  return sql && `list_transform([{${fields.join(", ")}}], tried -> TRY(${sql}))[1]`;
}
