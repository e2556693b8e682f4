import { Agent } from "node:http";
import type { Clock } from "../../platform/clock.js";
import {
  answersHttp,
  type Container,
  type ContainerHost,
  freePort,
  type ProbeOutcome,
  waitForHttp,
  waitForTcp,
} from "../../platform/containers/index.js";
import type { Probe, RevisionTemplate } from "../contract/messages.js";
import { STARTUP_MS_MAX } from "../limits.js";
import type { RevisionReference } from "../names.js";

export interface InstanceSurroundings {
  readonly containers: ContainerHost;
  readonly clock: Clock;
}

/** Name of a revision's container log. */
export const logName = ({ location, service, revision }: RevisionReference): string =>
  `run/${location}/${service}/${revision}`;

/** How a start ended. */
export type StartOutcome = "ready" | "not listening" | "probe failed";

/** A container of a revision, from its start to its end. */
export class Instance {
  readonly container: Container;
  readonly port: number;
  readonly agent: Agent;
  /** Requests that it is at. */
  active = 0;
  /** When its last request ended, or it got ready. */
  idleSinceMs: number;
  /** No new requests: it is being ended. */
  draining = false;
  readonly #clock: Clock;
  readonly #ended = new AbortController();

  private constructor(container: Container, port: number, clock: Clock) {
    this.container = container;
    this.port = port;
    this.#clock = clock;
    this.idleSinceMs = clock.now();
    this.agent = new Agent({ keepAlive: true, scheduling: "lifo" });
    container.exited.finally(() => this.#end()).catch(() => undefined);
  }

  /**
   * Starts a container with the environment that Cloud Run documents (contracts 6.5).
   * @param reason for the log, as Cloud Run words it: "AUTOSCALING".
   * @throws CloudError FAILED_PRECONDITION when there is no such image.
   */
  static async start(
    reference: RevisionReference,
    template: RevisionTemplate,
    reason: string,
    { containers, clock }: InstanceSurroundings,
  ): Promise<Instance> {
    const [container] = template.containers ?? [];
    const image = container?.image ?? "";
    containers.resolve(image);
    const port = await freePort();
    const name = logName(reference);
    containers.log(name).append({
      timeMs: clock.now(),
      stream: "system",
      text: `Starting new instance. Reason: ${reason}`,
      instanceId: "",
    });
    const started = await containers.start({
      image,
      command: container?.command ?? [],
      args: container?.args ?? [],
      env: {
        ...Object.fromEntries((container?.env ?? []).map(({ name: key = "", value = "" }) => [key, value])),
        PORT: String(port),
        K_SERVICE: reference.service,
        K_REVISION: reference.revision,
        K_CONFIGURATION: reference.service,
      },
      name,
    });
    return new Instance(started, port, clock);
  }

  /** Waits until the startup probe succeeds; a container that does not come up is ended. */
  async waitUntilReady(template: RevisionTemplate): Promise<StartOutcome> {
    const probe = template.containers?.[0]?.startupProbe ?? {};
    const outcome = await this.#probeStart(probe);
    if (outcome === "ready") {
      this.idleSinceMs = this.#clock.now();
      const liveness = template.containers?.[0]?.livenessProbe;
      if (liveness) this.#watch(liveness).catch(() => undefined);
      return "ready";
    }
    await this.stop(outcome === "timeout" ? undefined : 0);
    return probe.httpGet ? "probe failed" : "not listening";
  }

  /** SIGTERM, and SIGKILL after ten seconds. */
  async stop(graceMs?: number): Promise<void> {
    this.draining = true;
    await this.container.stop(graceMs);
  }

  #probeStart(probe: Probe): Promise<ProbeOutcome> {
    const { initialDelaySeconds = 0, periodSeconds = 10, failureThreshold = 3 } = probe;
    const timeoutMs = Math.min(STARTUP_MS_MAX, (initialDelaySeconds + periodSeconds * failureThreshold) * 1000);
    const options = { port: this.port, timeoutMs, periodMs: 5, clock: this.#clock };
    const { httpGet } = probe;
    if (!httpGet) return waitForTcp(this.container, options);
    return waitForHttp(this.container, { ...options, path: httpGet.path ?? "/", headers: headersOf(httpGet) });
  }

  /** Kills a container that fails its liveness probe `failureThreshold` times in a row. */
  async #watch({ httpGet, initialDelaySeconds = 0, ...probe }: Probe): Promise<void> {
    const { periodSeconds = 10, failureThreshold = 3, timeoutSeconds = 1 } = probe;
    await this.#clock.sleep(initialDelaySeconds * 1000, this.#ended.signal);
    for (let failures = 0; failures < failureThreshold; ) {
      await this.#clock.sleep(periodSeconds * 1000, this.#ended.signal);
      const over = new AbortController();
      const answered = await Promise.race([
        answersHttp(this.port, httpGet?.path ?? "/", headersOf(httpGet), over.signal),
        this.#clock.sleep(timeoutSeconds * 1000, over.signal).then(
          () => false,
          () => false,
        ),
      ]);
      over.abort();
      failures = answered ? 0 : failures + 1;
    }
    this.container.log.append({
      timeMs: this.#clock.now(),
      stream: "system",
      text: "LIVENESS HTTP probe failed too often: the instance is ended.",
      instanceId: this.container.instanceId,
    });
    await this.stop(0);
  }

  #end(): void {
    this.draining = true;
    this.#ended.abort();
    this.agent.destroy();
  }
}

function headersOf(httpGet: Probe["httpGet"]): Record<string, string> {
  return Object.fromEntries((httpGet?.httpHeaders ?? []).map(({ name = "", value = "" }) => [name, value]));
}
