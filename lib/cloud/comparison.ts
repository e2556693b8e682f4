import type { Connections } from "./connections.js";
import type { Endpoint } from "./endpoints.js";
import { ActivateError } from "./errors.js";
import { type Answer, type Instance, Predictions } from "./prediction.js";

export interface ComparisonOptions {
  /** Calls in all. Default 200. */
  readonly calls?: number;
  /** Calls under way at once. Default 4. */
  readonly callers?: number;
  /** Rows a call. Default 10. */
  readonly rows?: number;
  /** Called with the number of calls that have ended. */
  readonly report?: (ended: number, calls: number) => void;
}

/** What one deployed model did with its part of the calls. */
export interface DeployedModelComparison {
  readonly deployedModelId: string;
  /** Id of the model in the registry. */
  readonly model: string;
  readonly version: string;
  readonly displayName: string;
  /** Percent of the traffic that it was to have. */
  readonly traffic: number;
  /** Calls that it answered. */
  readonly calls: number;
  /** Milliseconds, retries included; NaN without calls. */
  readonly latencyMs: { readonly p50: number; readonly p99: number };
  /** Its answer for each row, by the row's index in `instances`; rows that it never saw are missing. */
  readonly answers: ReadonlyMap<number, Answer>;
}

/**
 * Sends the rows to the endpoint again and again and sorts what comes back by who answered: a caller cannot choose the
 * deployed model, the traffic split does. With few percent and few calls a model may have seen few rows.
 * Calls that fail after their retries fail the comparison: they belong to nobody.
 */
export async function compareDeployedModels(
  connections: Connections,
  endpoint: Endpoint,
  instances: readonly Instance[],
  { calls = 200, callers = 4, rows = 10, report }: ComparisonOptions,
): Promise<DeployedModelComparison[]> {
  if (instances.length === 0) throw new ActivateError("INVALID_ARGUMENT", "There are no rows to compare with.");
  const predictions = new Predictions(connections);
  const found = new Map<string, { times: number[]; answers: Map<number, Answer> }>();
  for (const { id } of endpoint.deployedModels) found.set(id, { times: [], answers: new Map() });
  let next = 0;
  let ended = 0;
  const work = async (): Promise<void> => {
    for (let call = next++; call < calls; call = next++) {
      const indices = Array.from(
        { length: Math.min(rows, instances.length) },
        (_, row) => (call * rows + row) % instances.length,
      );
      const batch = indices.map((index) => instances[index] ?? {});
      const began = performance.now();
      const answers = await predictions.answers(endpoint.name, batch);
      const side = found.get(answers[0]?.deployedModelId ?? "");
      side?.times.push(performance.now() - began);
      for (const [row, answer] of answers.entries()) side?.answers.set(indices[row] ?? 0, answer);
      ended++;
      report?.(ended, calls);
    }
  };
  await Promise.all(Array.from({ length: Math.min(callers, calls) }, work));
  return endpoint.deployedModels.map((deployed) => {
    const { times = [], answers = new Map<number, Answer>() } = found.get(deployed.id) ?? {};
    return {
      deployedModelId: deployed.id,
      model: deployed.model.replace(/^.*\//, ""),
      version: deployed.version,
      displayName: deployed.displayName,
      traffic: deployed.traffic,
      calls: times.length,
      latencyMs: { p50: quantile(times, 0.5), p99: quantile(times, 0.99) },
      answers,
    };
  });
}

/** The smallest value that at least that share of the values does not exceed ("nearest rank"); NaN for none. */
export function quantile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((left, right) => left - right);
  return sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)] ?? Number.NaN;
}
