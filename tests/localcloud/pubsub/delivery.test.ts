import assert from "node:assert/strict";
import { type Consumer, Delivery, type DeliveryRules } from "activate/localcloud/pubsub/delivery.js";
import fc from "fast-check";

const SEED = 20261124;
const LEASE_MS = 10_000;

/** A message as the rules describe it, with nothing optimised: what the state under test must agree with. */
interface ModelMessage {
  readonly sequence: number;
  readonly key: string;
  attempts: number;
  state: "ready" | "leased" | "waiting" | "exhausted";
  dueMs: number;
  lease: number;
  readonly dead: Set<number>;
  consumer: number;
}

type Step =
  | { readonly kind: "publish"; readonly key: string }
  | { readonly kind: "take"; readonly consumer: number }
  | { readonly kind: "ack" | "nack" | "extend"; readonly pick: number }
  | { readonly kind: "wait"; readonly ms: number };

const steps = fc.array(
  fc.oneof(
    { weight: 3, arbitrary: fc.record({ kind: fc.constant("publish" as const), key: fc.constantFrom("", "a", "b") }) },
    { weight: 4, arbitrary: fc.record({ kind: fc.constant("take" as const), consumer: fc.nat(2) }) },
    {
      weight: 4,
      arbitrary: fc.record({
        kind: fc.constantFrom("ack" as const, "nack" as const, "extend" as const),
        pick: fc.nat(1000),
      }),
    },
    {
      weight: 2,
      arbitrary: fc.record({ kind: fc.constant("wait" as const), ms: fc.integer({ min: 1, max: 12_000 }) }),
    },
  ),
  { minLength: 20, maxLength: 120 },
) as fc.Arbitrary<Step[]>;

const unordered: fc.Arbitrary<DeliveryRules> = fc.record({
  ordered: fc.constant(false),
  onePerKey: fc.constant(false),
  exactlyOnce: fc.boolean(),
  retry: fc.option(fc.constant({ minimumMs: 1_000, maximumMs: 8_000 }), { nil: undefined }),
  maxDeliveryAttempts: fc.option(fc.constant(5), { nil: undefined }),
});

/** Runs the same steps on the state and on the model. */
class Pair {
  readonly consumers: Consumer[] = [0, 1, 2].map(() => ({ outstandingMessages: 0, outstandingBytes: 0 }));
  readonly messages = new Map<number, ModelMessage>();
  readonly given: { readonly sequence: number; readonly lease: number }[] = [];
  readonly delivery: Delivery;
  readonly rules: DeliveryRules;
  exhausted: number[] = [];
  nowMs = 1_000_000;
  #sequence = 0;
  #lease = 0;

  constructor(rules: DeliveryRules) {
    this.rules = rules;
    this.delivery = new Delivery(rules, () => {
      this.#lease += 1;
      return this.#lease;
    });
  }

  run(step: Step): void {
    switch (step.kind) {
      case "publish":
        this.#publish(step.key);
        break;
      case "wait":
        this.nowMs += step.ms;
        this.delivery.advance(this.nowMs);
        this.#expire();
        break;
      case "take":
        this.#take(step.consumer);
        break;
      default:
        this.#settle(step.kind, step.pick);
    }
    this.#check();
  }

