import assert from "node:assert/strict";
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { activate, TemporaryFolder } from "./activate.js";

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
