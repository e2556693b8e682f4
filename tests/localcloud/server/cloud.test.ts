import assert from "node:assert/strict";
import { request } from "node:http";
import { type LocalCloud, startLocalCloud } from "activate/localcloud";

describe("the local cloud", () => {
  let cloud: LocalCloud;
  before(async () => {
    cloud = await startLocalCloud();
  });
  after(() => cloud.stop());

  it("names itself to a caller who asks for a path that no service owns", async () => {
    const response = await fetch(`${cloud.rest}/nowhere`);
    assert.equal(response.status, 404);
    const body = (await response.json()) as { error: { status: string; message: string } };
    assert.equal(body.error.status, "NOT_FOUND");
    assert.match(body.error.message, /GET \/nowhere/);
  });

  it("refuses a foreign Host header", async () => {
    const status = await new Promise<number | undefined>((resolve, reject) => {
      request(`${cloud.rest}/`, { headers: { host: "evil.example" } }, (response) => {
        response.resume();
        resolve(response.statusCode);
      })
        .on("error", reject)
        .end();
    });
    assert.equal(status, 403);
  });
});
