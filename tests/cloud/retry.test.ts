import assert from "node:assert/strict";
import { retry } from "activate/cloud/retry.js";

const failing = (code: number) => Object.assign(new Error(`${code} failed`), { code });

describe("retry", () => {
  const pausesOf = async (failures: Error[], options = {}): Promise<{ pauses: number[]; result: string }> => {
    const pauses: number[] = [];
    const sleep = async (milliseconds: number) => void pauses.push(milliseconds);
    const result = await retry(
      async () => {
        const failure = failures.shift();
        if (failure !== undefined) throw failure;
        return "done";
      },
      { random: () => 1, sleep, ...options },
    ).catch((thrown: Error) => thrown.message);
    return { pauses, result };
  };

  it("doubles the longest pause up to its limit", async () => {
    const failures = [14, 8, 10, 14, 14].map(failing);
    assert.deepEqual(await pausesOf(failures, { pauseMsMax: 1000 }), {
      pauses: [200, 400, 800, 1000, 1000],
      result: "done",
    });
  });
  it("gives up after its attempts with the last error", async () => {
    const answer = await pausesOf([14, 14, 14].map(failing), { attempts: 2 });
    assert.deepEqual(answer, { pauses: [200], result: "14 failed" });
  });
  it("does not repeat what will fail again", async () => {
    for (const code of [3, 5, 7, 9, 400, 404]) {
      assert.deepEqual(await pausesOf([failing(code)]), { pauses: [], result: `${code} failed` });
    }
  });
  it("spreads the pauses by chance", async () => {
    assert.deepEqual((await pausesOf([failing(14)], { random: () => 0.25 })).pauses, [50]);
  });
});
