import type { Clock } from "../../platform/clock.js";
import type { ContainerHost } from "../../platform/containers/index.js";
import type { Identity } from "../../platform/identity.js";
import type { ServiceReference } from "../names.js";
import { urlsOf } from "../resource.js";
import type { RunStore, ServiceRecord } from "../store.js";
import { pickRevision } from "../traffic.js";
import { Authorizer, type Gate, gateOf } from "./authorize.js";
import { Front, type FrontRoute } from "./front.js";
import { RevisionPool } from "./pool.js";

/** How exactly time limits of requests and instances are kept. */
const TICK_MS = 100;

export interface FleetOptions {
  readonly store: RunStore;
  readonly clock: Clock;
  readonly random: () => number;
  readonly containers: ContainerHost;
  readonly identity: Identity;
}

/** What serves one service: a front for itself and for each tag, a pool for each revision that is reached. */
interface Serving {
  record: ServiceRecord;
  gate: Gate;
  readonly fronts: Map<string, Front>;
  readonly pools: Map<string, RevisionPool>;
}

/** The front of the service itself; tags are never empty. */
const SERVICE = "";

const keyOf = ({ location, service }: ServiceReference): string => `${location}/${service}`;

/** Name of a service's request log. */
export const requestLogName = ({ location, service }: ServiceReference): string =>
  `run/${location}/${service}/requests`;

/** All that serves: brought in line with the store's records by `apply`. */
export class Fleet {
  readonly #options: FleetOptions;
  readonly #authorizer: Authorizer;
  readonly #serving = new Map<string, Serving>();
  readonly #stopped = new AbortController();
  #ticking: Promise<void> | undefined;
  #isOpen = false;

  constructor(options: FleetOptions) {
    this.#options = options;
    this.#authorizer = new Authorizer(options.identity, () => options.clock.now());
  }

  /** Containers may start from now on. */
  open(): void {
    this.#isOpen = true;
    this.#ticking ??= this.#tick();
    for (const serving of this.#serving.values()) this.#configure(serving);
  }

  /** Opens a service's ports. @returns the record with the ports that it got. */
  async listen(record: ServiceRecord): Promise<ServiceRecord> {
    const serving = this.#find(record);
    const port = await this.#openFront(serving, SERVICE, record.port);
    const tagPorts: Record<string, number> = {};
    for (const [tag, kept] of Object.entries(record.tagPorts)) {
      tagPorts[tag] = await this.#openFront(serving, tag, kept);
    }
    for (const [tag, front] of serving.fronts) {
      if (tag === SERVICE || tag in tagPorts) continue;
      serving.fronts.delete(tag);
      await front.close();
    }
    return { ...record, port, tagPorts };
  }

  /** Serves as the record says from the next request on. */
  apply(record: ServiceRecord): void {
    const serving = this.#find(record);
    serving.record = record;
    serving.gate = this.#gate(record);
    this.#configure(serving);
  }

  /** The pool of a revision. @throws CloudError NOT_FOUND */
  pool(reference: ServiceReference, revision: string): RevisionPool {
    const record = this.#options.store.revision({ ...reference, revision });
    const { pools } = this.#find(this.#options.store.service(reference));
    const pool = pools.get(revision) ?? new RevisionPool(record, this.#options);
    pools.set(revision, pool);
    return pool;
  }

  /** Instances of each revision that has any, for those who look after them. */
  instances(reference: ServiceReference): Record<string, { instances: number; active: number; waiting: number }> {
    const pools = [...(this.#serving.get(keyOf(reference))?.pools.values() ?? [])];
    return Object.fromEntries(
      pools
        .filter((pool) => pool.instances > 0 || pool.load.waiting > 0)
        .map((pool) => [pool.revision.revision, { instances: pool.instances, ...pool.load }]),
    );
  }

  /** Scales a service down as if its idle instances had been idle for long. */
  endIdle(reference: ServiceReference): void {
    for (const pool of this.#serving.get(keyOf(reference))?.pools.values() ?? []) pool.endIdle();
  }

  async removeRevision(reference: ServiceReference, revision: string): Promise<void> {
    const serving = this.#serving.get(keyOf(reference));
    const pool = serving?.pools.get(revision);
    serving?.pools.delete(revision);
    await pool?.stop();
  }

  async remove(reference: ServiceReference): Promise<void> {
    const serving = this.#serving.get(keyOf(reference));
    this.#serving.delete(keyOf(reference));
    if (!serving) return;
    await Promise.all([...serving.fronts.values()].map((front) => front.close()));
    await Promise.all([...serving.pools.values()].map((pool) => pool.stop()));
  }

  /** No container starts any more; those that run are the container host's to end. */
  async stop(): Promise<void> {
    this.#stopped.abort();
    await this.#ticking;
    await Promise.all(
      [...this.#serving.values()].flatMap((serving) => [
        ...[...serving.fronts.values()].map((front) => front.close()),
        ...[...serving.pools.values()].map((pool) => pool.stop()),
      ]),
    );
    this.#serving.clear();
  }

  #find(record: ServiceRecord): Serving {
    const key = keyOf(record);
    const found = this.#serving.get(key);
    if (found) return found;
    const made: Serving = { record, gate: this.#gate(record), fronts: new Map(), pools: new Map() };
    this.#serving.set(key, made);
    return made;
  }

  #gate(record: ServiceRecord): Gate {
    const audiences = [...urlsOf(record), ...(record.spec.customAudiences ?? [])];
    return gateOf(record.policy, record.spec.invokerIamDisabled ?? false, audiences);
  }

  async #openFront(serving: Serving, tag: string, port: number): Promise<number> {
    const open = serving.fronts.get(tag);
    if (open) return port;
    const { clock, random, containers, store } = this.#options;
    const front = new Front({
      clock,
      random,
      authorizer: this.#authorizer,
      log: containers.log(requestLogName(serving.record)),
      project: store.names.project.id,
      route: () => this.#route(serving, tag),
    });
    serving.fronts.set(tag, front);
    return front.listen(port);
  }

  #route(serving: Serving, tag: string): FrontRoute {
    const { record, gate } = serving;
    const { random } = this.#options;
    const shares = record.serving.traffic;
    return {
      gate,
      isReachable: record.spec.ingress !== "INGRESS_TRAFFIC_NONE",
      pick: () => {
        const revision =
          tag === SERVICE ? pickRevision(shares, random()) : shares.find((share) => share.tag === tag)?.revision;
        return revision === undefined || !this.#isOpen ? undefined : this.pool(record, revision);
      },
    };
  }

  #configure(serving: Serving): void {
    if (!this.#isOpen) return;
    const { record, pools } = serving;
    const reached = new Map<string, number>();
    for (const { revision, percent } of record.serving.traffic) {
      reached.set(revision, (reached.get(revision) ?? 0) + percent);
    }
    for (const revision of reached.keys()) this.pool(record, revision);
    for (const [revision, pool] of pools) {
      const percent = reached.get(revision);
      const own = pool.revision.template.scaling?.minInstanceCount ?? 0;
      const shared = Math.ceil(((record.spec.scaling?.minInstanceCount ?? 0) * (percent ?? 0)) / 100);
      pool.configure(percent === undefined ? 0 : Math.max(own, shared), percent !== undefined);
    }
  }

  async #tick(): Promise<void> {
    const { clock } = this.#options;
    while (!this.#stopped.signal.aborted) {
      await clock.sleep(TICK_MS, this.#stopped.signal).catch(() => undefined);
      for (const { fronts, pools } of this.#serving.values()) {
        for (const front of fronts.values()) front.tick();
        for (const pool of pools.values()) pool.tick();
      }
    }
  }
}
