import assert from "node:assert/strict";
import { type ChildProcess, spawn } from "node:child_process";
import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { ManualClock, systemClock } from "activate/localcloud/platform/clock.js";
import { ChildProcessHost, type Container, freePort, waitForHttp } from "activate/localcloud/platform/containers";
import { FileLog } from "activate/localcloud/platform/containers/log.js";
import { gone, ROOT, TemporaryFolder } from "../../cli/activate.js";
import { PROBE_IMAGE, type ProbeAnswer, ProbeImages } from "../containers/images.js";

describe("containers as child processes", () => {
  let images: ProbeImages;
  let state: TemporaryFolder;
  let host: ChildProcessHost;

  before(() => {
    images = new ProbeImages();
  });
  after(() => images.remove());

  beforeEach(() => {
    state = new TemporaryFolder();
    host = open();
  });
  afterEach(async () => {
    await host.stopAll();
    state.remove();
  });

  function open(): ChildProcessHost {
    return new ChildProcessHost({
      folder: state.path,
      imagesFolder: images.folder,
      clock: systemClock,
      random: Math.random,
      address: () => ({ ACTIVATE_LOCAL_REST: "http://127.0.0.1:1" }),
    });
  }

  const start = (env: Record<string, string>, more: { command?: string[]; args?: string[] } = {}): Promise<Container> =>
    host.start({ image: PROBE_IMAGE, env, name: "tests/probe", ...more });

  async function serving(
    env: Record<string, string> = {},
    more: { args?: string[] } = {},
  ): Promise<[Container, number]> {
    const port = await freePort();
    const container = await start({ PORT: String(port), ...env }, more);
    const outcome = await waitForHttp(container, { port, path: "/", timeoutMs: 10_000, clock: systemClock });
    assert.equal(outcome, "ready");
    return [container, port];
  }

  const ask = async (port: number, path = "/"): Promise<ProbeAnswer> =>
    (await (await fetch(`http://127.0.0.1:${port}${path}`)).json()) as ProbeAnswer;

  const texts = async (count = 100): Promise<string[]> =>
    (await host.log("tests/probe").tail(count)).map(({ stream, text }) => `${stream}: ${text}`);

  it("see what they were given, where the cloud answers, PATH, and nothing else of this machine", async () => {
    const [, port] = await serving({ K_SERVICE: "scorer" });
    const { TMPDIR, ...env } = (await ask(port)).env;
    assert.deepEqual(env, {
      PATH: process.env.PATH,
      PORT: String(port),
      K_SERVICE: "scorer",
      ACTIVATE_LOCAL_REST: "http://127.0.0.1:1",
      ...(env.__CF_USER_TEXT_ENCODING === undefined ? {} : { __CF_USER_TEXT_ENCODING: env.__CF_USER_TEXT_ENCODING }),
    });
    assert.equal(TMPDIR, process.env.TMPDIR);
  });

  it("get the image's CMD unless arguments replace it", async () => {
    const [, first] = await serving();
    assert.deepEqual((await ask(first)).arguments, ["default"]);
    const [, second] = await serving({}, { args: ["one", "two"] });
    assert.deepEqual((await ask(second)).arguments, ["one", "two"]);
  });

  it("lose ENTRYPOINT and CMD to a command", async () => {
    const script = "console.log(JSON.stringify(process.argv.slice(1)))";
    const container = await start({}, { command: ["node", "-e", script], args: ["x"] });
    assert.deepEqual(await container.exited, { code: 0, signal: null });
    assert.deepEqual(await texts(), ['stdout: ["x"]']);
    const bare = await start({}, { command: ["node", "-e", script] });
    await bare.exited;
    assert.deepEqual(await texts(1), ["stdout: []"]);
  });

  it("end with 127 where the command is no program of the image, as Docker says it", async () => {
    const container = await start({}, { command: ["python3", "main.py"] });
    assert.deepEqual(await container.exited, { code: 127, signal: null });
    assert.deepEqual(await texts(), ['system: exec: "python3": executable file not found in $PATH']);
  });

  it("are refused, with what to do, for an image that is not there", () => {
    assert.throws(() => host.resolve("gcr.io/google-samples/hello-app:1.0"), {
      status: "FAILED_PRECONDITION",
      message:
        `Image 'gcr.io/google-samples/hello-app:1.0' not found. The local cloud has no container engine: it runs only the images built for it ("probe"). ` +
        "Name one of them as the last part of the URI, or run this step on Google Cloud.",
    });
    assert.equal(host.resolve("probe").name, "probe");
    assert.equal(host.resolve(`${PROBE_IMAGE.replace(":1", "")}@sha256:0123`).name, "probe");
  });

  it("have their lines kept, a last one without an end too", async () => {
    const container = await start({ PROBE_SAY: "hello", PROBE_EXIT: "5" });
    assert.deepEqual(await container.exited, { code: 5, signal: null });
    assert.deepEqual((await texts()).sort(), ["stderr: hello on standard error", "stdout: hello"]);
    await host.stopAll();
    host = open();
    assert.deepEqual((await texts()).sort(), ["stderr: hello on standard error", "stdout: hello"]);
    const [line] = await host.log("tests/probe").since(0);
    assert.equal(line?.instanceId, container.instanceId);
    assert.deepEqual(await host.log("tests/probe").since((line?.timeMs ?? 0) + 60_000), []);
    await host.removeLogs("tests");
    assert.deepEqual(await texts(), []);
  });

  it("are asked to end by SIGTERM, and killed when they do not within their grace", async () => {
    const [polite] = await serving();
    assert.deepEqual(await polite.stop(), { code: 0, signal: null });
    assert.ok((await texts()).includes("stdout: SIGTERM"));
    const [stubborn] = await serving({ PROBE_STUBBORN: "yes" });
    assert.deepEqual(await stubborn.stop(50), { code: null, signal: "SIGKILL" });
  });

  it("die with the process that started them, kill -9 included; one too busy to notice is ended by the next", async function () {
    this.timeout(20_000);
    const port = await freePort();
    const parent = await startHostProcess(state.path, images.folder, port);
    parent.process.kill("SIGKILL");
    await gone(parent.polite);
    const { isAlive, identityOf } = await import("activate/localcloud/platform/processes.js");
    const busy = identityOf(parent.busy);
    assert.ok(busy && isAlive(busy));
    host = open();
    await gone(parent.busy);
    assert.deepEqual(readdirSync(join(state.path, "processes")), []);
  });

  it("report one that ends while it is waited for, and a time that is up", async () => {
    const ended = await start({ PROBE_EXIT: "7" });
    const port = await freePort();
    const options = { port, path: "/", clock: systemClock };
    assert.deepEqual(await waitForHttp(ended, { ...options, timeoutMs: 10_000 }), { code: 7, signal: null });
    const silent = await start({ PROBE_SILENT: "yes" });
    assert.equal(await waitForHttp(silent, { ...options, timeoutMs: 100 }), "timeout");
  });

  it("keep a log of bounded size whose newest lines are whole", async () => {
    const path = join(state.path, "logs", "bounded.jsonl");
    const log = new FileLog(path, 4_000);
    const clock = new ManualClock();
    for (let index = 0; index < 1000; index++) {
      log.append({ timeMs: clock.now(), stream: "stdout", text: `line ${index}`, instanceId: "i" });
      if (index % 10 === 0) await log.flush();
    }
    const lines = await log.tail(10_000);
    assert.ok(lines.length > 10 && lines.length < 150, `${lines.length} lines kept`);
    assert.deepEqual(
      lines.slice(-3).map(({ text }) => text),
      ["line 997", "line 998", "line 999"],
    );
    assert.ok(existsSync(`${path}.1`));
    await log.close();
  });
});

