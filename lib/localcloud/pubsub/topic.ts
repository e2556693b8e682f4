import { Backlog } from "./backlog.js";
import type { SnapshotRecord, TopicRecord } from "./records.js";
import type { SubscriptionState } from "./subscription.js";

/** One topic while the cloud runs, and who refers to its messages. */
export class TopicState {
  record: TopicRecord;
  /** Its subscriptions outlive it. */
  deleted = false;
  readonly subscriptions = new Set<SubscriptionState>();
  /** By number. */
  readonly snapshots = new Map<number, SnapshotRecord>();
  /** How many subscriptions, snapshots and retentions still need each kept message. */
  readonly references = new Map<number, number>();
  /** Kept by the topic's own retention, in order. */
  readonly retained = new Backlog();

  constructor(record: TopicRecord) {
    this.record = record;
  }

  get name(): string {
    return this.record.resource.name ?? "";
  }

  refer(sequence: number): void {
    const references = this.references.get(sequence);
    if (references !== undefined) this.references.set(sequence, references + 1);
  }

  /** @returns whether nobody needs it any more. */
  unrefer(sequence: number): boolean {
    const references = this.references.get(sequence);
    if (references === undefined) return false;
    if (references > 1) {
      this.references.set(sequence, references - 1);
      return false;
    }
    this.references.delete(sequence);
    return true;
  }

  /** Takes out what its retention keeps, up to a sequence. */
  *takeRetained(through: number): IterableIterator<number> {
    for (;;) {
      const { first } = this.retained;
      if (first === undefined || first > through) return;
      this.retained.shift();
      yield first;
    }
  }
}
