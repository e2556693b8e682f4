import type { IncomingMessage, Server } from "node:http";
import type { Socket } from "node:net";

/**
 * gcloud writes a region before the address of some APIs ("europe-west1-127.0.0.1"), which no resolver knows. Told that
 * we are its proxy it need not: it asks us for that host. The `host` header keeps the region.
 */
const REGION_BEFORE_HOST = /^[a-z]+-[a-z]+\d+-(?=127\.0\.0\.1(:\d+)?$)/;

export const withoutRegion = (host: string): string => host.replace(REGION_BEFORE_HOST, "");

/** A proxy's target names the host too: "http://127.0.0.1:8080/path". */
export const withoutHost = (target: string): string => target.replace(/^http:\/\/[^/]*/, "");

/**
 * Serves clients that ask their proxy for a tunnel (bq): one to ourselves is the connection that they have.
 * A tunnel to anywhere else is refused: nothing leaves this machine through the local cloud.
 */
export function tunnelToSelf(server: Server): void {
  server.on("connect", (request: IncomingMessage, socket: Socket, head: Buffer) => {
    socket.on("error", () => socket.destroy());
    if (!/^(127\.0\.0\.1|localhost|\[::1\]):\d+$/i.test(withoutRegion(request.url ?? ""))) {
      socket.end("HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\nConnection: close\r\n\r\n");
      return;
    }
    socket.write("HTTP/1.1 200 Connection Established\r\n\r\n");
    if (head.length > 0) socket.unshift(head);
    server.emit("connection", socket);
  });
}
