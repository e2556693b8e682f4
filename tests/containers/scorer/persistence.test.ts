import assert from "node:assert/strict";
import { ActivateError } from "activate/cloud/errors.js";
import { persist } from "activate/containers/scorer/persistence.js";
import { ManualClock } from "activate/localcloud/platform/clock.js";

const busy = (): ActivateError => new ActivateError("UNAVAILABLE", "busy", "UNAVAILABLE");

/** Persists through the outcomes of successive attempts; `undefined` is one that never answers. */
function persisting(outcomes: readonly (Error | string | undefined)[], { deadlineMs = 10_000, random = 1 } = {}) {
  const clock = new ManualClock(0);
  const attempts: { readonly atMs: number; readonly leftMs: number }[] = [];
  const pauses: number[] = [];
  let end: string | undefined;
  persist(
    { clock, random: () => random, failed: (_, pauseMs) => pauses.push(pauseMs) },
    deadlineMs,
    async (leftMs): Promise<string> => {
      const outcome = outcomes[attempts.length];
      attempts.push({ atMs: clock.now(), leftMs });
      if (outcome instanceof Error) throw outcome;
      return outcome ?? new Promise<string>(() => undefined);
    },
  ).then(
    (answer) => {
      end = answer;
    },
    (thrown: unknown) => {
      end = thrown instanceof ActivateError ? `${thrown.status ?? thrown.code}: ${thrown.message}` : String(thrown);
    },
  );
  return {
    advance: async (ms: number): Promise<void> => {
      // What an attempt answered at once is taken note of before time goes on.
      await new Promise((resolve) => setImmediate(resolve));
      await clock.advance(ms);
    },
    attempts,
    pauses,
    end: () => end,
  };
}

describe("a call that is worth repeating", () => {
  it("is repeated after pauses that double, until it succeeds", async () => {
    const { advance, attempts, pauses, end } = persisting([busy(), busy(), busy(), "done"]);
    await advance(5_000);
    assert.equal(end(), "done");
    assert.deepEqual(pauses, [100, 200, 400]);
    assert.deepEqual(
      attempts.map(({ atMs }) => atMs),
      [0, 100, 300, 700],
    );
  });

  it("waits by chance less than that, and a second at most", async () => {
    const half = persisting([busy(), "done"], { random: 0.5 });
    await half.advance(60);
    assert.deepEqual(half.pauses, [50]);
    const long = persisting([...Array.from({ length: 8 }, busy), "done"], { deadlineMs: 60_000 });
    await long.advance(60_000);
    assert.deepEqual(long.pauses, [100, 200, 400, 800, 1_000, 1_000, 1_000, 1_000]);
    assert.equal(long.end(), "done");
  });

  it("fails with the service's words when the next attempt would come too late", async () => {
    const { advance, attempts, end } = persisting(Array.from({ length: 9 }, busy), { deadlineMs: 250 });
    await advance(10_000);
    assert.equal(end(), "UNAVAILABLE: busy");
    assert.equal(attempts.length, 2);
  });

  it("is told how long it has", async () => {
    const { advance, attempts } = persisting([busy(), "done"], { deadlineMs: 1_000 });
    await advance(1_000);
    assert.deepEqual(
      attempts.map(({ leftMs }) => leftMs),
      [1_000, 900],
    );
  });

  it("is not waited for beyond the deadline", async () => {
    const { advance, end } = persisting([undefined], { deadlineMs: 1_000 });
    await advance(999);
    assert.equal(end(), undefined);
    await advance(1);
    assert.equal(end(), "DEADLINE_EXCEEDED: No answer came before the push's deadline.");
  });

  for (const status of ["INVALID_ARGUMENT", "NOT_FOUND", "PERMISSION_DENIED"]) {
    it(`is not repeated after ${status}`, async () => {
      const { advance, attempts, end } = persisting([new ActivateError("REFUSED", "no", status), "done"]);
      await advance(1_000);
      assert.equal(end(), `${status}: no`);
      assert.equal(attempts.length, 1);
    });
  }
});