  #publish(key: string): void {
    this.#sequence += 1;
    const sequence = this.#sequence;
    this.delivery.enqueue(sequence, key);
    this.messages.set(sequence, {
      sequence,
      key,
      attempts: 0,
      state: "ready",
      dueMs: 0,
      lease: 0,
      dead: new Set(),
      consumer: -1,
    });
  }

  #take(index: number): void {
    const consumer = this.consumers[index];
    assert.ok(consumer);
    const expected = [...this.messages.values()].filter(({ state }) => state === "ready")[0];
    const taken = this.delivery.take(consumer, this.nowMs, LEASE_MS, () => 7);
    assert.equal(taken?.sequence, expected?.sequence, "the oldest that is ready");
    if (!taken || !expected) return;
    expected.attempts += 1;
    expected.state = "leased";
    expected.lease = taken.lease;
    expected.dueMs = this.nowMs + LEASE_MS;
    expected.consumer = index;
    assert.equal(taken.attempt, expected.attempts);
    this.given.push(taken);
  }

  #settle(kind: "ack" | "nack" | "extend", pick: number): void {
    if (this.given.length === 0) return;
    const { sequence, lease } = this.given[pick % this.given.length] ?? { sequence: 0, lease: 0 };
    const message = this.messages.get(sequence);
    const isCurrent = message?.state === "leased" && message.lease === lease;
    if (kind === "ack") {
      const outcome = this.delivery.acknowledge(sequence, lease);
      const taken =
        message !== undefined &&
        message.state !== "exhausted" &&
        (isCurrent || (!this.rules.exactlyOnce && ![...message.dead].some((dead) => dead >= lease)));
      assert.equal(outcome, message === undefined ? "gone" : taken ? "acknowledged" : "stale");
      if (taken) this.messages.delete(sequence);
      return;
    }
    const outcome = this.delivery.modify(sequence, lease, this.nowMs, kind === "nack" ? 0 : LEASE_MS);
    if (!message) assert.equal(outcome, "gone");
    else if (!isCurrent) assert.equal(outcome, "stale");
    else if (kind === "extend") {
      assert.equal(outcome, "extended");
      message.dueMs = this.nowMs + LEASE_MS;
    } else {
      assert.equal(outcome, "released");
      message.dead.add(lease);
      this.#fail(message);
    }
  }

  #expire(): void {
    for (const message of this.messages.values()) {
      if (message.state === "leased" && message.dueMs <= this.nowMs) this.#fail(message);
      else if (message.state === "waiting" && message.dueMs <= this.nowMs) message.state = "ready";
    }
  }

  #fail(message: ModelMessage): void {
    const { maxDeliveryAttempts, retry } = this.rules;
    message.consumer = -1;
    if (maxDeliveryAttempts !== undefined && message.attempts >= maxDeliveryAttempts) {
      message.state = "exhausted";
      this.exhausted.push(message.sequence);
    } else if (retry) {
      message.state = "waiting";
      message.dueMs = this.nowMs + Math.min(retry.maximumMs, retry.minimumMs * 2 ** (message.attempts - 1));
    } else {
      message.state = "ready";
    }
  }

  #check(): void {
    assert.deepEqual(this.delivery.takeExhausted().sort(numerically), this.exhausted.sort(numerically));
    this.exhausted = [];
    assert.deepEqual([...this.delivery.sequences()].sort(numerically), [...this.messages.keys()]);
    assert.equal(this.delivery.size, this.messages.size);
    for (const [index, consumer] of this.consumers.entries()) {
      const held = [...this.messages.values()].filter((one) => one.state === "leased" && one.consumer === index).length;
      assert.equal(consumer.outstandingMessages, held, "outstanding messages of a consumer");
      assert.equal(consumer.outstandingBytes, 7 * held);
    }
    const due = [...this.messages.values()].filter(({ state }) => state === "leased" || state === "waiting");
    const next = this.delivery.nextDueMs;
    if (due.length === 0) return;
    assert.ok(next !== undefined && next <= Math.min(...due.map(({ dueMs }) => dueMs)) + 20, "wakes in time");
  }
}

function numerically(a: number, b: number): number {
  return a - b;
}

describe("delivery of a subscription", () => {
  it("agrees with a plain model under random publish, take, ack, nack, extend and time", () => {
    fc.assert(
      fc.property(unordered, steps, (rules, story) => {
        const pair = new Pair(rules);
        for (const step of story) pair.run(step);
      }),
      { seed: SEED, numRuns: 400 },
    );
  });

  it("delivers each ordering key in order, to one consumer at a time, whatever fails", () => {
    const ordered = fc.record({
      ordered: fc.constant(true),
      onePerKey: fc.boolean(),
      exactlyOnce: fc.boolean(),
      retry: fc.option(fc.constant({ minimumMs: 500, maximumMs: 2_000 }), { nil: undefined }),
      maxDeliveryAttempts: fc.constant(undefined),
    });
    fc.assert(
      fc.property(ordered, steps, (rules, story) => runOrdered(rules, story)),
      { seed: SEED, numRuns: 400 },
    );
  });

  it("gives a message back at once without a retry policy, and never by a dead ack ID again", () => {
    const { delivery, consumer } = fresh({});
    delivery.enqueue(1, "");
    const first = delivery.take(consumer, 0, LEASE_MS, () => 1);
    assert.ok(first);
    assert.equal(delivery.modify(1, first.lease, 5, 0), "released");
    // The trap of contracts 4.4: the receipt's deadline change arrives with the nack.
    assert.equal(delivery.modify(1, first.lease, 5, LEASE_MS), "stale");
    assert.equal(delivery.acknowledge(1, first.lease), "stale");
    assert.equal(delivery.take(consumer, 5, LEASE_MS, () => 1)?.attempt, 2);
  });

  it("keeps what is left of a key in order after a nack, and forgets the leases behind it", () => {
    const { delivery, consumer } = fresh({ ordered: true });
    for (const sequence of [1, 2, 3]) delivery.enqueue(sequence, "k");
    const leases = [1, 2, 3].map(() => delivery.take(consumer, 0, LEASE_MS, () => 1));
    delivery.modify(2, leases[1]?.lease ?? 0, 1, 0);
    assert.equal(delivery.acknowledge(3, leases[2]?.lease ?? 0), "stale");
    assert.equal(
      delivery.take(consumer, 1, LEASE_MS, () => 1),
      undefined,
    );
    assert.equal(delivery.acknowledge(1, leases[0]?.lease ?? 0), "acknowledged");
    assert.deepEqual(
      [1, 2].map(() => delivery.take(consumer, 2, LEASE_MS, () => 1)).map((one) => [one?.sequence, one?.attempt]),
      [
        [2, 2],
        [3, 1],
      ],
    );
  });

  it("goes on with its leases and attempts after a restart", () => {
    const { delivery, consumer } = fresh({ exactlyOnce: true, maxDeliveryAttempts: 5 });
    delivery.restore(1, "", { attempts: 4, lease: 77, deadlineMs: 5_000 });
    assert.equal(
      delivery.take(consumer, 0, LEASE_MS, () => 1),
      undefined,
    );
    assert.equal(delivery.modify(1, 77, 0, 9_000), "extended");
    assert.equal(
      delivery.take(consumer, 5_001, LEASE_MS, () => 1),
      undefined,
    );
    assert.equal(delivery.take(consumer, 9_001, LEASE_MS, () => 1)?.attempt, 5);
  });
});

