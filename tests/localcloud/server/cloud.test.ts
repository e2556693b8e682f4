import assert from "node:assert/strict";
import { createServer, request } from "node:http";
import type { AddressInfo } from "node:net";
import { gzipSync } from "node:zlib";
import { type LocalCloud, startLocalCloud } from "activate/localcloud";
import { createHello } from "activate/localcloud/hello/index.js";
import type { Service } from "activate/localcloud/platform/service.js";

function deferred<T>(): { readonly promise: Promise<T>; readonly resolve: (value: T) => void } {
  let resolve: (value: T) => void = () => undefined;
  const promise = new Promise<T>((settle) => {
    resolve = settle;
  });
  return { promise, resolve };
}

/** A service whose only call is answered when the test says so. */
class HeldService {
  stops = 0;
  readonly #release = deferred<void>();
  readonly #taken = deferred<AbortSignal>();

  get taken(): Promise<AbortSignal> {
    return this.#taken.promise;
  }

  release(): void {
    this.#release.resolve();
  }

  readonly service: Service = {
    name: "held",
    owns: ({ path }) => path === "/held",
    handle: async ({ signal }) => {
      this.#taken.resolve(signal);
      const hungUp = new Promise((resolve) => signal.addEventListener("abort", resolve, { once: true }));
      await Promise.race([this.#release.promise, hungUp]);
      return { status: 200 };
    },
    grpc: [],
    state: () => "warming up",
    start: async () => undefined,
    stop: async () => {
      this.stops++;
    },
  };
}

describe("the local cloud's server", () => {
  let cloud: LocalCloud;
  const held = new HeldService();
  before(async () => {
    cloud = await startLocalCloud({ services: [createHello, () => held.service] });
  });
  after(() => cloud.stop());

  it("describes itself and its services to a caller who knows nothing", async () => {
    const response = await fetch(cloud.rest);
    assert.equal(response.status, 200);
    assert.deepEqual(await response.json(), {
      project: "activate-local",
      pid: process.pid,
      stateDir: cloud.stateDir,
      services: [
        { name: "hello", state: "ready" },
        { name: "held", state: "warming up" },
      ],
    });
  });

  it("names itself to a caller who asks for a path that no service owns", async () => {
    const response = await fetch(`${cloud.rest}/nowhere`);
    assert.equal(response.status, 404);
    const body = (await response.json()) as { error: { status: string; message: string } };
    assert.equal(body.error.status, "NOT_FOUND");
    assert.match(body.error.message, /GET \/nowhere/);
  });

  for (const host of ["evil.example", "127.0.0.1.evil.example", "localhost.evil:80"]) {
    it(`refuses the foreign Host header "${host}"`, async () => {
      const status = await new Promise<number | undefined>((resolve, reject) => {
        request(`${cloud.rest}/`, { headers: { host } }, (response) => {
          response.resume();
          resolve(response.statusCode);
        })
          .on("error", reject)
          .end();
      });
      assert.equal(status, 403);
    });
  }

  it("listens on loopback only", async () => {
    const { hostname } = new URL(cloud.rest);
    assert.equal(hostname, "127.0.0.1");
    assert.match(cloud.grpc, /^127\.0\.0\.1:\d+$/);
  });

  it("takes a compressed body, and says so when it is none", async () => {
    const post = (body: Uint8Array, encoding: string): Promise<Response> =>
      fetch(`${cloud.rest}/hello/v1/greetings?greetingId=packed`, {
        method: "POST",
        headers: { "content-encoding": encoding },
        body,
      });
    const good = await post(new Uint8Array(gzipSync('{"text":"packed"}')), "gzip");
    assert.equal(good.status, 200);
    const bad = await post(new TextEncoder().encode('{"text":"plain"}'), "gzip");
    assert.equal(bad.status, 400);
    assert.match(await bad.text(), /not gzip data/);
    const unknown = await post(new TextEncoder().encode("{}"), "br");
    assert.match(await unknown.text(), /Content-Encoding \\"br\\" is not supported/);
  });

  it("tells a handler that its caller has hung up", async () => {
    const caller = new AbortController();
    const call = fetch(`${cloud.rest}/held`, { signal: caller.signal });
    const signal = await held.taken;
    assert.equal(signal.aborted, false);
    const aborted = new Promise((resolve) => signal.addEventListener("abort", resolve, { once: true }));
    caller.abort();
    await assert.rejects(call, { name: "AbortError" });
    await aborted;
    assert.match(String(signal.reason), /hung up/);
  });
});

describe("starting the local cloud", () => {
  it("fails by the system's own code when the port is taken, and frees what it had started", async () => {
    const other = createServer();
    await new Promise<void>((resolve) => other.listen(0, "127.0.0.1", resolve));
    const { port } = other.address() as AddressInfo;
    const held = new HeldService();
    await assert.rejects(startLocalCloud({ port, services: [() => held.service] }), { code: "EADDRINUSE" });
    assert.equal(held.stops, 1);
    await new Promise((resolve) => other.close(resolve));
    const cloud = await startLocalCloud({ port, services: [createHello] });
    assert.equal(cloud.rest, `http://127.0.0.1:${port}`);
    await cloud.stop();
  });

  it("lets a call under way finish when it is stopped", async () => {
    const held = new HeldService();
    const cloud = await startLocalCloud({ services: [() => held.service] });
    const call = fetch(`${cloud.rest}/held`);
    await held.taken;
    const stopped = cloud.stop();
    held.release();
    assert.equal((await call).status, 200);
    await stopped;
    assert.equal(held.stops, 1);
  });
});
