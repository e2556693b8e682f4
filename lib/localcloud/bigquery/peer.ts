import type { MessagePort, Worker } from "node:worker_threads";
import { CloudError, type CloudErrorDetails, type StatusWord } from "../platform/errors.js";

/** Calls in both directions over a message port: what the main thread and BigQuery's worker say to each other. */

type Handlers = Readonly<Record<string, (argument: never, signal: AbortSignal) => Promise<unknown>>>;

type Message =
  | { readonly kind: "call"; readonly id: number; readonly name: string; readonly argument: unknown }
  | { readonly kind: "abort"; readonly id: number }
  | { readonly kind: "result"; readonly id: number; readonly value: unknown }
  | { readonly kind: "error"; readonly id: number; readonly error: SentError };

interface SentError {
  readonly status: StatusWord;
  readonly message: string;
  readonly details: CloudErrorDetails;
}

interface Pending {
  readonly resolve: (value: unknown) => void;
  readonly reject: (error: CloudError) => void;
}

export class Peer {
  readonly #port: Pick<MessagePort | Worker, "postMessage">;
  readonly #handlers: Handlers;
  readonly #pending = new Map<number, Pending>();
  readonly #running = new Map<number, AbortController>();
  #lastId = 0;

  constructor(port: MessagePort | Worker, handlers: Handlers) {
    this.#port = port;
    this.#handlers = handlers;
    (port as Worker).on("message", (message: Message) => this.#receive(message));
  }

  /** Calls the other side; an abort of `signal` reaches the callee, whose answer is still awaited. */
  call<T>(
    name: string,
    argument: unknown,
    options: { readonly signal?: AbortSignal; readonly transfer?: readonly ArrayBuffer[] } = {},
  ): Promise<T> {
    const id = ++this.#lastId;
    return new Promise<T>((resolve, reject) => {
      const { signal } = options;
      const abort = () => this.#send({ kind: "abort", id });
      const settle = () => signal?.removeEventListener("abort", abort);
      this.#pending.set(id, {
        resolve: (value) => {
          settle();
          resolve(value as T);
        },
        reject: (error) => {
          settle();
          reject(error);
        },
      });
      this.#send({ kind: "call", id, name, argument }, options.transfer);
      if (signal?.aborted) abort();
      else signal?.addEventListener("abort", abort);
    });
  }

  /** The other side is gone: every call under way fails, every one that it made is aborted. */
  fail(error: CloudError): void {
    for (const { reject } of this.#pending.values()) reject(error);
    this.#pending.clear();
    for (const running of this.#running.values()) running.abort(error);
    this.#running.clear();
  }

  #send(message: Message, transfer: readonly ArrayBuffer[] = []): void {
    this.#port.postMessage(message, [...transfer]);
  }

  #receive(message: Message): void {
    switch (message.kind) {
      case "call":
        void this.#answer(message.id, message.name, message.argument);
        break;
      case "abort":
        this.#running.get(message.id)?.abort(new CloudError("CANCELLED", "The caller has gone."));
        break;
      case "result":
        this.#pending.get(message.id)?.resolve(message.value);
        this.#pending.delete(message.id);
        break;
      case "error": {
        const { status, message: text, details } = message.error;
        this.#pending.get(message.id)?.reject(new CloudError(status, text, details));
        this.#pending.delete(message.id);
        break;
      }
    }
  }

  async #answer(id: number, name: string, argument: unknown): Promise<void> {
    const abort = new AbortController();
    this.#running.set(id, abort);
    try {
      const handler = this.#handlers[name];
      if (!handler) throw new CloudError("UNIMPLEMENTED", `No handler for ${name}.`);
      this.#send({ kind: "result", id, value: await handler(argument as never, abort.signal) });
    } catch (thrown) {
      const { status, message, details } = CloudError.from(thrown);
      const { cause: _, ...sent } = details;
      this.#send({ kind: "error", id, error: { status, message, details: sent } });
    } finally {
      this.#running.delete(id);
    }
  }
}
