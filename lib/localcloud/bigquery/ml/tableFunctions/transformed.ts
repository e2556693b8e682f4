import { invalidFunction } from "../columns.js";
import type { TransformState } from "../state.js";
import { checkTransformInputs, transformRelation } from "../transform.js";
import { type Call, requireColumns, settings, type TableFunction } from "./inputs.js";

/** ML.TRANSFORM: the columns that the model's TRANSFORM clause makes of the input. */
export const transformed: TableFunction = {
  outputColumns: (call) => {
    settings(call, []);
    const transform = requireTransform(call);
    checkTransformInputs(call.name, transform, requireColumns(call));
    return transform.outputs.map(({ name, type }) => ({ name, type }));
  },
  write: (call, input) => {
    const transform = requireTransform(call);
    if (!input) throw invalidFunction(call.name, "ML.TRANSFORM expects a TABLE or a query after the model.");
    return transformRelation(transform, input).sql;
  },
};

function requireTransform(call: Call): TransformState {
  if (!call.state.transform) {
    throw invalidFunction(call.name, "The model has no TRANSFORM clause: there is nothing to apply.");
  }
  return call.state.transform;
}
