import type { Clock } from "../../platform/clock.js";
import { CloudError } from "../../platform/errors.js";
import type { RevisionTemplate } from "../contract/messages.js";
import { imageMissing, notListening, startupProbeFailed } from "../errors.js";
import { IDLE_MS_MAX, IDLE_WITHOUT_TRAFFIC_MS_MAX, QUEUE_MS_MAX } from "../limits.js";
import type { RevisionRecord } from "../store.js";
import { timeoutSeconds } from "../template.js";
import { Instance, type InstanceSurroundings } from "./instance.js";

/** Between two attempts to have an instance of a revision whose last one did not come up. */
const RESTART_PAUSE_MS = 1_000;
const RESTART_PAUSE_MS_MAX = 60_000;

interface Waiting {
  readonly sinceMs: number;
  take(instance: Instance): void;
  refuse(reason: "full" | "unavailable"): void;
}

/** The instances of one revision: as many as its requests need, between its bounds. */
export class RevisionPool {
  readonly revision: RevisionRecord;
  /** Longest time of a request. */
  readonly timeoutMs: number;
  readonly #surroundings: InstanceSurroundings;
  readonly #clock: Clock;
  readonly #template: RevisionTemplate;
  readonly #concurrency: number;
  readonly #instances = new Set<Instance>();
  readonly #waiting: Waiting[] = [];
  readonly #launching = new Set<Instance>();
  #starting = 0;
  #min = 0;
  #hasTraffic = false;
  #stopped = false;
  #failures = 0;
  #restartAtMs = 0;
  #trial: Promise<string | undefined> | undefined;

  constructor(revision: RevisionRecord, surroundings: InstanceSurroundings) {
    this.revision = revision;
    this.#template = revision.template;
    this.timeoutMs = timeoutSeconds(revision.template) * 1000;
    this.#surroundings = surroundings;
    this.#clock = surroundings.clock;
    this.#concurrency = revision.template.maxInstanceRequestConcurrency ?? 1;
  }

  get instances(): number {
    return this.#instances.size;
  }

