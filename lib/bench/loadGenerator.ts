/**
 * A load generator in a process of its own, the same for both sides: connections that are kept, over plain HTTP.
 * `node loadGenerator.js`: a line with a `LoadOrder` in, a line with a `Load` out, until its input ends.
 */

import { Agent, request } from "node:http";
import { createInterface } from "node:readline";
import { quantile } from "../cloud/comparison.js";
import { CALLERS, callAll, requestsOf } from "./servedDetector.js";

export interface LoadOrder {
  readonly url: string;
  readonly calls: number;
  /** Of the table that the requests are cut from. */
  readonly rows: number;
}

export interface Load {
  /** Predictions a second. */
  readonly rate: number;
  /** Milliseconds. */
  readonly p99: number;
}

const agent = new Agent({ keepAlive: true, maxSockets: CALLERS });

/** @throws Error unless the prediction succeeds. */
function predict(url: URL, body: Buffer): Promise<readonly unknown[]> {
  return new Promise((resolve, reject) => {
    const headers = { "content-type": "application/json", "content-length": body.byteLength };
    const call = request(url, { method: "POST", agent, headers }, (response) => {
      const chunks: Buffer[] = [];
      response.on("data", (chunk: Buffer) => chunks.push(chunk));
      response.on("error", reject);
      response.on("end", () => {
        const text = Buffer.concat(chunks).toString("utf8");
        if (response.statusCode === 200) resolve((JSON.parse(text) as { predictions: readonly unknown[] }).predictions);
        else reject(new Error(`${response.statusCode} ${text.slice(0, 500)}`));
      });
    });
    call.on("error", reject);
    call.end(body);
  });
}

async function load({ url, calls, rows }: LoadOrder): Promise<Load> {
  const target = new URL(url);
  const requests = requestsOf(rows).map((instances) => ({
    body: Buffer.from(JSON.stringify({ instances })),
    count: instances.length,
  }));
  let predictions = 0;
  const began = performance.now();
  const times = await callAll(calls, CALLERS, async (index) => {
    const { body, count } = requests[index % requests.length] ?? { body: Buffer.alloc(0), count: 0 };
    const answered = await predict(target, body);
    if (answered.length !== count) throw new Error(`${count} instances were sent, ${answered.length} predicted`);
    predictions += count;
  });
  return { rate: (predictions * 1000) / (performance.now() - began), p99: quantile(times, 0.99) };
}

async function main(): Promise<void> {
  for await (const line of createInterface({ input: process.stdin })) {
    console.log(JSON.stringify(await load(JSON.parse(line) as LoadOrder)));
  }
  agent.destroy();
}

if (require.main === module) {
  main().catch((error: unknown) => {
    console.error(error);
    process.exit(1);
  });
}
