/**
 * The containers of one deployed model: as many replicas as it asks for, each replaced when it ends, left out while it
 * is not healthy (predictions/custom-container-requirements).
 */

import type { Clock } from "../../platform/clock.js";
import {
  answersHttp,
  type Container,
  type ContainerHost,
  freePort,
  waitForHttp,
} from "../../platform/containers/index.js";
import { CloudError } from "../../platform/errors.js";
import { exitStatus, lastLines } from "../containers/exits.js";
import { deadlineExceeded, modelServerExited, modelServerNeverReady, noReadyReplica, replicaLost } from "../errors.js";
import { PREDICTION_SECONDS_MAX } from "../limits.js";
import { type Answer, Connection, NoAnswer } from "./connection.js";
import { type ServingCall, servingContainer } from "./environment.js";

export interface ModelServerOptions {
  readonly containers: ContainerHost;
  readonly clock: Clock;
  readonly call: ServingCall;
  /** Full name of the endpoint's model, for messages. */
  readonly model: string;
  /** How long a container may take until it is healthy. */
  readonly timeoutMs: number;
}

/** A container that answers. */
interface Ready {
  readonly container: Container;
  readonly connection: Connection;
  readonly predictRoute: string;
  readonly healthRoute: string;
  healthy: boolean;
  /** Requests that have no answer yet. */
  pending: number;
  /** Called when there is none. */
  whenIdle?: () => void;
}

/** Pauses between starts of a container that keeps ending; the first replacement comes at once. */
const RESTART_MS = [0, 500, 1000, 2000, 4000, 10_000];
const HEALTH_PERIOD_MS = 10_000;
const HEALTH_TIMEOUT_MS = 10_000;
/** Bad answers in a row after which a replica gets no more traffic. */
const HEALTH_FAILURES_MAX = 4;
const ERROR_LINES = 15;
/** How long requests may go on when a model is undeployed. */
const DRAIN_MS = PREDICTION_SECONDS_MAX * 1000;

export class ModelServer {
  readonly #options: ModelServerOptions;
  readonly #ready = new Set<Ready>();
  readonly #slots: Slot[] = [];

  constructor(options: ModelServerOptions) {
    this.#options = options;
  }

