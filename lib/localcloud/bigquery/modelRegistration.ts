import type { ModelRecord } from "./resources.js";

/** The id of the training under which the model is registered with Vertex AI; undefined when it is not registered. */
export function trainingIdOf(record: ModelRecord): string | undefined {
  const state = record.state as { readonly trainingId?: unknown } | null | undefined;
  return typeof state?.trainingId === "string" ? state.trainingId : undefined;
}
