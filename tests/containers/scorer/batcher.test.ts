import assert from "node:assert/strict";
import { type BatchBounds, Batcher, type Settled } from "activate/containers/scorer/batcher.js";
import { ManualClock } from "activate/localcloud/platform/clock.js";

const BOUNDS: BatchBounds = { itemsMax: 4, bytesMax: 100, waitMs: 20, flightsMax: 1 };

interface Flight {
  readonly items: readonly string[];
  land(answers?: readonly Settled<string>[]): Promise<void>;
  fail(reason: Error): Promise<void>;
}

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

/** A batcher whose batches land when the test says so. */
function batcher(bounds: Partial<BatchBounds> = {}) {
  const clock = new ManualClock();
  const flights: Flight[] = [];
  const batches = new Batcher<string, string>({ ...BOUNDS, ...bounds }, clock, (items) => {
    return new Promise((resolve, reject) => {
      flights.push({
        items,
        land: (answers = items.map((item) => ({ answer: item.toUpperCase() }))) => {
          resolve(answers);
          return turn();
        },
        fail: (reason) => {
          reject(reason);
          return turn();
        },
      });
    });
  });
  const settled: string[] = [];
  const add = (text: string, bytes = 1): void => {
    for (const item of text) {
      batches.add(item, bytes).then(
        (answer) => settled.push(answer),
        (reason: unknown) => settled.push(`${item}: ${reason instanceof Error ? reason.message : reason}`),
      );
    }
  };
  return { batches, clock, flights, settled, add, sent: () => flights.map(({ items }) => items.join("")) };
}

describe("what comes together shares a request", () => {
  it("that goes so long after its first item, not after its last", async () => {
    const { clock, add, sent } = batcher();
    add("a");
    await clock.advance(19);
    add("b");
    assert.deepEqual(sent(), []);
    await clock.advance(1);
    assert.deepEqual(sent(), ["ab"]);
  });

  it("that goes at once when it is full, by items or by bytes", async () => {
    const { add, sent } = batcher({ flightsMax: 9 });
    add("abcd");
    assert.deepEqual(sent(), ["abcd"]);
    add("ef", 60);
    assert.deepEqual(sent(), ["abcd", "e"]);
  });

  it("an item beyond the bytes of a request goes all the same, alone", async () => {
    const { clock, add, sent } = batcher();
    add("a", 1_000);
    await clock.advance(20);
    assert.deepEqual(sent(), ["a"]);
  });

  it("that waits while enough are under way, and then goes with all that came meanwhile", async () => {
    const { clock, flights, add, sent } = batcher();
    add("a");
    await clock.advance(20);
    add("bc");
    await clock.advance(500);
    assert.deepEqual(sent(), ["a"]);
    await flights[0]?.land();
    assert.deepEqual(sent(), ["a", "bc"]);
  });

  it("of which one that landed does not hurry the next: what it answers may bring companions", async () => {
    const { clock, flights, add, sent } = batcher();
    add("a");
    await clock.advance(20);
    await clock.advance(25);
    add("b");
    await flights[0]?.land();
    add("c");
    await clock.advance(19);
    assert.deepEqual(sent(), ["a"]);
    await clock.advance(1);
    assert.deepEqual(sent(), ["a", "bc"]);
  });

  it("that goes for each item where none shall wait", async () => {
    const { add, sent } = batcher({ waitMs: 0, itemsMax: 1, flightsMax: 80 });
    add("abc");
    assert.deepEqual(sent(), ["a", "b", "c"]);
  });

  it("that goes now when the container is to end", async () => {
    const { batches, clock, add, sent } = batcher();
    add("ab");
    batches.flush();
    assert.deepEqual(sent(), ["ab"]);
    await clock.advance(100);
    assert.deepEqual(sent(), ["ab"], "once only");
  });

  it("in which each has its own answer or failure, by its place", async () => {
    const { batches, flights, settled, add } = batcher();
    add("abc");
    batches.flush();
    await flights[0]?.land([{ answer: "A" }, { failure: new Error("refused") }]);
    assert.deepEqual(settled, ["A", "b: refused", "c: The batch was answered without this item."]);
  });

  it("that fails for all its items, and for no others", async () => {
    const { batches, flights, settled, add } = batcher({ flightsMax: 2 });
    add("ab");
    batches.flush();
    add("c");
    batches.flush();
    await flights[0]?.fail(new Error("away"));
    await flights[1]?.land();
    assert.deepEqual(settled, ["a: away", "b: away", "C"]);
  });
});
