import type { Columns, Detector } from "../../anomaly/index.js";

/** Vertex AI's bound on requests and answers of shared public endpoints (contracts 3.8), in bytes. */
export const BODY_BYTES_MAX = 1_500_000;

/** A request that gets no predictions at all. */
export class BadRequest extends Error {
  override readonly name = "BadRequest";

  constructor(
    readonly status: 400 | 413 | 415,
    message: string,
  ) {
    super(message);
  }
}

/** A model as it is served. */
export interface ServedModel {
  readonly detector: Detector;
  readonly version: string;
}

/**
 * The answer to a predict request, as JSON text: a prediction an instance, in their order. All instances go through the detector at once; one that
 * cannot be scored gets `{"error": {code, message}}` in its place. Fields beside the features are left alone.
 * @throws BadRequest when the body is no predict request, or the answer would be too large.
 */
export function answerTo(body: string, model: ServedModel): string {
  const instances = instancesOf(body);
  const { detector } = model;
  const features = detector.featureNames;
  const columns: Record<string, Float64Array> = {};
  for (const feature of features) columns[feature] = new Float64Array(instances.length);
  const errors: (string | undefined)[] = [];
  let scored = 0;
  for (const [index, instance] of instances.entries()) {
    const error = place(instance, index, features, columns, scored);
    errors.push(error);
    if (error === undefined) scored += 1;
  }
  const text = JSON.stringify({ predictions: predictionsOf(errors, model, columns, scored) });
  if (text.length > BODY_BYTES_MAX) {
    const fitting = Math.max(1, Math.floor((instances.length * BODY_BYTES_MAX) / text.length / 1.1));
    throw new BadRequest(
      413,
      `the answer to ${instances.length} instances would have ${text.length} bytes, at most ${BODY_BYTES_MAX} are allowed; send about ${fitting} instances a request`,
    );
  }
  return text;
}

function instancesOf(body: string): readonly unknown[] {
  let request: unknown;
  try {
    request = JSON.parse(body);
  } catch (error) {
    throw new BadRequest(400, `the body is not JSON: ${error instanceof Error ? error.message : String(error)}`);
  }
  if (typeof request !== "object" || request === null || !("instances" in request)) {
    throw new BadRequest(400, 'the body has no "instances"; it must be {"instances": [{"FEATURE": NUMBER, ...}, ...]}');
  }
  const { instances } = request;
  if (!Array.isArray(instances)) throw new BadRequest(400, '"instances" must be a list');
  if (instances.length === 0) throw new BadRequest(400, '"instances" is empty; send at least one instance');
  return instances;
}

/** Puts an instance's features into row `row` of the columns. @returns what is wrong with it. */
function place(
  instance: unknown,
  index: number,
  features: readonly string[],
  columns: Readonly<Record<string, Float64Array>>,
  row: number,
): string | undefined {
  if (typeof instance !== "object" || instance === null || Array.isArray(instance)) {
    const hint = Array.isArray(instance) ? ' (in a batch prediction set instanceType to "object")' : "";
    return `instances[${index}] must be an object of feature names and numbers${hint}`;
  }
  const fields = instance as Readonly<Record<string, unknown>>;
  for (const feature of features) {
    const value = Object.hasOwn(fields, feature) ? fields[feature] : undefined;
    if (typeof value !== "number" || !Number.isFinite(value)) {
      if (value === undefined) return `instances[${index}].${feature} is missing`;
      return `instances[${index}].${feature} must be a finite number, got ${JSON.stringify(value).slice(0, 100)}`;
    }
    const column = columns[feature];
    if (column !== undefined) column[row] = value;
  }
  return undefined;
}

function predictionsOf(
  errors: readonly (string | undefined)[],
  { detector, version }: ServedModel,
  columns: Readonly<Record<string, Float64Array>>,
  rows: number,
): object[] {
  const { scores, contributions } = explained(detector, columns, rows);
  const { threshold } = detector;
  let row = 0;
  return errors.map((message) => {
    if (message !== undefined) return { error: { code: "INVALID_ARGUMENT", message } };
    const score = scores[row] as number;
    const shares: Record<string, number> = {};
    for (const { feature, values } of contributions) shares[feature] = values[row] as number;
    row += 1;
    return { score, isAnomaly: score > threshold, threshold, contributions: shares, modelVersion: version };
  });
}

function explained(detector: Detector, columns: Readonly<Record<string, Float64Array>>, rows: number) {
  const used: Columns = Object.fromEntries(
    Object.entries(columns).map(([feature, column]) => [feature, column.subarray(0, rows)]),
  );
  return detector.explain(used);
}