  /** Replicas that take requests. */
  get availableReplicas(): number {
    return [...this.#ready].filter(({ healthy }) => healthy).length;
  }

  /**
   * Brings the number of replicas to `count`; resolves once all are healthy. What is too many ends its requests first.
   * @throws CloudError FAILED_PRECONDITION with a container's last lines when it is not: then no more run than before.
   */
  async scale(count: number, signal: AbortSignal): Promise<void> {
    const added = Array.from({ length: Math.max(0, count - this.#slots.length) }, () => this.#slot());
    this.#slots.push(...added);
    await Promise.all(this.#slots.splice(count).map((slot) => slot.drain()));
    const aborted = new Promise<never>((_, reject) => {
      signal.addEventListener("abort", () => reject(signal.reason), { once: true });
    });
    try {
      signal.throwIfAborted();
      await Promise.race([aborted, Promise.all(added.map((slot) => slot.first))]);
    } catch (thrown) {
      for (const slot of added) this.#slots.splice(this.#slots.indexOf(slot), 1);
      await Promise.all(added.map((slot) => slot.stop()));
      throw thrown;
    }
  }

  /** Starts the replicas without waiting for them; they are tried until they are healthy. */
  keep(count: number): void {
    for (let index = 0; index < count; index++) this.#slots.push(this.#slot());
  }

  /** Sends a request to the replica with the least to do. @throws CloudError UNAVAILABLE, DEADLINE_EXCEEDED */
  async predict(contentType: string, body: Uint8Array | string): Promise<Answer> {
    const replica = this.#choose();
    replica.pending++;
    try {
      return await replica.connection.post(replica.predictRoute, contentType, body, PREDICTION_SECONDS_MAX * 1000);
    } catch (thrown) {
      if (!(thrown instanceof NoAnswer)) throw thrown;
      const { model } = this.#options;
      throw thrown.late ? deadlineExceeded(model, PREDICTION_SECONDS_MAX) : replicaLost(model, thrown);
    } finally {
      replica.pending--;
      if (replica.pending === 0) replica.whenIdle?.();
    }
  }

  /** Lets requests under way end, then ends the containers. */
  async drain(): Promise<void> {
    await Promise.all(this.#slots.splice(0).map((slot) => slot.drain()));
  }

  async stop(): Promise<void> {
    await Promise.all(this.#slots.splice(0).map((slot) => slot.stop()));
  }

  #choose(): Ready {
    let best: Ready | undefined;
    for (const replica of this.#ready) {
      if (replica.healthy && (best === undefined || replica.pending < best.pending)) best = replica;
    }
    if (best) return best;
    throw noReadyReplica(this.#options.model);
  }

  #slot(): Slot {
    return new Slot(this.#options, this.#ready);
  }
}

/** A place for one replica, filled again whenever it becomes empty. */
class Slot {
  readonly #options: ModelServerOptions;
  readonly #ready: Set<Ready>;
  readonly #stopped = new AbortController();
  readonly #done: Promise<void>;
  #container: Container | undefined;
  /** Resolves once the first container is healthy; rejects when it is not. */
  readonly first: Promise<void>;

  constructor(options: ModelServerOptions, ready: Set<Ready>) {
    this.#options = options;
    this.#ready = ready;
    let settle: { resolve: () => void; reject: (error: unknown) => void } | undefined;
    this.first = new Promise((resolve, reject) => {
      settle = { resolve, reject };
    });
    this.#done = this.#fill(
      () => settle?.resolve(),
      (error) => settle?.reject(error),
    );
    // A replica that nobody waits for is tried again all the same.
    this.first.catch(() => undefined);
  }

  /** Takes no more requests, lets those under way end, and stops. */
  async drain(): Promise<void> {
    const { clock } = this.#options;
    const replica = [...this.#ready].find(({ container }) => container === this.#container);
    if (replica && replica.pending > 0) {
      this.#ready.delete(replica);
      const over = new AbortController();
      const idle = new Promise<void>((resolve) => {
        replica.whenIdle = resolve;
      });
      await Promise.race([idle, clock.sleep(DRAIN_MS, over.signal).catch(() => undefined)]);
      over.abort();
    }
    await this.stop();
  }

  async stop(): Promise<void> {
    this.#stopped.abort();
    await this.#container?.stop();
    await this.#done;
  }

  async #fill(onReady: () => void, onFailure: (error: unknown) => void): Promise<void> {
    const { signal } = this.#stopped;
    let failures = 0;
    while (!signal.aborted) {
      try {
        const replica = await this.#start();
        failures = 0;
        onReady();
        await this.#serve(replica);
      } catch (thrown) {
        failures++;
        onFailure(thrown);
      }
      const pause = RESTART_MS[Math.min(failures, RESTART_MS.length - 1)] ?? 0;
      await this.#options.clock.sleep(pause, signal).catch(() => undefined);
    }
    onFailure(new CloudError("CANCELLED", "The model server was stopped."));
  }

  /** @throws CloudError FAILED_PRECONDITION when the container ends or is not healthy in time. */
  async #start(): Promise<Ready> {
    const { containers, clock, call, model, timeoutMs } = this.#options;
    const port = await freePort();
    const { healthRoute, predictRoute, ...spec } = servingContainer(call, port);
    const container = await containers.start({ ...spec, name: servingLogName(call) });
    this.#container = container;
    // Stopped while it was being started: nobody else would end it.
    if (this.#stopped.signal.aborted) await container.stop();
    const outcome = await waitForHttp(container, { port, path: healthRoute, timeoutMs, clock });
    if (outcome === "ready") {
      return { container, connection: new Connection(port), predictRoute, healthRoute, healthy: true, pending: 0 };
    }
    await container.stop();
    const lines = await lastLines(container, ERROR_LINES);
    if (outcome === "timeout") throw modelServerNeverReady(model, healthRoute, timeoutMs / 1000, lines);
    throw modelServerExited(model, exitStatus(outcome), lines);
  }

  /** Until the container ends. */
  async #serve(replica: Ready): Promise<void> {
    const over = new AbortController();
    this.#ready.add(replica);
    const watching = this.#watch(replica, over.signal);
    await replica.container.exited;
    this.#ready.delete(replica);
    over.abort();
    replica.connection.close();
    await watching;
  }

  async #watch(replica: Ready, signal: AbortSignal): Promise<void> {
    const { clock } = this.#options;
    const { connection, healthRoute } = replica;
    let failures = 0;
    while (!signal.aborted) {
      try {
        await clock.sleep(HEALTH_PERIOD_MS, signal);
      } catch {
        return;
      }
      const limit = AbortSignal.any([signal, AbortSignal.timeout(HEALTH_TIMEOUT_MS)]);
      failures = (await answersHttp(connection.port, healthRoute, {}, limit)) ? 0 : failures + 1;
      replica.healthy = failures < HEALTH_FAILURES_MAX && (replica.healthy || failures === 0);
    }
  }
}

/** Under what name the log of a deployed model's containers is kept. */
export function servingLogName({
  endpointId,
  deployedModelId,
}: Pick<ServingCall, "endpointId" | "deployedModelId">): string {
  return `endpoints/${endpointId}/${deployedModelId}`;
}
