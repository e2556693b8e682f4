import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { type LocalCloud, startLocalCloud } from "activate/localcloud";
import { clientVariables } from "activate/localcloud/launch/clients.js";
import { createStorage } from "activate/localcloud/storage";
import { bytes, PROJECT } from "../localcloud/storage/cloud.js";

describe("other official clients on the local Cloud Storage", function () {
  this.timeout(180_000);
  const folder = mkdtempSync(join(tmpdir(), "activate-storage-clients-"));
  const file = (name: string): string => join(folder, name);
  // Beyond 8 MiB gsutil and gcloud upload in a resumable session.
  const large = bytes(9 * 1024 * 1024);
  let cloud: LocalCloud;
  let environment: NodeJS.ProcessEnv;

  const run = (
    program: string,
    words: readonly string[],
  ): Promise<{ code: number | null; text: string; errors: string }> =>
    new Promise((done, fail) => {
      const child = spawn(program, words, { env: environment, cwd: folder, stdio: ["ignore", "pipe", "pipe"] });
      let [text, errors] = ["", ""];
      child.stdout.on("data", (chunk: Buffer) => {
        text += chunk.toString("utf8");
      });
      child.stderr.on("data", (chunk: Buffer) => {
        errors += chunk.toString("utf8");
      });
      child.once("error", fail);
      child.once("close", (code) => done({ code, text, errors }));
    });
  const printed = async (program: string, ...words: string[]): Promise<string> => {
    const { code, text, errors } = await run(program, words);
    assert.equal(code, 0, `${program} ${words.join(" ")}\n${text}${errors}`);
    return text;
  };

  before(async () => {
    writeFileSync(file("small.txt"), "hello\n");
    writeFileSync(file("large.bin"), large);
    const state = join(folder, "state");
    cloud = await startLocalCloud({ stateDir: state, project: PROJECT, services: [createStorage] });
    const running = { rest: cloud.rest, grpc: cloud.grpc, project: PROJECT, state, pid: 0 };
    environment = { ...process.env, ...clientVariables(running), CLOUDSDK_CONFIG: join(folder, "config") };
  });
  after(async () => {
    await cloud.stop();
    rmSync(folder, { recursive: true, force: true });
  });

  it("gsutil makes a bucket, copies files there and back, lists, shows and removes", async function () {
    needs(this, "gsutil");
    await printed("gsutil", "mb", "gs://from-gsutil");
    await printed("gsutil", "-q", "cp", "small.txt", "large.bin", "gs://from-gsutil/folder/");
    const listed = await printed("gsutil", "ls", "-r", "gs://from-gsutil");
    assert.match(listed, /folder\/large\.bin\s+gs:\/\/from-gsutil\/folder\/small\.txt/);
    assert.equal(await printed("gsutil", "cat", "gs://from-gsutil/folder/small.txt"), "hello\n");
    await printed("gsutil", "-q", "cp", "gs://from-gsutil/folder/large.bin", "back.bin");
    assert.ok(readFileSync(file("back.bin")).equals(large));
    await printed("gsutil", "-q", "mv", "gs://from-gsutil/folder/small.txt", "gs://from-gsutil/moved.txt");
    await printed("gsutil", "-q", "rm", "gs://from-gsutil/moved.txt");
    const { code, errors } = await run("gsutil", ["cat", "gs://from-gsutil/moved.txt"]);
    assert.notEqual(code, 0);
    assert.match(errors, /No URLs matched/);
    await printed("gsutil", "-q", "rm", "-r", "gs://from-gsutil");
  });

  it("gcloud storage does the same", async function () {
    needs(this, "gcloud");
    await printed("gcloud", "storage", "buckets", "create", "gs://from-gcloud", "--location=europe-west1");
    await printed("gcloud", "storage", "cp", "small.txt", "large.bin", "gs://from-gcloud/folder/");
    const listed = await printed("gcloud", "storage", "ls", "gs://from-gcloud/folder/");
    assert.deepEqual(listed.trim().split("\n"), [
      "gs://from-gcloud/folder/large.bin",
      "gs://from-gcloud/folder/small.txt",
    ]);
    assert.equal(await printed("gcloud", "storage", "cat", "gs://from-gcloud/folder/small.txt"), "hello\n");
    await printed("gcloud", "storage", "cp", "gs://from-gcloud/folder/large.bin", "again.bin");
    assert.ok(readFileSync(file("again.bin")).equals(large));
    await printed("gcloud", "storage", "rm", "--recursive", "gs://from-gcloud");
  });

  it("the Python client uploads, downloads, copies, composes, deletes in a batch and holds preconditions", async function () {
    const python = process.env.ACTIVATE_TEST_PYTHON ?? "";
    if (python === "") skip(this, "ACTIVATE_TEST_PYTHON names no interpreter that has google-cloud-storage");
    else if ((await run(python, ["-c", "import google.cloud.storage"])).code !== 0) {
      skip(this, `${python} (ACTIVATE_TEST_PYTHON) cannot import google.cloud.storage`);
    }
    assert.deepEqual(JSON.parse(await printed(python, "-c", PYTHON)), {
      hashes: ["mnG7TA==", "XUFAKrxLKna5cZ2REBfFkg=="],
      text: "hello",
      large: true,
      prefixes: ["a/"],
      composed: "hellohello",
      left: ["a/x y.txt", "composed", "large"],
      errors: ["NotFound", "PreconditionFailed"],
      lines: 50_000,
    });
  });
});

const PYTHON = `
import io, json
from google.api_core.exceptions import NotFound, PreconditionFailed
from google.auth.credentials import AnonymousCredentials
from google.cloud import storage
import os
client = storage.Client(project=os.environ["GOOGLE_CLOUD_PROJECT"], credentials=AnonymousCredentials())
bucket = client.create_bucket("from-python")
blob = bucket.blob("a/x y.txt")
blob.upload_from_string("hello")
blob.reload()
data = os.urandom(1_500_000)
large = bucket.blob("large", chunk_size=256 * 1024)
large.upload_from_file(io.BytesIO(data))
copy = bucket.copy_blob(blob, bucket, "copy")
bucket.blob("rewritten").rewrite(blob)
listing = client.list_blobs(bucket, delimiter="/")
list(listing)
composed = bucket.blob("composed")
composed.compose([blob, copy])
with client.batch():
    copy.delete()
    bucket.blob("rewritten").delete()
left = [found.name for found in client.list_blobs(bucket)]
errors = []
for attempt in (lambda: bucket.blob("none").reload(), lambda: blob.upload_from_string("z", if_generation_match=0)):
    try:
        attempt()
    except (NotFound, PreconditionFailed) as thrown:
        errors.append(type(thrown).__name__)
with bucket.blob("lines").open("w") as out:
    out.write("line\\n" * 50_000)
with bucket.blob("lines").open("r") as lines:
    count = sum(1 for _ in lines)
print(json.dumps({"hashes": [blob.crc32c, blob.md5_hash], "text": blob.download_as_text(), "large": large.download_as_bytes() == data,
    "prefixes": sorted(listing.prefixes), "composed": composed.download_as_text(), "left": left, "errors": errors, "lines": count}))
bucket.delete(force=True)
`;

/** Skips a test where a program is missing, and says so. */
function needs(context: Mocha.Context, program: string): void {
  const there = (process.env.PATH ?? "").split(delimiter).some((part) => existsSync(join(part, program)));
  if (!there) skip(context, `the Google Cloud CLI's ${program} is not on the PATH`);
}

function skip(context: Mocha.Context, why: string): never {
  console.log(`      skipped: ${why}`);
  return context.skip();
}
