import assert from "node:assert/strict";
import { generateKeyPairSync } from "node:crypto";
import { type Bucket, Storage } from "@google-cloud/storage";
import { ManualClock } from "activate/localcloud/platform/clock.js";
import { openShop, PROJECT, refused, type Shop } from "./cloud.js";

const USER = "user-somebody@example.com";

describe("access to the local Cloud Storage", () => {
  let shop: Shop;
  let bucket: Bucket;
  const clock = new ManualClock(Date.now());
  before(async () => {
    shop = await openShop({ clock });
    [bucket] = await shop.storage.createBucket("accessed");
    await bucket.file("f").save("content");
  });
  after(() => shop.stop());

  it("is granted entry by entry: buckets, objects, objects to come", async () => {
    const lists = [bucket.acl, bucket.acl.default, bucket.file("f").acl];
    for (const acl of lists) {
      const [all] = await acl.get();
      assert.ok(Array.isArray(all) && all.length >= 3);
      assert.deepEqual(await added(acl), ["OWNER", "OWNER", "READER"]);
      await acl.delete({ entity: USER });
      await assert.rejects(acl.get({ entity: USER }), refused(404, /^Not Found$/));
      await assert.rejects(acl.add({ entity: "nobody", role: "OWNER" }), refused(400, /Invalid entity/));
    }
  });

  async function added(acl: Bucket["acl"] | Bucket["acl"]["default"]): Promise<unknown[]> {
    const [made] = await acl.add({ entity: USER, role: "OWNER" });
    const [found] = await acl.get({ entity: USER });
    const [changed] = await acl.update({ entity: USER, role: "READER" });
    return [made, found, changed].map((entry) => (entry as { role: string }).role);
  }

  it("opens to everybody and closes again", async () => {
    const file = bucket.file("f");
    await file.makePublic();
    assert.deepEqual(await file.isPublic(), [true]);
    assert.equal(await (await fetch(`${shop.cloud.rest}/accessed/f`)).text(), "content");
    await file.makePrivate();
    assert.deepEqual(await file.isPublic(), [false]);
    await bucket.file("public").save("x", { public: true });
    assert.deepEqual(await bucket.file("public").isPublic(), [true]);
    const [copied] = await file.copy("copied", { predefinedAcl: "publicRead" });
    assert.deepEqual(await copied.isPublic(), [true]);
    const denied = await fetch(`${shop.cloud.rest}/accessed/f`);
    assert.equal(denied.status, 403);
    assert.match(
      await denied.text(),
      /<Code>AccessDenied<\/Code>.*Anonymous caller does not have storage\.objects\.get/,
    );
  });

  it("is by roles alone where access is uniform, and lists are as before when it is not", async () => {
    const [uniform] = await shop.storage.createBucket("uniform");
    const file = uniform.file("f");
    await file.save("x");
    await file.acl.add({ entity: USER, role: "OWNER" });
    const [before] = await file.acl.get();
    const set = (enabled: boolean) =>
      uniform.setMetadata({ iamConfiguration: { uniformBucketLevelAccess: { enabled } } });
    await set(true);
    await assert.rejects(
      file.acl.get(),
      refused(400, /^Cannot get legacy ACL for an object when uniform bucket-level/),
    );
    await assert.rejects(file.save("y", { predefinedAcl: "publicRead", resumable: false }), refused(400, /legacy ACL/));
    await file.save("z");
    await set(false);
    await file.acl.add({ entity: USER, role: "OWNER" });
    assert.equal(((await file.acl.get())[0] as object[]).length, (before as object[]).length);
  });

  it("keeps policies with conditions, and refuses one that was made from an older one", async () => {
    const [first] = await bucket.iam.getPolicy();
    assert.deepEqual(first.bindings, [
      {
        role: "roles/storage.legacyBucketOwner",
        members: [`projectEditor:${PROJECT}`, `projectOwner:${PROJECT}`],
      },
      { role: "roles/storage.legacyBucketReader", members: [`projectViewer:${PROJECT}`] },
    ]);
    const everybody = { role: "roles/storage.objectViewer", members: ["allUsers"] };
    const [second] = await bucket.iam.setPolicy({ ...first, bindings: [...first.bindings, everybody] });
    assert.deepEqual(await bucket.file("f").isPublic(), [true]);
    await assert.rejects(bucket.iam.setPolicy(first), refused(412, /pre-conditions/));
    const conditional = {
      role: "roles/storage.objectViewer",
      members: ["user:somebody@example.com"],
      condition: { title: "always", expression: "true" },
    };
    const wanted = { ...second, version: 3, bindings: [...first.bindings, conditional] };
    await assert.rejects(bucket.iam.setPolicy(wanted), refused(400, /require uniform bucket-level access/));
    await bucket.setMetadata({ iamConfiguration: { uniformBucketLevelAccess: { enabled: true } } });
    await bucket.iam.setPolicy(wanted);
    assert.deepEqual((await bucket.iam.getPolicy({ requestedPolicyVersion: 3 }))[0].bindings, wanted.bindings);
    const [permissions] = await bucket.iam.testPermissions(["storage.buckets.get", "storage.objects.create"]);
    assert.deepEqual(permissions, { "storage.buckets.get": true, "storage.objects.create": true });
    await bucket.setMetadata({ iamConfiguration: { uniformBucketLevelAccess: { enabled: false } } });
  });

  it("cannot be made public where that is prevented", async () => {
    const [closed] = await shop.storage.createBucket("prevented", {
      iamConfiguration: { publicAccessPrevention: "enforced" },
    });
    await closed.file("f").save("x");
    const words =
      /^The member bindings allUsers and allAuthenticatedUsers are not allowed since public access prevention/;
    await assert.rejects(closed.file("f").makePublic(), refused(412, words));
    await assert.rejects(closed.acl.add({ entity: "allUsers", role: "READER" }), refused(412, words));
    const [policy] = await closed.iam.getPolicy();
    const everybody = { role: "roles/storage.objectViewer", members: ["allUsers"] };
    await assert.rejects(closed.iam.setPolicy({ ...policy, bindings: [everybody] }), refused(412, words));
  });

  it("is given by signed URLs while they are good: get, put, delete, list, resumable", async () => {
    const { privateKey } = generateKeyPairSync("rsa", { modulusLength: 2048 });
    const signer = new Storage({
      projectId: PROJECT,
      apiEndpoint: shop.cloud.rest,
      credentials: {
        client_email: "robot@activate-local.iam.gserviceaccount.com",
        private_key: privateKey.export({ type: "pkcs8", format: "pem" }) as string,
      },
    }).bucket("accessed");
    const file = signer.file("special/azAZ!*'()*%/file name.txt");
    const expires = clock.now() + 3600_000;
    for (const version of ["v2", "v4"] as const) {
      const url = async (action: "read" | "write" | "delete" | "resumable") =>
        (
          await file.getSignedUrl({
            version,
            action,
            expires,
            ...(action === "write" ? { contentType: "text/plain" } : {}),
          })
        )[0];
      const put = await fetch(await url("write"), {
        method: "PUT",
        headers: { "content-type": "text/plain" },
        body: "signed",
      });
      assert.equal(put.status, 200, await put.text());
      assert.equal(await (await fetch(await url("read"))).text(), "signed");
      assert.equal((await fetch(await url("delete"), { method: "DELETE" })).status, 204);
      assert.deepEqual(await file.exists(), [false]);
      const begun = await fetch(await url("resumable"), { method: "POST", headers: { "x-goog-resumable": "start" } });
      assert.equal(begun.status, 201);
      const sent = await fetch(begun.headers.get("location") ?? "", { method: "PUT", body: "resumed" });
      assert.equal(sent.status, 200);
      assert.equal((await file.download())[0].toString(), "resumed");
    }
    const [listing] = await signer.getSignedUrl({ version: "v4", action: "list", expires });
    assert.match(
      await (await fetch(listing)).text(),
      /<ListBucketResult.*<Key>special\/azAZ!\*'\(\)\*%\/file name\.txt<\/Key>/,
    );
    const [early] = await file.getSignedUrl({
      version: "v4",
      action: "read",
      accessibleAt: clock.now() + 3600_000,
      expires: clock.now() + 7200_000,
    });
    assert.equal((await fetch(early)).status, 403);
    const [old] = await file.getSignedUrl({ version: "v4", action: "read", expires });
    await clock.advance(2 * 3600_000);
    const late = await fetch(old);
    assert.deepEqual([late.status, /<Code>ExpiredToken<\/Code>/.test(await late.text())], [400, true]);
    const forged = old.replace(/X-Goog-Signature=\w+/, "X-Goog-Signature=none!");
    assert.equal((await fetch(forged)).status, 403);
  });

  it("has channels in Google's words, and no others", async () => {
    await assert.rejects(
      bucket.createChannel("channel", { address: "https://example.com" }),
      refused(401, /^Unauthorized WebHook callback channel: https:\/\/example\.com$/),
    );
    await assert.rejects(shop.storage.channel("id", "resource").stop(), refused(404, /^Channel 'id' not found/));
  });
});
