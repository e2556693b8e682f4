/** Push delivery: POSTs each message to the subscription's endpoint and takes its answer for an acknowledgement. */

import { Agent as HttpAgent, request as httpRequest } from "node:http";
import { Agent as HttpsAgent, request as httpsRequest } from "node:https";
import type { Clock } from "../platform/clock.js";
import type { Identity } from "../platform/identity.js";
import type { PushConfig } from "./contract/messages.js";
import { Deadlines } from "./deadlines.js";
import { ACK_STATUSES, type PushRequest, pushRequest } from "./pushRequest.js";
import { PushWindow } from "./pushWindow.js";
import type { Outgoing, Subscriber, SubscriptionState } from "./subscription.js";
import { Timer } from "./timer.js";

/** The lease outlasts the request, so that an answer at the last moment still counts. */
const LEASE_MARGIN_MS = 10_000;

/** A request under way. */
interface Request {
  dueMs: number;
  readonly giveUp: () => void;
}

export class PushSubscriber implements Subscriber {
  outstandingMessages = 0;
  outstandingBytes = 0;
  readonly outstandingBytesMax = Number.POSITIVE_INFINITY;
  readonly #subscription: SubscriptionState;
  readonly #config: PushConfig;
  readonly #clock: Clock;
  readonly #identity: Identity;
  readonly #url: URL;
  readonly #agent: HttpAgent;
  readonly #window = new PushWindow();
  readonly #opening: Timer;
  readonly #deadlines = new Deadlines<Request>();
  readonly #late: Timer;
  #stopped = false;

  constructor(subscription: SubscriptionState, config: PushConfig, clock: Clock, identity: Identity) {
    this.#subscription = subscription;
    this.#config = config;
    this.#clock = clock;
    this.#identity = identity;
    this.#url = new URL(config.pushEndpoint ?? "");
    const options = { keepAlive: true, scheduling: "lifo" } as const;
    this.#agent = this.#url.protocol === "https:" ? new HttpsAgent(options) : new HttpAgent(options);
    this.#opening = new Timer(clock, () => subscription.pump());
    this.#late = new Timer(clock, () => {
      for (const request of this.#deadlines.takeDue(clock.now())) request.giveUp();
      this.#late.set(this.#deadlines.nextMs);
    });
  }

  get leaseMs(): number {
    return this.#subscription.ackDeadlineMs + LEASE_MARGIN_MS;
  }

  room(): number {
    const nowMs = this.#clock.now();
    const opensAtMs = this.#window.opensAtMs(nowMs);
    if (opensAtMs !== undefined) this.#opening.setNoLater(opensAtMs);
    return this.#window.size(nowMs) - this.outstandingMessages;
  }

  deliver(messages: readonly Outgoing[]): void {
    for (const message of messages) {
      // A failure to settle leaves the message to its lease.
      this.#push(message).catch(() => undefined);
    }
  }

  ended(): void {
    this.#stopped = true;
    this.#opening.cancel();
    this.#late.cancel();
    // Ends the requests that are under way, too.
    this.#agent.destroy();
  }

  async #push(message: Outgoing): Promise<void> {
    const startedMs = this.#clock.now();
    const acknowledged = await this.#send(message).catch(() => false);
    if (this.#stopped) return;
    if (acknowledged) {
      this.#window.succeeded(startedMs);
      await this.#subscription.acknowledge([message.ackId]);
    } else {
      this.#window.failed(startedMs, this.#clock.now());
      await this.#subscription.modifyAckDeadline([message.ackId], () => 0);
    }
  }

  async #send(message: Outgoing): Promise<boolean> {
    const { oidcToken, pushEndpoint = "" } = this.#config;
    const token = oidcToken
      ? await this.#identity.issue({
          audience: oidcToken.audience || pushEndpoint,
          email: oidcToken.serviceAccountEmail ?? "",
        })
      : undefined;
    const status = await this.#post(pushRequest(this.#config, this.#subscription.name, message, token));
    return ACK_STATUSES.has(status);
  }

  /** The status of the answer, read to its end. @throws Error for a connection that fails, and after the ack deadline. */
  #post({ headers, body }: PushRequest): Promise<number> {
    const send = this.#url.protocol === "https:" ? httpsRequest : httpRequest;
    return new Promise((resolve, reject) => {
      const request = send(this.#url, {
        method: "POST",
        agent: this.#agent,
        headers: { ...headers, "content-length": body.byteLength },
      });
      const underWay: Request = {
        dueMs: 0,
        giveUp: () => request.destroy(new Error("no answer within the ack deadline")),
      };
      const dueMs = this.#clock.now() + this.#subscription.ackDeadlineMs;
      this.#deadlines.set(underWay, dueMs);
      this.#late.setNoLater(dueMs);
      // 102 is an answer of its own here: the message counts as acknowledged whatever follows.
      request.on("information", ({ statusCode }) => {
        if (statusCode === 102) resolve(102);
      });
      request.on("response", (response) => {
        response.on("error", reject);
        response.on("end", () => resolve(response.statusCode ?? 0));
        response.resume();
      });
      request.on("error", reject);
      request.on("close", () => this.#deadlines.cancel(underWay));
      request.end(body);
    });
  }
}
