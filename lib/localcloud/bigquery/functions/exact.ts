import type { CastCall, ScalarCall } from "./call.js";

/** Functions that hand their values, a chunk at a time, to Google's reference evaluator: right by construction. */
export interface ExactFunctions {
  /** DuckDB SQL of the call, or undefined when its types cannot cross. */
  scalar(call: ScalarCall): string | undefined;
  cast(call: CastCall): string | undefined;
}
