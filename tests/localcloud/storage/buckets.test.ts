import assert from "node:assert/strict";
import { ManualClock } from "activate/localcloud/platform/clock.js";
import { openShop, refused, type Shop } from "./cloud.js";

const DAY_MS = 24 * 3600 * 1000;

describe("buckets of the local Cloud Storage", () => {
  let shop: Shop;
  const clock = new ManualClock(Date.UTC(2026, 5, 1));
  before(async () => {
    shop = await openShop({ clock });
  });
  after(() => shop.stop());

  /** What happens from time to time needs the clock to go on. */
  const until = async (done: () => Promise<boolean>): Promise<void> => {
    while (!(await done())) await clock.advance(3600_000);
  };

  /** What the client's types do not let through. */
  const patch = async (name: string, body: object): Promise<[status: number, message: string | undefined]> => {
    const answer = await fetch(`${shop.cloud.rest}/storage/v1/b/${name}`, {
      method: "PATCH",
      body: JSON.stringify(body),
    });
    const { error } = (await answer.json()) as { error?: { message: string } };
    return [answer.status, error?.message];
  };

  it("are made with Google's defaults, and answer in the shape of the contract", async () => {
    const [bucket] = await shop.storage.createBucket("defaults");
    const { location, locationType, storageClass, softDeletePolicy, iamConfiguration, metageneration, rpo } =
      bucket.metadata;
    assert.deepEqual(
      { location, locationType, storageClass, metageneration, rpo },
      { location: "US", locationType: "multi-region", storageClass: "STANDARD", metageneration: "1", rpo: "DEFAULT" },
    );
    assert.equal(softDeletePolicy?.retentionDurationSeconds, "604800");
    assert.equal(iamConfiguration?.publicAccessPrevention, "inherited");
    assert.equal(iamConfiguration?.uniformBucketLevelAccess?.enabled, false);
  });

  it("refuse names that break the rules, a second bucket of a name, and settings that cannot be", async () => {
    for (const name of ["ab", "Upper", "-x-", "goog-x", "my-google-x", "192.168.1.1", "a..b", "x".repeat(64)]) {
      await assert.rejects(
        shop.storage.createBucket(name),
        refused(400, new RegExp(`^Invalid bucket name: '${name}'$`)),
      );
    }
    await shop.storage.createBucket("taken");
    await assert.rejects(
      shop.storage.createBucket("taken"),
      refused(409, /^Your previous request to create the named bucket succeeded/),
    );
    await assert.rejects(
      shop.storage.createBucket("x-1", { location: "nowhere" }),
      refused(400, /location constraint is not valid/),
    );
    await assert.rejects(
      shop.storage.createBucket("x-1", { storageClass: "GOLD" }),
      refused(400, /^Invalid storage class "GOLD"$/),
    );
    await assert.rejects(
      shop.storage.createBucket("x-1", {
        encryption: { defaultKmsKeyName: "projects/p/locations/us/keyRings/r/cryptoKeys/k" },
      }),
      refused(501, /Field 'Bucket\.encryption\.defaultKmsKeyName' is not supported by the local Cloud Storage/),
    );
    await assert.rejects(
      shop.storage.createBucket("x-1", { hierarchicalNamespace: { enabled: true } }),
      refused(501, /hierarchicalNamespace/),
    );
    assert.deepEqual(await shop.storage.bucket("x-1").exists(), [false]);
  });

  it("merge patches: absent keeps, null removes, lists replace, an empty patch changes nothing", async () => {
    const [bucket] = await shop.storage.createBucket("patched");
    await bucket.setLabels({ a: "1", b: "2" });
    await bucket.deleteLabels("a");
    await bucket.setMetadata({ website: { mainPageSuffix: "index.html" }, cors: [{ maxAgeSeconds: 10 }] });
    await bucket.setMetadata({ website: { notFoundPage: "404.html" } });
    const [metadata] = await bucket.getMetadata();
    assert.deepEqual(metadata.labels, { b: "2" });
    assert.deepEqual(metadata.website, { mainPageSuffix: "index.html", notFoundPage: "404.html" });
    assert.deepEqual(metadata.cors, [{ maxAgeSeconds: 10 }]);
    const [same] = await bucket.setMetadata({});
    assert.equal(same.metageneration, metadata.metageneration);
    await bucket.setCorsConfiguration([]);
    await patch("patched", { website: null });
    const [cleared] = await bucket.getMetadata();
    assert.deepEqual([cleared.cors, cleared.website], [undefined, undefined]);
    await assert.rejects(bucket.setLabels({ Upper: "x" }), refused(400, /Label key "Upper"/));
    await assert.rejects(
      bucket.setMetadata({ labels: {} }, { ifMetagenerationMatch: 1 }),
      refused(412, /pre-conditions/),
    );
  });

  it("go only when they are empty, and come back while soft deletion keeps them", async () => {
    const [bucket] = await shop.storage.createBucket("deleted");
    await bucket.file("x").save("x");
    await assert.rejects(bucket.delete(), refused(409, /^The bucket you tried to delete is not empty\.$/));
    await bucket.file("x").delete();
    const generation = String(bucket.metadata.generation);
    await bucket.delete();
    await assert.rejects(bucket.getMetadata(), refused(404, /bucket does not exist/));
    const [gone] = await shop.storage.getBuckets({ softDeleted: true });
    assert.ok(gone.some(({ name }) => name === "deleted"));
    await shop.storage.bucket("deleted").restore({ generation });
    assert.deepEqual(await shop.storage.bucket("deleted").exists(), [true]);
  });

  it("are listed by prefix, page after page", async () => {
    for (const name of ["page-1", "page-2", "page-3"]) await shop.storage.createBucket(name);
    const [all] = await shop.storage.getBuckets({ prefix: "page-" });
    assert.deepEqual(
      all.map(({ name }) => name),
      ["page-1", "page-2", "page-3"],
    );
    const [first, next] = await shop.storage.getBuckets({ prefix: "page-", maxResults: 2, autoPaginate: false });
    assert.equal(first.length, 2);
    assert.ok(next);
  });

  it("keep objects for as long as retention and holds ask, and lock", async () => {
    const [bucket] = await shop.storage.createBucket("retained", { retentionPolicy: { retentionPeriod: 100 } });
    const file = bucket.file("kept");
    await file.save("kept");
    assert.deepEqual((await file.getExpirationDate())[0], new Date(clock.now() + 100_000));
    await assert.rejects(file.delete(), refused(403, /retention policy/));
    await assert.rejects(file.save("other", { resumable: false }), refused(403, /retention policy/));
    await clock.advance(101_000);
    await file.setMetadata({ temporaryHold: true });
    await assert.rejects(file.delete(), refused(403, /under active Temporary hold/));
    await file.setMetadata({ temporaryHold: false });
    await file.delete();
    const [{ metageneration }] = await bucket.getMetadata();
    await bucket.lock(String(metageneration));
    await assert.rejects(bucket.setRetentionPeriod(50), refused(403, /locked Retention Policy/));
    await bucket.setRetentionPeriod(200);
  });

  it("retain single objects where they are made for it", async () => {
    const [bucket] = await shop.storage.createBucket("object-retention", { enableObjectRetention: true });
    const file = bucket.file("dated");
    await file.save("x");
    const retainUntilTime = new Date(clock.now() + DAY_MS).toISOString();
    await file.setMetadata({ retention: { mode: "Unlocked", retainUntilTime } });
    await assert.rejects(file.delete(), refused(403, /object retention/));
    await assert.rejects(file.setMetadata({ retention: null }), refused(403, /overrideUnlockedRetention/));
    await file.setMetadata({ retention: null }, { overrideUnlockedRetention: true });
    await file.delete();
  });

  it("keep noncurrent generations where versioning is on", async () => {
    const [bucket] = await shop.storage.createBucket("versioned", { versioning: { enabled: true } });
    const file = bucket.file("v");
    await file.save("one");
    const [{ generation }] = await file.getMetadata();
    await file.save("two");
    await file.delete();
    assert.deepEqual(await file.exists(), [false]);
    const old = bucket.file("v", { generation: String(generation) });
    assert.equal((await old.download())[0].toString(), "one");
    const [files] = await bucket.getFiles({ versions: true });
    assert.deepEqual(
      files.map(({ metadata }) => metadata.timeDeleted !== undefined),
      [true, true],
    );
    await assert.rejects(bucket.delete(), refused(409, /not empty/));
    await bucket.deleteFiles({ versions: true });
    await bucket.delete();
  });

  it("give soft-deleted objects back, until their time is over", async () => {
    const [bucket] = await shop.storage.createBucket("soft");
    const file = bucket.file("s");
    await file.save("soft");
    const generation = Number((await file.getMetadata())[0].generation);
    await file.delete();
    const [kept] = await bucket.getFiles({ softDeleted: true });
    assert.deepEqual(
      kept.map(({ name }) => name),
      ["s"],
    );
    await file.restore({ generation });
    assert.equal((await file.download())[0].toString(), "soft");
    await file.delete();
    await clock.advance(8 * DAY_MS);
    await until(async () => (await bucket.getFiles({ softDeleted: true }))[0].length === 0);
  });

  it("follow their lifecycle rules", async () => {
    const [bucket] = await shop.storage.createBucket("aging");
    await bucket.addLifecycleRule({ action: { type: "Delete" }, condition: { age: 30, matchesPrefix: ["tmp/"] } });
    await bucket.addLifecycleRule({
      action: { type: "SetStorageClass", storageClass: "NEARLINE" },
      condition: { age: 10 },
    });
    assert.equal((await bucket.getMetadata())[0].lifecycle?.rule?.length, 2);
    await bucket.file("tmp/x").save("x");
    await bucket.file("kept").save("x");
    const [{ generation }] = await bucket.file("kept").getMetadata();
    await clock.advance(11 * DAY_MS);
    await until(async () => (await bucket.file("kept").getMetadata())[0].storageClass === "NEARLINE");
    assert.equal((await bucket.file("kept").getMetadata())[0].generation, generation);
    await clock.advance(20 * DAY_MS);
    await until(async () => !(await bucket.file("tmp/x").exists())[0]);
    assert.deepEqual(await bucket.file("kept").exists(), [true]);
    const rule = [{ action: { type: "Explode" }, condition: { age: 1 } }];
    assert.deepEqual(await patch("aging", { lifecycle: { rule } }), [400, "Invalid lifecycle action: 'Explode'"]);
  });

  it("keep settings of location, class, replication, logging and payment as they were given", async () => {
    const [bucket] = await shop.storage.createBucket("settings", {
      location: "NAM4",
      rpo: "ASYNC_TURBO",
      requesterPays: true,
      autoclass: { enabled: true, terminalStorageClass: "ARCHIVE" },
    });
    const [metadata] = await bucket.getMetadata();
    assert.deepEqual(
      [metadata.locationType, metadata.rpo, metadata.billing, metadata.autoclass?.terminalStorageClass],
      ["dual-region", "ASYNC_TURBO", { requesterPays: true }, "ARCHIVE"],
    );
    await bucket.enableLogging({ prefix: "log" });
    assert.deepEqual(bucket.metadata.logging, { logBucket: "settings", logObjectPrefix: "log" });
    await bucket.setStorageClass("coldline");
    assert.equal((await bucket.getMetadata())[0].storageClass, "COLDLINE");
  });

  it("have HMAC keys beside them", async () => {
    const [key, secret] = await shop.storage.createHmacKey("robot@activate-local.iam.gserviceaccount.com");
    assert.equal(secret.length, 40);
    assert.equal(key.metadata?.state, "ACTIVE");
    await assert.rejects(key.delete(), refused(400, /ACTIVE/));
    await key.setMetadata({ state: "INACTIVE" });
    await key.delete();
    assert.deepEqual((await shop.storage.getHmacKeys())[0], []);
    assert.equal((await key.getMetadata())[0].state, "DELETED");
  });
});
