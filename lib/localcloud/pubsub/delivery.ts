/**
 * Delivery of one subscription's messages: leases, redelivery, retry back-off, ordering, delivery attempts, exactly-once.
 * Pure state: time comes in by parameters, nothing goes out but return values; no wire, no store.
 *
 * A message is known by its sequence, a number that rises with each publish. It is, at any time, one of
 * fresh (never delivered; in `#fresh`, without an entry), ready, leased (delivered, deadline running),
 * waiting (back-off running), held (ordering: an earlier one of its key comes first) or exhausted (on its way to the dead-letter topic).
 * Rules: docs.cloud.google.com/pubsub/docs/{lease-management,handling-failures,ordering,exactly-once-delivery}.
 */

import { Backlog } from "./backlog.js";
import { Deadlines } from "./deadlines.js";
import { Heap } from "./heap.js";

export interface DeliveryRules {
  readonly ordered: boolean;
  /** Push: one message of a key at a time. Otherwise one subscriber may have several, in order. */
  readonly onePerKey: boolean;
  readonly exactlyOnce: boolean;
  /** Undefined: at once. */
  readonly retry: { readonly minimumMs: number; readonly maximumMs: number } | undefined;
  /** Undefined: no dead-letter policy. */
  readonly maxDeliveryAttempts: number | undefined;
}

/** Whoever takes messages; how much it has is kept here, for its flow control. */
export interface Consumer {
  outstandingMessages: number;
  outstandingBytes: number;
}

/** A message as handed to a consumer. */
export interface Leased {
  readonly sequence: number;
  /** Number of this delivery, unique within the subscription: half of the ack ID. */
  readonly lease: number;
  /** 1 for the first. */
  readonly attempt: number;
  readonly deadlineMs: number;
}

/** What is kept of a message that has been delivered. */
export interface DeliveryRecord {
  readonly attempts: number;
  readonly lease: number;
  /** Of a lease that runs; 0 for none. */
  readonly deadlineMs: number;
}

export type AckOutcome =
  | "acknowledged"
  /** Not in the subscription any more: acknowledging twice is no error. */
  | "gone"
  /** The lease is over (exactly-once), or was given back: without effect. */
  | "stale"
  /** Exactly-once with ordering: an earlier message of the key is not acknowledged yet. */
  | "unordered";

export type ModifyOutcome = "extended" | "released" | "gone" | "stale";

interface Entry {
  readonly sequence: number;
  readonly key: string;
  state: "ready" | "held" | "leased" | "waiting" | "exhausted";
  attempts: number;
  /** Of the last delivery. */
  lease: number;
  /** Leases up to this one have been given back: an ack of theirs has no effect. */
  deadLease: number;
  dueMs: number;
  consumer: Consumer | undefined;
  bytes: number;
}

/** What an ordering key has on its way. */
interface KeyState {
  /** Delivered and running, in order. */
  readonly leased: Set<Entry>;
  /** Waiting or exhausted: everything behind stands still. */
  blocking: number;
  consumer: Consumer | undefined;
  readonly held: Entry[];
}

export class Delivery {
  #rules: DeliveryRules;
  readonly #nextLease: () => number;
  readonly #fresh = new Backlog();
  /** Removed while in `#fresh`. */
  readonly #removed = new Set<number>();
  /** Ordering keys of fresh messages that have one. */
  readonly #freshKeys = new Map<number, string>();
  readonly #entries = new Map<number, Entry>();
  readonly #ready = new Heap<Entry>((a, b) => a.sequence - b.sequence);
  readonly #deadlines = new Deadlines<Entry>();
  readonly #keys = new Map<string, KeyState>();
  #exhausted: number[] = [];
  #failed: number[] = [];

  /** @param nextLease rising numbers, never the same twice in a subscription's life. */
  constructor(rules: DeliveryRules, nextLease: () => number) {
    this.#rules = rules;
    this.#nextLease = nextLease;
  }

  get rules(): DeliveryRules {
    return this.#rules;
  }

  set rules(rules: DeliveryRules) {
    this.#rules = rules;
  }

  /** Messages not acknowledged yet. */
  get size(): number {
    return this.#fresh.size - this.#removed.size + this.#entries.size;
  }

