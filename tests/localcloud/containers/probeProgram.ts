/** A container's program for tests: it does what its environment and its callers tell it. */
import { createServer } from "node:http";

const { PORT, PROBE_EXIT, PROBE_SILENT, PROBE_STUBBORN, PROBE_SAY, PROBE_BUSY } = process.env;

if (PROBE_SAY !== undefined) {
  process.stdout.write(`${PROBE_SAY}\n`);
  process.stderr.write(`${PROBE_SAY} on standard error`);
}
if (PROBE_EXIT !== undefined) process.exit(Number(PROBE_EXIT));
// Notices nothing: neither SIGTERM nor that its cloud is gone.
if (PROBE_BUSY !== undefined) for (;;);
process.on("SIGTERM", () => {
  process.stdout.write("SIGTERM\n");
  if (PROBE_STUBBORN === undefined) process.exit(0);
});
if (PROBE_SILENT !== undefined) setInterval(() => undefined, 1_000_000);
else listen();

let active = 0;

function listen(): void {
  const server = createServer((request, response) => {
    active++;
    response.once("close", () => active--);
    const chunks: Buffer[] = [];
    request.on("data", (chunk: Buffer) => chunks.push(chunk));
    request.on("end", () => {
      const url = new URL(request.url ?? "/", "http://container");
      const answer = {
        method: request.method,
        url: request.url,
        headers: request.headers,
        body: Buffer.concat(chunks).toString("utf8"),
        env: process.env,
        arguments: process.argv.slice(2),
        pid: process.pid,
        active,
      };
      const say = url.searchParams.get("say");
      if (say !== null) process.stdout.write(`${say}\n`);
      if (url.pathname === "/crash") process.exit(3);
      if (url.pathname === "/drop") request.socket.destroy();
      if (["/drop", "/hang"].includes(url.pathname)) return;
      if (url.searchParams.has("cookie")) response.setHeader("set-cookie", "a=b");
      response.writeHead(Number(url.searchParams.get("status") ?? 200), { "content-type": "application/json" });
      response.end(JSON.stringify(answer));
    });
  });
  server.listen(Number(PORT), "127.0.0.1");
}