interface HostProcess {
  readonly process: ChildProcess;
  readonly polite: number;
  readonly busy: number;
}

/** A process of its own that hosts two containers: one serves, one computes without end. */
function startHostProcess(folder: string, imagesFolder: string, port: number): Promise<HostProcess> {
  const script = `
    const { ChildProcessHost, waitForHttp } = require("activate/localcloud/platform/containers");
    const { systemClock: clock } = require("activate/localcloud/platform/clock.js");
    const host = new ChildProcessHost({ ...${JSON.stringify({ folder, imagesFolder })}, clock, random: Math.random, address: () => ({}) });
    const start = (env) => host.start({ image: "probe", env, name: "tests/probe" });
    (async () => {
      const busy = await start({ PROBE_BUSY: "yes", PROBE_SAY: "busy" });
      const polite = await start({ PORT: "${port}" });
      await waitForHttp(polite, { port: ${port}, path: "/", timeoutMs: 10000, clock });
      while ((await busy.log.tail(1)).length === 0) await new Promise((done) => setImmediate(done));
      console.log(JSON.stringify({ polite: polite.pid, busy: busy.pid }));
      setInterval(() => undefined, 1e6);
    })();`;
  const child = spawn(process.execPath, ["-e", script], { cwd: ROOT, stdio: ["ignore", "pipe", "inherit"] });
  return new Promise((resolve, reject) => {
    child.once("exit", () => reject(new Error("The host ended.")));
    child.stdout.once("data", (chunk: Buffer) =>
      resolve({ process: child, ...(JSON.parse(chunk.toString("utf8")) as Omit<HostProcess, "process">) }),
    );
  });
}