  /** Requests at instances, and those that wait for one. */
  get load(): { readonly active: number; readonly waiting: number } {
    const active = [...this.#instances].reduce((sum, instance) => sum + instance.active, 0);
    return { active, waiting: this.#waiting.length };
  }

  /** @param min instances that are kept without requests. */
  configure(min: number, hasTraffic: boolean): void {
    this.#min = min;
    this.#hasTraffic = hasTraffic;
    this.#keepMinimum();
  }

  /** Starts a first instance, once for all who ask. @returns undefined once it serves, else why it does not, in Cloud Run's words. */
  tryOut(): Promise<string | undefined> {
    this.#trial ??= this.#tryOut();
    return this.#trial;
  }

  async #tryOut(): Promise<string | undefined> {
    const reason = "DEPLOYMENT_ROLLOUT - Instance started due to traffic shifting between revisions due to deployment.";
    const { revision } = this.revision;
    try {
      const outcome = await this.#add(reason);
      if (outcome.state === "ready") return undefined;
      return outcome.state === "probe failed" ? startupProbeFailed(revision) : notListening(revision, outcome.port);
    } catch (thrown) {
      return imageMissing(revision, CloudError.from(thrown).message);
    }
  }

  /**
   * An instance with room for a request, counted in; `release` gives it back.
   * @returns "full" when all that may be are busy for ten seconds, "unavailable" when none comes up.
   */
  acquire(): Instance | Promise<Instance | "full" | "unavailable"> {
    const instance = this.#withRoom();
    if (instance) {
      instance.active++;
      return instance;
    }
    return new Promise((resolve) => {
      this.#waiting.push({
        sinceMs: this.#clock.now(),
        take: (taken) => {
          taken.active++;
          resolve(taken);
        },
        refuse: resolve,
      });
      this.#scaleUp();
    });
  }

  release(instance: Instance): void {
    instance.active--;
    if (instance.active === 0) instance.idleSinceMs = this.#clock.now();
    this.#serveWaiting();
  }

  /** Called now and then: ends idle instances, turns away who has waited too long, keeps the minimum. */
  tick(): void {
    const now = this.#clock.now();
    while (this.#waiting[0] && now - this.#waiting[0].sinceMs >= QUEUE_MS_MAX) {
      this.#waiting.shift()?.refuse(this.#isFull() ? "full" : "unavailable");
    }
    this.#endIdle(now, this.#hasTraffic ? IDLE_MS_MAX : IDLE_WITHOUT_TRAFFIC_MS_MAX);
    this.#keepMinimum();
    if (this.#waiting.length > 0) this.#scaleUp();
  }

  /** Scales to its minimum at once, as if all idle instances had been idle for long. */
  endIdle(): void {
    this.#endIdle(this.#clock.now(), 0);
  }

  /** Ends all instances; waiting requests are refused. */
  async stop(): Promise<void> {
    this.#stopped = true;
    for (const waiting of this.#waiting.splice(0)) waiting.refuse("unavailable");
    await Promise.all([...this.#instances, ...this.#launching].map((instance) => instance.stop()));
  }

  #withRoom(): Instance | undefined {
    let best: Instance | undefined;
    for (const instance of this.#instances) {
      if (instance.draining || instance.active >= this.#concurrency) continue;
      if (!best || instance.active < best.active) best = instance;
    }
    return best;
  }

  #isFull(): boolean {
    return this.#living() + this.#starting >= this.#max();
  }

  #living(): number {
    let living = 0;
    for (const instance of this.#instances) if (!instance.draining) living++;
    return living;
  }

  #max(): number {
    return this.#template.scaling?.maxInstanceCount ?? 1;
  }

  #scaleUp(): void {
    const wanted = Math.ceil(this.#waiting.length / this.#concurrency);
    const reason =
      "AUTOSCALING - Instance started due to configured scaling factors (e.g. CPU utilization, request throughput, etc.) or no existing capacity for current traffic.";
    this.#addUpTo(wanted, reason);
  }

  #keepMinimum(): void {
    const wanted = this.#min - this.#living();
    this.#addUpTo(wanted, "MIN_INSTANCES - Instance started due to minimum instances being configured.");
  }

  /** @param wanted instances that should be starting. */
  #addUpTo(wanted: number, reason: string): void {
    if (this.#stopped || this.#clock.now() < this.#restartAtMs) return;
    while (this.#starting < wanted && !this.#isFull()) {
      // What went wrong is in the log; who waits is turned away in time.
      this.#add(reason).catch(() => undefined);
    }
  }

  async #add(reason: string): Promise<{ readonly state: string; readonly port: number }> {
    this.#starting++;
    try {
      const instance = await Instance.start(this.revision, this.#template, reason, this.#surroundings);
      this.#launching.add(instance);
      const state = this.#stopped
        ? "stopped"
        : await instance.waitUntilReady(this.#template).finally(() => this.#launching.delete(instance));
      if (state !== "ready" || this.#stopped || instance.draining) {
        this.#failed();
        await instance.stop();
        return { state, port: instance.port };
      }
      this.#failures = 0;
      this.#restartAtMs = 0;
      this.#instances.add(instance);
      instance.container.exited.finally(() => this.#gone(instance)).catch(() => undefined);
      return { state, port: instance.port };
    } catch (thrown) {
      this.#failed();
      throw thrown;
    } finally {
      this.#starting--;
      this.#serveWaiting();
    }
  }

  /** One that ended by itself is replaced at once, when it is needed; a second failure in a row waits. */
  #gone(instance: Instance): void {
    this.#instances.delete(instance);
    if (this.#stopped) return;
    const exit = instance.container.exit;
    if (exit?.code !== 0) {
      const how = exit?.signal ? `signal ${exit.signal}` : `exit(${exit?.code ?? "?"})`;
      instance.container.log.append({
        timeMs: this.#clock.now(),
        stream: "system",
        text: `Container terminated on ${how}.`,
        instanceId: instance.container.instanceId,
      });
    }
    this.#keepMinimum();
  }

  #failed(): void {
    const pause = Math.min(RESTART_PAUSE_MS_MAX, RESTART_PAUSE_MS * 2 ** this.#failures);
    this.#failures++;
    this.#restartAtMs = this.#clock.now() + pause;
  }

  #serveWaiting(): void {
    while (this.#waiting.length > 0) {
      const instance = this.#withRoom();
      if (!instance) break;
      this.#waiting.shift()?.take(instance);
    }
  }

  #endIdle(now: number, idleMs: number): void {
    let living = this.#living();
    for (const instance of this.#instances) {
      if (living <= this.#min) break;
      if (instance.draining || instance.active > 0 || now - instance.idleSinceMs < idleMs) continue;
      living--;
      instance.stop().catch(() => undefined);
    }
  }
}
