import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { connect } from "node:net";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { freePort } from "activate/localcloud/platform/containers";
import { activate, gone, ROOT, TemporaryFolder } from "./activate.js";

describe("activate kernel", function () {
  this.timeout(60_000);
  let folder: TemporaryFolder;
  let env: { JUPYTER_DATA_DIR: string };
  beforeEach(() => {
    folder = new TemporaryFolder();
    env = { JUPYTER_DATA_DIR: folder.path };
  });
  afterEach(() => folder.remove());
  const specOf = (data: string): string => join(data, "kernels", "tslab", "kernel.json");

  it("installs a kernel that this user's Jupyter finds, again and again, and takes it away", async () => {
    for (const _ of [1, 2]) assert.equal((await activate(["kernel", "install"], env)).code, 0);
    const { argv } = JSON.parse(readFileSync(specOf(folder.path), "utf8")) as { argv: string[] };
    assert.ok(argv.slice(0, 2).every((file) => existsSync(file)));
    assert.deepEqual(argv.slice(2), ["kernel", "--config-path", "{connection_file}"]);
    assert.equal((await activate(["kernel", "uninstall"], env)).code, 0);
    assert.equal(existsSync(specOf(folder.path)), false);
    assert.match((await activate(["kernel", "uninstall"], env)).stdout, /No kernel named tslab is registered/);
  });

  it("installs for the Python of a prefix", async () => {
    assert.equal((await activate(["kernel", "install", "--prefix", folder.path])).code, 0);
    assert.ok(existsSync(specOf(join(folder.path, "share", "jupyter"))));
  });

  it("touches no kernel of the same name that is somebody else's, unless told to", async () => {
    mkdirSync(join(folder.path, "kernels", "tslab"), { recursive: true });
    writeFileSync(specOf(folder.path), '{"argv": ["tslab"]}');
    for (const action of ["install", "uninstall"]) assert.equal((await activate(["kernel", action], env)).code, 1);
    assert.equal(readFileSync(specOf(folder.path), "utf8"), '{"argv": ["tslab"]}');
    assert.equal((await activate(["kernel", "install", "--force"], env)).code, 0);
    assert.match(readFileSync(specOf(folder.path), "utf8"), /connection_file/);
  });
});

/** Stands in for the Jupyter that started a kernel: in a session of its own, as jupyter_client does it; prints its id. */
const JUPYTER = `
const { spawn } = require("node:child_process");
const kernel = spawn(process.execPath, JSON.parse(process.argv[1]), { detached: true, stdio: "ignore" });
console.log(kernel.pid);
setInterval(() => {}, 1000);
`;

describe("a kernel", function () {
  this.timeout(60_000);
  let folder: TemporaryFolder;
  beforeEach(() => {
    folder = new TemporaryFolder();
  });
  afterEach(() => folder.remove());

  it("answers while its Jupyter lives, and ends with it even when that is killed and shuts nothing down", async () => {
    const ports = await Promise.all([1, 2, 3, 4, 5].map(freePort));
    const [shell, iopub, stdin, control, heartbeat] = ports;
    const file = join(folder.path, "connection.json");
    const connection = { ip: "127.0.0.1", transport: "tcp", key: "k", signature_scheme: "hmac-sha256" };
    const channels = {
      shell_port: shell,
      iopub_port: iopub,
      stdin_port: stdin,
      control_port: control,
      hb_port: heartbeat,
    };
    writeFileSync(file, JSON.stringify({ ...connection, ...channels }));
    const words = [join(ROOT, "lib/dist/cli/setup/kernel.js"), "kernel", "--config-path", file];
    const jupyter = spawn(process.execPath, ["-e", JUPYTER, JSON.stringify(words)], { cwd: folder.path });
    const [pid]: string[] = await once(createInterface({ input: jupyter.stdout }), "line");
    try {
      while (!(await listens(shell ?? 0))) await new Promise((done) => setImmediate(done));
      const dead = once(jupyter, "exit");
      jupyter.kill("SIGKILL");
      await dead;
      await gone(Number(pid));
    } finally {
      jupyter.kill("SIGKILL");
      try {
        process.kill(Number(pid), "SIGKILL");
      } catch {
        // It has ended, as it should.
      }
    }
  });
});

function listens(port: number): Promise<boolean> {
  return new Promise((answer) => {
    const socket = connect(port, "127.0.0.1");
    socket.once("connect", () => answer(true)).once("error", () => answer(false));
    socket.once("connect", () => socket.destroy());
  });
}
