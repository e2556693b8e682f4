/** The programs of the tests' images: what they do is told by their environment and their callers. */
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";

const environment = process.env;

if (process.argv[2] === "serve") serve();
else train();

/** SAY: lines, separated by "|". EXIT: status. ABORTS: file that counts the aborts so far, up to ABORTS_MAX. WAIT: runs on. */
function train(): void {
  const { SAY = "", EXIT = "0", ABORTS, ABORTS_MAX = "1", WAIT } = environment;
  if (environment.PRINT_ENVIRONMENT !== undefined) {
    console.log(JSON.stringify({ message: "environment", environment, arguments: process.argv.slice(2) }));
  }
  for (const line of SAY.split("|").filter((text) => text !== "")) console.log(line);
  if (ABORTS !== undefined) {
    const count = existsSync(ABORTS) ? Number(readFileSync(ABORTS, "utf8")) : 0;
    writeFileSync(ABORTS, String(count + 1));
    if (count < Number(ABORTS_MAX)) process.abort();
  }
  process.on("SIGTERM", () => {
    console.log("SIGTERM");
    process.exit(143);
  });
  if (WAIT !== undefined) setInterval(() => undefined, 1_000_000);
  else process.exitCode = Number(EXIT);
}

/**
 * The prediction container contract. An instance's prediction is {sum, pid, name}; {"die": true} ends the process,
 * {"wait": ms} answers late, {"fail": status} makes an error. NEVER_HEALTHY: answers 503. EXIT: ends at once.
 */
function serve(): void {
  const { AIP_HTTP_PORT, AIP_HEALTH_ROUTE, AIP_PREDICT_ROUTE, NAME, NEVER_HEALTHY, EXIT } = environment;
  console.log(`serving ${AIP_PREDICT_ROUTE} on ${AIP_HTTP_PORT}`);
  if (EXIT !== undefined) {
    console.error("model.json is truncated");
    process.exit(Number(EXIT));
  }
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on("data", (chunk: Buffer) => chunks.push(chunk));
    request.on("end", () => {
      const body = Buffer.concat(chunks);
      const type = request.headers["content-type"] ?? "";
      const json = (status: number, answer: object): void => {
        response.writeHead(status, { "content-type": "application/json" });
        response.end(JSON.stringify(answer));
      };
      if (request.method === "GET" && request.url === AIP_HEALTH_ROUTE) {
        return json(NEVER_HEALTHY === undefined ? 200 : 503, {});
      }
      if (request.method !== "POST" || request.url !== AIP_PREDICT_ROUTE) return json(404, { error: "no such route" });
      if (type === "text/csv") {
        response.writeHead(200, { "content-type": "text/csv; charset=utf-8" });
        return response.end(`${body.length},${body.toString("utf8").length}`);
      }
      if (type !== "application/json") return json(415, { error: `cannot read ${type}` });
      const { instances, parameters } = JSON.parse(body.toString("utf8")) as {
        instances: Record<string, unknown>[];
        parameters?: unknown;
      };
      if (instances.some((instance) => instance.die === true)) process.exit(7);
      const failed = instances.find((instance) => typeof instance.fail === "number");
      if (failed) return json(Number(failed.fail), { error: `instances[${instances.indexOf(failed)}]: bad` });
      const predictions = instances.map((instance) => ({
        sum: Object.values(instance).reduce<number>((sum, value) => sum + (typeof value === "number" ? value : 0), 0),
        instance,
        pid: process.pid,
        name: NAME ?? "",
        environment: instance.environment === true ? environment : null,
        padding: "x".repeat(Number(instance.padding ?? 0)),
      }));
      const answer = { predictions, ...(parameters === undefined ? {} : { metadata: { parameters } }) };
      setTimeout(() => json(200, answer), Number(instances[0]?.wait ?? 0));
    });
  });
  process.on("SIGTERM", () => server.close(() => process.exit(0)));
  server.listen(Number(AIP_HTTP_PORT), "127.0.0.1");
}
