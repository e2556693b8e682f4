import assert from "node:assert/strict";
import { activate } from "./activate.js";

describe("activate check", function () {
  this.timeout(180_000);

  it("notebooks: every notebook of this repository is as it has to be", async () => {
    const { code, stdout, stderr } = await activate(["check", "notebooks", "declarations"]);
    assert.equal(code, 0, stdout + stderr);
    assert.match(stdout, /^ok {5}declarations \(.* s\)\nok {5}notebooks \(.* s\)\n$/m);
  });

  it("names the steps that there are", async () => {
    const { code, stderr } = await activate(["check", "notebook"]);
    assert.equal(code, 2);
    assert.match(stderr, /notebooks/);
  });
});
