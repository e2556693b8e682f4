import assert from "node:assert/strict";
import type { FaultPlan, PlannedFault } from "activate/localcloud/platform/faults.js";

/** A fault that a test planned. A fault that never fired shows nothing: ask. */
export interface TestFault {
  fired(): Promise<number>;
  /** @param times default: at least once. */
  mustHaveFired(times?: number): Promise<void>;
  remove(): Promise<void>;
}

/** Plans a fault at a local cloud, by its address. */
export async function planFault(rest: string, plan: FaultPlan): Promise<TestFault> {
  const url = `${rest}/_activate/faults`;
  const response = await fetch(url, { method: "POST", body: JSON.stringify(plan) });
  const text = await response.text();
  assert.equal(response.status, 200, text);
  const { id } = JSON.parse(text) as PlannedFault;
  const fired = async (): Promise<number> => ((await (await fetch(`${url}/${id}`)).json()) as PlannedFault).fired;
  return {
    fired,
    mustHaveFired: async (times) => {
      const count = await fired();
      if (times === undefined) assert.ok(count > 0, `the fault ${JSON.stringify(plan)} never fired`);
      else assert.equal(count, times, `times that the fault ${JSON.stringify(plan)} fired`);
    },
    remove: async () => {
      assert.equal((await fetch(`${url}/${id}`, { method: "DELETE" })).status, 200);
    },
  };
}
