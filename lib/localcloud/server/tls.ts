import type { Server as HttpServer } from "node:http";
import { createServer, type Server as HttpsServer } from "node:https";
import type { Socket } from "node:net";
import { systemClock } from "../platform/clock.js";
import { selfSigned } from "./certificate.js";

/** The first byte of a TLS connection: a record that holds a handshake (RFC 8446, 5.1). No HTTP method begins so. */
const HANDSHAKE = 0x16;

/** Connections that the HTTP server itself does not count as its own: it would wait for them when it closes. */
export interface OtherConnections {
  /** Ends those that have not said anything yet, and idle TLS ones. */
  closeIdle(): void;
  closeAll(): void;
}

/**
 * Lets a port speak HTTPS as well, for clients that know nothing else (gsutil): who begins with a handshake gets a
 * self-signed certificate, made at the first such connection.
 */
export function speakTls(server: HttpServer): OtherConnections {
  const [plain] = server.listeners("connection") as ((this: HttpServer, socket: Socket) => void)[];
  let secure: HttpsServer | undefined;
  const silent = new Set<Socket>();
  const closeSilent = (): void => {
    for (const socket of silent) socket.destroy();
  };
  const open = (): HttpsServer => {
    const [requested] = server.listeners("request") as ((...given: unknown[]) => void)[];
    const opened = createServer(selfSigned(systemClock.now()));
    if (requested) opened.on("request", requested);
    opened.keepAliveTimeout = server.keepAliveTimeout;
    return opened;
  };
  if (plain) server.removeListener("connection", plain);
  server.on("connection", (socket: Socket) => {
    // Until it says something the connection is nobody's: its failure must not be the process's.
    const ignore = (): void => undefined;
    socket.on("error", ignore);
    silent.add(socket);
    socket.once("close", () => silent.delete(socket));
    const decide = (): void => {
      const first = socket.read(1) as Buffer | null;
      if (first === null) {
        if (!socket.readableEnded) socket.once("readable", decide);
        return;
      }
      silent.delete(socket);
      socket.removeListener("error", ignore);
      socket.unshift(first);
      if (first[0] !== HANDSHAKE) {
        plain?.call(server, socket);
        return;
      }
      secure ??= open();
      secure.emit("connection", socket);
    };
    decide();
  });
  return {
    closeIdle() {
      closeSilent();
      secure?.closeIdleConnections();
    },
    closeAll() {
      closeSilent();
      secure?.closeAllConnections();
    },
  };
}