function fresh(rules: Partial<DeliveryRules>): { delivery: Delivery; consumer: Consumer } {
  let lease = 0;
  const all: DeliveryRules = {
    ordered: false,
    onePerKey: false,
    exactlyOnce: false,
    retry: undefined,
    maxDeliveryAttempts: undefined,
    ...rules,
  };
  return {
    delivery: new Delivery(all, () => {
      lease += 1;
      return lease;
    }),
    consumer: { outstandingMessages: 0, outstandingBytes: 0 },
  };
}

/** Of each key, what is delivered has behind it only what the same consumer holds. */
function runOrdered(rules: DeliveryRules, story: readonly Step[]): void {
  const { delivery } = fresh(rules);
  const consumers: Consumer[] = [0, 1, 2].map(() => ({ outstandingMessages: 0, outstandingBytes: 0 }));
  const keys = new Map<number, string>();
  const held = new Map<number, { lease: number; dueMs: number; consumer: number }>();
  const given: { sequence: number; lease: number }[] = [];
  let nowMs = 1_000_000;
  let sequence = 0;
  const forget = (key: string, from: number): void => {
    if (key === "") held.delete(from);
    else for (const other of [...held.keys()]) if (keys.get(other) === key && other >= from) held.delete(other);
  };
  const take = (index: number): boolean => {
    const taken = delivery.take(consumers[index] as Consumer, nowMs, LEASE_MS, () => 1);
    if (!taken) return false;
    const key = keys.get(taken.sequence) ?? "";
    assert.ok(!held.has(taken.sequence), "not leased twice");
    for (const [other, otherKey] of keys) {
      if (key === "" || otherKey !== key || other >= taken.sequence) continue;
      assert.equal(held.get(other)?.consumer, index, `message ${other} comes before ${taken.sequence}`);
      assert.ok(!rules.onePerKey, "one message of a key at a time");
    }
    held.set(taken.sequence, { lease: taken.lease, dueMs: nowMs + LEASE_MS, consumer: index });
    given.push(taken);
    return true;
  };
  for (const step of story) {
    if (step.kind === "publish") {
      sequence += 1;
      keys.set(sequence, step.key);
      delivery.enqueue(sequence, step.key);
    } else if (step.kind === "take") {
      take(step.consumer);
    } else if (step.kind === "wait") {
      nowMs += step.ms;
      for (const [other, { dueMs }] of [...held]) if (dueMs <= nowMs) forget(keys.get(other) ?? "", other);
      delivery.advance(nowMs);
    } else if (given.length > 0) {
      const { sequence: picked, lease } = given[step.pick % given.length] ?? { sequence: 0, lease: 0 };
      if (step.kind === "ack") {
        if (delivery.acknowledge(picked, lease) !== "acknowledged") continue;
        keys.delete(picked);
        held.delete(picked);
      } else {
        const outcome = delivery.modify(picked, lease, nowMs, step.kind === "nack" ? 0 : LEASE_MS);
        const current = held.get(picked);
        if (outcome === "released") forget(keys.get(picked) ?? "", picked);
        else if (outcome === "extended" && current) current.dueMs = nowMs + LEASE_MS;
      }
    }
  }
  // Nothing is lost: whoever takes and acknowledges gets everything.
  for (let round = 0; round < 1_000 && keys.size > 0; round += 1) {
    nowMs += LEASE_MS + 1;
    held.clear();
    delivery.advance(nowMs);
    while (take(0)) {
      const { sequence: last, lease } = given.at(-1) ?? { sequence: 0, lease: 0 };
      if (delivery.acknowledge(last, lease) === "acknowledged") keys.delete(last);
      held.delete(last);
    }
  }
  assert.equal(keys.size, 0);
  assert.equal(delivery.size, 0);
}
