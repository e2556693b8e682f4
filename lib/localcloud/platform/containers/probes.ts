import { request } from "node:http";
import { type AddressInfo, connect, createServer } from "node:net";
import type { Clock } from "../clock.js";
import type { Container, ContainerExit } from "./container.js";

export interface ProbeOptions {
  readonly port: number;
  readonly timeoutMs: number;
  /** Between two attempts. Default 20. */
  readonly periodMs?: number;
  readonly clock: Clock;
}

/** How the wait ended. */
export type ProbeOutcome = "ready" | "timeout" | ContainerExit;

/** A port of loopback's that nobody listens on. */
export function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once("error", reject);
    server.listen(0, "127.0.0.1", () => {
      const { port } = server.address() as AddressInfo;
      server.close(() => resolve(port));
    });
  });
}

/** Waits until the container answers GET `path` with a status from 200 to 399, ends, or the time is up. */
export function waitForHttp(
  container: Container,
  options: ProbeOptions & { readonly path: string; readonly headers?: Readonly<Record<string, string>> },
): Promise<ProbeOutcome> {
  return waitFor(container, options, (signal) =>
    answersHttp(options.port, options.path, options.headers ?? {}, signal),
  );
}

/** Waits until the container takes connections, ends, or the time is up. */
export function waitForTcp(container: Container, options: ProbeOptions): Promise<ProbeOutcome> {
  return waitFor(container, options, (signal) => takesConnections(options.port, signal));
}

async function waitFor(
  container: Container,
  { timeoutMs, periodMs = 20, clock }: ProbeOptions,
  attempt: (signal: AbortSignal) => Promise<boolean>,
): Promise<ProbeOutcome> {
  const over = new AbortController();
  const probing = async (): Promise<ProbeOutcome> => {
    while (!(await attempt(over.signal))) await clock.sleep(periodMs, over.signal);
    return "ready";
  };
  try {
    return await Promise.race([
      // Aborted once another outcome has won the race.
      probing().catch((): ProbeOutcome => "timeout"),
      clock.sleep(timeoutMs, over.signal).then(
        (): ProbeOutcome => "timeout",
        (): ProbeOutcome => "timeout",
      ),
      container.exited,
    ]);
  } finally {
    over.abort();
  }
}

/** One HTTP probe; a refused connection is a no. */
export function answersHttp(
  port: number,
  path: string,
  headers: Readonly<Record<string, string>>,
  signal: AbortSignal,
): Promise<boolean> {
  return new Promise((resolve) => {
    const probe = request({ host: "127.0.0.1", port, path, headers, signal, agent: false }, (response) => {
      response.resume();
      const { statusCode = 0 } = response;
      resolve(statusCode >= 200 && statusCode < 400);
    });
    probe.on("error", () => resolve(false));
    probe.end();
  });
}

function takesConnections(port: number, signal: AbortSignal): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ host: "127.0.0.1", port });
    const end = (taken: boolean): void => {
      signal.removeEventListener("abort", giveUp);
      socket.destroy();
      resolve(taken);
    };
    const giveUp = (): void => end(false);
    socket.once("connect", () => end(true));
    socket.once("error", giveUp);
    signal.addEventListener("abort", giveUp, { once: true });
  });
}
