import assert from "node:assert/strict";
import { costOf } from "activate/workbook/costs.js";
import { measure } from "activate/workbook/loadTest.js";
import { prices } from "activate/workbook/prices.js";

const machine = { machineType: "n1-standard-2" };
const close = (actual: number, expected: number): void =>
  assert.ok(Math.abs(actual - expected) <= 1e-9 * Math.abs(expected), `${actual}, expected ${expected}`);

describe("what serving costs", () => {
  it("a Vertex AI node is paid by the hour, asked or not", () => {
    const idle = costOf({ serving: "Vertex AI endpoint", perSecond: 100 }, 1 / 3600, machine);
    close(idle.dollarsPerMonth, 0.1095 * 24 * 30);
    close(idle.dollarsPerMillion, 0.1095 * 1e6);
    const busy = costOf({ serving: "Vertex AI endpoint", perSecond: 100 }, 250, machine);
    assert.equal(busy.instances, 3);
    close(busy.dollarsPerMillion, ((3 * 0.1095) / 3600 / 250) * 1e6);
  });

  it("Cloud Run with nothing kept ready is paid by the 100 ms of single requests, and by requests", () => {
    // So seldom that no two requests share an instance: 0.1 s of 1 vCPU and 0.5 GiB each, and 0.40 $ a million.
    const { dollarsPerMillion } = costOf({ serving: "Cloud Run, min 0", perSecond: 100 }, 1e-6, machine);
    const expected = 1e6 * 0.1 * (0.000024 + 0.5 * 0.0000025) + 0.4;
    assert.ok(Math.abs(dollarsPerMillion - expected) < 1e-4 * expected, `${dollarsPerMillion}, expected ${expected}`);
  });

  it("requests that share an instance are paid once: a busy instance costs its seconds, no more", () => {
    const { dollarsPerMonth, instances } = costOf({ serving: "Cloud Run, min 0", perSecond: 1000 }, 900, machine);
    assert.equal(instances, 1);
    close(dollarsPerMonth, 2_592_000 * (0.000024 + 0.5 * 0.0000025 + (900 * 0.4) / 1e6));
  });

  it("an instance that is always there has its price, and none a request", () => {
    const { dollarsPerMonth } = costOf({ serving: "Cloud Run, min 1", perSecond: 1000 }, 1, machine);
    close(dollarsPerMonth, 2_592_000 * (0.000018 + 0.5 * 0.000002));
  });

  it("refuses a load or a capacity of nothing, and a machine without a price", () => {
    assert.throws(() => costOf({ serving: "Cloud Run, min 0", perSecond: 10 }, 0, machine), /above 0 predictions/);
    assert.throws(() => costOf({ serving: "Cloud Run, min 0", perSecond: 0 }, 1, machine), /capacity is above 0/);
    const unknown = { machineType: "z9-standard-2" };
    assert.throws(
      () => costOf({ serving: "Vertex AI endpoint", perSecond: 1 }, 1, unknown),
      /no machine z9-standard-2/,
    );
  });

  it("knows where each price was read, and when", () => {
    for (const [name, { dollars, per, source, read }] of Object.entries(prices)) {
      assert.ok(dollars > 0 && per.length > 0 && source.includes("cloud.google.com/"), name);
      assert.match(read, /^(\d{4}-\d\d-\d\d|an undated copy)$/);
    }
  });
});

describe("measure", () => {
  it("takes the time of every call, counts what failed, and lets callers work side by side", async () => {
    let now = 0;
    let under = 0;
    let most = 0;
    const measured = await measure(
      "it",
      async (index) => {
        under += 1;
        most = Math.max(most, under);
        await Promise.resolve();
        under -= 1;
        now += 10;
        if (index === 3) throw new Error("no");
      },
      { calls: 20, callers: 4, now: () => now },
    );
    assert.equal(most, 4);
    assert.deepEqual([measured.calls, measured.failed, measured.latencies.length], [20, 1, 19]);
    assert.equal(measured.perSecond, 19 / 0.2);
    assert.ok(measured.p50 >= 10 && measured.p99 >= measured.p50);
  });

  it("has no percentile of nothing", async () => {
    const measured = await measure("it", () => Promise.reject(new Error("no")), { calls: 2 });
    assert.deepEqual([measured.failed, measured.p50, measured.perSecond], [2, Number.NaN, 0]);
  });
});
