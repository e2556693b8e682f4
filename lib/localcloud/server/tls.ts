import type { Server as HttpServer } from "node:http";
import { createServer, type Server as HttpsServer } from "node:https";
import type { Socket } from "node:net";
import { systemClock } from "../platform/clock.js";
import { selfSigned } from "./certificate.js";

/** The first byte of a TLS connection: a record that holds a handshake (RFC 8446, 5.1). No HTTP method begins so. */
const HANDSHAKE = 0x16;

/**
 * Lets a port speak HTTPS as well, for clients that know nothing else (gsutil): who begins with a handshake gets a
 * self-signed certificate, made at the first such connection.
 */
export function speakTls(server: HttpServer): void {
  const [plain] = server.listeners("connection") as ((this: HttpServer, socket: Socket) => void)[];
  if (!plain) return;
  let secure: HttpsServer | undefined;
  const open = (): HttpsServer => {
    const [requested] = server.listeners("request") as ((...given: unknown[]) => void)[];
    const opened = createServer(selfSigned(systemClock.now()));
    if (requested) opened.on("request", requested);
    opened.keepAliveTimeout = server.keepAliveTimeout;
    server.once("close", () => opened.closeAllConnections());
    return opened;
  };
  server.removeListener("connection", plain);
  server.on("connection", (socket: Socket) => {
    // Until it says something the connection is nobody's: its failure must not be the process's.
    const ignore = (): void => undefined;
    socket.on("error", ignore);
    const decide = (): void => {
      const first = socket.read(1) as Buffer | null;
      if (first === null) {
        if (!socket.readableEnded) socket.once("readable", decide);
        return;
      }
      socket.removeListener("error", ignore);
      socket.unshift(first);
      if (first[0] !== HANDSHAKE) {
        plain.call(server, socket);
        return;
      }
      secure ??= open();
      secure.emit("connection", socket);
    };
    decide();
  });
}