  has(sequence: number): boolean {
    return this.#entries.has(sequence) || this.#isFresh(sequence);
  }

  /** Rising within each of its two parts. */
  *sequences(): IterableIterator<number> {
    for (const sequence of this.#fresh) if (!this.#removed.has(sequence)) yield sequence;
    yield* this.#entries.keys();
  }

  /** Adds a new message. */
  enqueue(sequence: number, orderingKey: string): void {
    const key = this.#rules.ordered ? orderingKey : "";
    const { last } = this.#fresh;
    if (last === undefined || sequence > last) {
      this.#fresh.push(sequence);
      if (key !== "") this.#freshKeys.set(sequence, key);
      return;
    }
    this.#ready.push(this.#addEntry(sequence, key));
  }

  /** Adds a message that has been delivered before, in an earlier life of the process. */
  restore(sequence: number, orderingKey: string, record: DeliveryRecord): void {
    const entry = this.#addEntry(sequence, this.#rules.ordered ? orderingKey : "");
    entry.attempts = record.attempts;
    entry.lease = record.lease;
    if (record.deadlineMs === 0) {
      this.#ready.push(entry);
      return;
    }
    entry.state = "leased";
    if (entry.key !== "") this.#keyState(entry.key).leased.add(entry);
    this.#deadlines.set(entry, record.deadlineMs);
  }

  /**
   * Leases the oldest message that this consumer may have now.
   * @param bytesOf its size; undefined when the consumer has no room for it.
   */
  take(
    consumer: Consumer,
    nowMs: number,
    leaseMs: number,
    bytesOf: (sequence: number) => number | undefined,
  ): Leased | undefined {
    this.advance(nowMs);
    for (;;) {
      const next = this.#next();
      if (next === undefined) return undefined;
      const [sequence, entry] = next;
      const key = entry?.key ?? this.#freshKeys.get(sequence) ?? "";
      if (key !== "" && this.#mustHold(key, consumer)) {
        const held = this.#pop(sequence, entry, key);
        held.state = "held";
        this.#keyState(key).held.push(held);
        continue;
      }
      const bytes = bytesOf(sequence);
      if (bytes === undefined) return undefined;
      return this.#lease(this.#pop(sequence, entry, key), consumer, nowMs + leaseMs, bytes);
    }
  }

  acknowledge(sequence: number, lease: number): AckOutcome {
    const entry = this.#entries.get(sequence);
    if (!entry) {
      if (!this.#isFresh(sequence)) return "gone";
      // Delivered by an earlier life of the process, which has been forgotten: a late ack.
      if (this.#rules.exactlyOnce) return "stale";
      this.remove(sequence);
      return "acknowledged";
    }
    if (entry.state === "exhausted") return "stale";
    if (entry.state === "leased" && entry.lease === lease) {
      if (this.#rules.exactlyOnce && this.#hasEarlier(entry)) return "unordered";
      this.remove(sequence);
      return "acknowledged";
    }
    // A late ack: taken while nobody has said that the delivery failed.
    if (this.#rules.exactlyOnce || lease <= entry.deadLease || lease > Math.max(entry.lease, 0)) return "stale";
    this.remove(sequence);
    return "acknowledged";
  }

  /** @param milliseconds 0 gives the message back: redelivered, and the ack ID is dead. */
  modify(sequence: number, lease: number, nowMs: number, milliseconds: number): ModifyOutcome {
    const entry = this.#entries.get(sequence);
    if (!entry) return this.#isFresh(sequence) ? "stale" : "gone";
    if (entry.state !== "leased" || entry.lease !== lease) return "stale";
    if (milliseconds === 0) {
      this.#fail(entry, nowMs, true);
      return "released";
    }
    this.#deadlines.set(entry, nowMs + milliseconds);
    return "extended";
  }

  /** Deliveries so far. */
  attemptsOf(sequence: number): number {
    return this.#entries.get(sequence)?.attempts ?? 0;
  }

  /** Takes a message out, whatever its state: acknowledged, dead-lettered, expired. */
  remove(sequence: number): void {
    const entry = this.#entries.get(sequence);
    if (!entry) {
      if (this.#isFresh(sequence)) this.#removed.add(sequence);
      return;
    }
    this.#entries.delete(sequence);
    const blocked = entry.state === "waiting" || entry.state === "exhausted";
    this.#endLease(entry);
    this.#deadlines.cancel(entry);
    const state = this.#keys.get(entry.key);
    if (!state) return;
    if (blocked) state.blocking -= 1;
    this.#unblock(entry.key, state);
  }

  /** An exhausted message whose dead-letter topic would not have it: delivered on, as without the policy. */
  revive(sequence: number): void {
    const entry = this.#entries.get(sequence);
    if (entry?.state !== "exhausted") return;
    const state = this.#keys.get(entry.key);
    if (state) state.blocking -= 1;
    this.#makeReady(entry);
  }

  /** Lets leases expire and waits end. */
  advance(nowMs: number): void {
    const due = this.#deadlines.takeDue(nowMs);
    // The first of a key calls back the others, which then have not failed themselves.
    if (this.#rules.ordered) due.sort((a, b) => a.sequence - b.sequence);
    for (const entry of due) {
      if (entry.state === "leased") {
        this.#fail(entry, nowMs, false);
      } else if (entry.state === "waiting") {
        const state = this.#keys.get(entry.key);
        if (state) state.blocking -= 1;
        this.#makeReady(entry);
      }
    }
  }

  /** When to call `advance` next; undefined for never. */
  get nextDueMs(): number | undefined {
    return this.#deadlines.nextMs;
  }

  /** Is there anything that some consumer might take? */
  get hasReady(): boolean {
    return this.#ready.size > 0 || this.#fresh.size > 0;
  }

  /** Messages that have used up their attempts, once. The caller moves and removes them, or revives them. */
  takeExhausted(): number[] {
    const taken = this.#exhausted;
    this.#exhausted = [];
    return taken;
  }

  /** Messages whose delivery has failed since the last call, with what is to be kept of them. */
  takeFailed(): { readonly sequence: number; readonly record: DeliveryRecord }[] {
    const taken = this.#failed;
    this.#failed = [];
    return taken.flatMap((sequence) => {
      const entry = this.#entries.get(sequence);
      if (!entry || entry.state === "leased") return [];
      return [{ sequence, record: { attempts: entry.attempts, lease: entry.lease, deadlineMs: 0 } }];
    });
  }

  /** Takes out every message up to a sequence, whatever its state. */
  expire(through: number): number[] {
    const expired: number[] = [];
    for (const sequence of this.#fresh) {
      if (sequence > through) break;
      if (!this.#removed.has(sequence)) expired.push(sequence);
    }
    for (const sequence of this.#entries.keys()) if (sequence <= through) expired.push(sequence);
    for (const sequence of expired) this.remove(sequence);
    return expired;
  }

  /** Forgets every message. */
  clear(): void {
    for (const entry of this.#entries.values()) this.#endLease(entry);
    this.#entries.clear();
    this.#fresh.clear();
    this.#removed.clear();
    this.#freshKeys.clear();
    this.#ready.clear();
    this.#deadlines.clear();
    this.#keys.clear();
    this.#exhausted = [];
    this.#failed = [];
  }

  #isFresh(sequence: number): boolean {
    return this.#fresh.has(sequence) && !this.#removed.has(sequence);
  }

  #addEntry(sequence: number, key: string): Entry {
    const entry: Entry = {
      sequence,
      key,
      state: "ready",
      attempts: 0,
      lease: 0,
      deadLease: 0,
      dueMs: 0,
      consumer: undefined,
      bytes: 0,
    };
    this.#entries.set(sequence, entry);
    return entry;
  }

  /** The oldest that is not held back; stays where it is. */
  #next(): readonly [sequence: number, entry: Entry | undefined] | undefined {
    for (;;) {
      const top = this.#ready.peek();
      if (!top || (top.state === "ready" && this.#entries.get(top.sequence) === top)) break;
      this.#ready.pop();
    }
    for (;;) {
      const first = this.#fresh.first;
      if (first === undefined || !this.#removed.delete(first)) break;
      this.#fresh.shift();
      this.#freshKeys.delete(first);
    }
    const ready = this.#ready.peek();
    const fresh = this.#fresh.first;
    if (ready && (fresh === undefined || ready.sequence < fresh)) return [ready.sequence, ready];
    return fresh === undefined ? undefined : [fresh, undefined];
  }

  #pop(sequence: number, entry: Entry | undefined, key: string): Entry {
    if (entry) {
      this.#ready.pop();
      return entry;
    }
    this.#fresh.shift();
    if (key !== "") this.#freshKeys.delete(sequence);
    return this.#addEntry(sequence, key);
  }

  #lease(entry: Entry, consumer: Consumer, deadlineMs: number, bytes: number): Leased {
    entry.state = "leased";
    entry.attempts += 1;
    entry.lease = this.#nextLease();
    entry.consumer = consumer;
    entry.bytes = bytes;
    consumer.outstandingMessages += 1;
    consumer.outstandingBytes += bytes;
    this.#deadlines.set(entry, deadlineMs);
    if (entry.key !== "") {
      const state = this.#keyState(entry.key);
      state.leased.add(entry);
      state.consumer = consumer;
    }
    return { sequence: entry.sequence, lease: entry.lease, attempt: entry.attempts, deadlineMs };
  }

  #endLease(entry: Entry): void {
    if (entry.state !== "leased") return;
    const { consumer } = entry;
    if (consumer) {
      consumer.outstandingMessages -= 1;
      consumer.outstandingBytes -= entry.bytes;
    }
    entry.consumer = undefined;
    this.#deadlines.cancel(entry);
    this.#keys.get(entry.key)?.leased.delete(entry);
  }

  #fail(entry: Entry, nowMs: number, givenBack: boolean): void {
    this.#endLease(entry);
    if (givenBack || entry.key !== "") entry.deadLease = entry.lease;
    this.#failed.push(entry.sequence);
    const { maxDeliveryAttempts, retry } = this.#rules;
    const state = this.#keys.get(entry.key);
    if (maxDeliveryAttempts !== undefined && entry.attempts >= maxDeliveryAttempts) {
      entry.state = "exhausted";
      this.#exhausted.push(entry.sequence);
      if (state) state.blocking += 1;
    } else if (retry && retry.minimumMs > 0) {
      entry.state = "waiting";
      this.#deadlines.set(
        entry,
        nowMs + Math.min(retry.maximumMs, retry.minimumMs * 2 ** Math.min(entry.attempts - 1, 30)),
      );
      if (state) state.blocking += 1;
    } else {
      this.#makeReady(entry);
    }
    if (state) this.#recall(entry, state);
  }

  /** Everything of the key behind a failed message is delivered again, after it, and no failure of its own is counted. */
  #recall(failed: Entry, state: KeyState): void {
    for (const later of [...state.leased]) {
      if (later.sequence < failed.sequence) continue;
      this.#endLease(later);
      later.deadLease = later.lease;
      later.attempts -= 1;
      later.state = "held";
      state.held.push(later);
    }
    this.#unblock(failed.key, state);
  }

  #makeReady(entry: Entry): void {
    const state = this.#keys.get(entry.key);
    if (!state) {
      entry.state = "ready";
      this.#ready.push(entry);
      return;
    }
    entry.state = "held";
    state.held.push(entry);
    this.#unblock(entry.key, state);
  }

  #keyState(key: string): KeyState {
    let state = this.#keys.get(key);
    if (!state) {
      state = { leased: new Set(), blocking: 0, consumer: undefined, held: [] };
      this.#keys.set(key, state);
    }
    return state;
  }

  #mustHold(key: string, consumer: Consumer): boolean {
    const state = this.#keys.get(key);
    if (!state) return false;
    if (state.held.length > 0 || state.blocking > 0) return true;
    return state.leased.size > 0 && (this.#rules.onePerKey || state.consumer !== consumer);
  }

  /** When nothing of the key is on its way, what was held back is ready. */
  #unblock(key: string, state: KeyState): void {
    if (state.leased.size > 0 || state.blocking > 0) return;
    this.#keys.delete(key);
    for (const entry of state.held) {
      if (this.#entries.get(entry.sequence) !== entry) continue;
      entry.state = "ready";
      this.#ready.push(entry);
    }
  }

  #hasEarlier(entry: Entry): boolean {
    if (entry.key === "") return false;
    for (const other of this.#keys.get(entry.key)?.leased ?? []) if (other.sequence < entry.sequence) return true;
    return false;
  }
}
