import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { AccessManagement, Connections, configFrom, ImageRegistry } from "activate/cloud";
import { repositoryRoot } from "activate/cloud/paths.js";
import { startLocalCloud } from "activate/localcloud";
import { createIam } from "activate/localcloud/iam/index.js";
import { createStorage } from "activate/localcloud/storage";
import { checkRestRequest } from "./restContract.js";

const gcp = configFrom({ ACTIVATE_TARGET: "gcp", ACTIVATE_PROJECT: "activate-local" });

interface Sent {
  readonly api: string;
  readonly verb: string;
  readonly url: string;
  readonly body: unknown;
}

/** Answers Cloud Build and Artifact Registry as Google does (their Discovery documents), the rest by the local cloud. */
class Google {
  readonly sent: Sent[] = [];
  readonly server: Server;
  buildStatuses = ["QUEUED", "WORKING", "SUCCESS"];
  #hasRepository = false;

  constructor(local: string) {
    this.server = createServer((incoming, response) => {
      const chunks: Buffer[] = [];
      incoming.on("data", (chunk: Buffer) => chunks.push(chunk));
      incoming.on("end", () => {
        const bytes = Buffer.concat(chunks);
        const url = incoming.url ?? "";
        const own = this.#answer(incoming.method ?? "", url);
        const isStorage = /^\/(upload\/)?storage\//.test(url);
        if (!isStorage) this.#record(incoming.method ?? "", url, bytes);
        if (own) {
          response.writeHead(own.status, { "content-type": "application/json" });
          response.end(JSON.stringify(own.body));
          return;
        }
        const headers = Object.fromEntries(
          Object.entries(incoming.headers).flatMap(([name, value]) =>
            typeof value === "string" && !["host", "connection", "content-length", "transfer-encoding"].includes(name)
              ? [[name, value]]
              : [],
          ),
        );
        fetch(local + url, {
          method: incoming.method ?? "GET",
          headers,
          ...(bytes.length > 0 ? { body: bytes } : {}),
        }).then(
          async (answer) => {
            const location = answer.headers.get("location")?.replace(local, `http://${incoming.headers.host}`);
            response.writeHead(answer.status, {
              "content-type": answer.headers.get("content-type") ?? "application/json",
              ...(location === undefined ? {} : { location }),
            });
            response.end(Buffer.from(await answer.arrayBuffer()));
          },
          () => response.destroy(),
        );
      });
    });
  }

  #record(verb: string, url: string, bytes: Buffer): void {
    const api = /\/builds/.test(url)
      ? "cloudbuild"
      : /\/(repositories|operations)/.test(url)
        ? "artifactregistry"
        : /:generateIdToken/.test(url)
          ? "iamcredentials"
          : url.startsWith("/v3/")
            ? "cloudresourcemanager"
            : "iam";
    this.sent.push({ api, verb, url, body: bytes.length === 0 ? undefined : JSON.parse(bytes.toString("utf8")) });
  }

  #answer(verb: string, url: string): { status: number; body: object } | undefined {
    const parent = "projects/activate-local/locations/europe-west1";
    if (url.includes("/repositories/")) {
      if (this.#hasRepository) return { status: 200, body: { name: url.slice(4), format: "DOCKER" } };
      return { status: 404, body: { error: { code: 404, message: "Repository not found.", status: "NOT_FOUND" } } };
    }
    if (url.includes("/repositories?")) {
      return { status: 200, body: { name: `${parent}/operations/op` } };
    }
    if (url.endsWith("/operations/op")) {
      this.#hasRepository = true;
      return { status: 200, body: { name: `${parent}/operations/op`, done: true } };
    }
    if (verb === "POST" && url.endsWith("/builds")) {
      return { status: 200, body: { name: "operations/build", metadata: { build: { id: "b1", status: "QUEUED" } } } };
    }
    if (url.endsWith("/builds/b1")) {
      const status = this.buildStatuses.shift();
      const results = { images: [{ name: gcp.image, digest: "sha256:0123" }] };
      const logUrl = "https://console.cloud.google.com/cloud-build/builds/b1";
      return { status: 200, body: { id: "b1", status, logUrl, ...(status === "SUCCESS" ? { results } : {}) } };
    }
    return undefined;
  }
}

describe("the image", () => {
  it("is described alike by Dockerfile and bundles: entrypoint, command, no root, a health check", () => {
    const dockerfile = readFileSync(join(repositoryRoot(), "Dockerfile"), "utf8");
    const bundled = readFileSync(join(repositoryRoot(), "lib/bin/images.mjs"), "utf8");
    const instruction = (name: string): string => new RegExp(`^${name} (.*)$`, "m").exec(dockerfile)?.[1] ?? "";
    const description = /DESCRIPTION = (\{.*\});/.exec(bundled)?.[1] ?? "";
    assert.ok(description.includes(`entrypoint: ${instruction("ENTRYPOINT")}`));
    assert.ok(description.includes(`cmd: ${instruction("CMD")}`));
    assert.equal(instruction("USER"), "node");
    assert.match(instruction("HEALTHCHECK"), /\/health/);
  });

  it("is not pushed from the local target, nor to anywhere but Artifact Registry", async () => {
    const address = { bigQuery: "http://127.0.0.1:1", vertex: { host: "127.0.0.1", port: 1, encrypted: false } };
    const local = new ImageRegistry(new Connections(configFrom({}), { ...address, credentials: "none" }));
    await assert.rejects(local.push(), /nowhere to push to\. Set ACTIVATE_TARGET=gcp/);
  });
});

describe("every request that deploying sends to Google's REST APIs, captured", function () {
  this.timeout(20_000);
  const root = mkdtempSync(join(tmpdir(), "activate-image-"));
  let cloud: Awaited<ReturnType<typeof startLocalCloud>>;
  let google: Google;
  let connections: Connections;

  before(async () => {
    const bundles = join(root, "lib/dist/images/activate");
    mkdirSync(bundles, { recursive: true });
    writeFileSync(join(root, "Dockerfile"), "FROM scratch\n");
    writeFileSync(join(bundles, "main.js"), "main\n");
    writeFileSync(join(bundles, "scorer.js"), "scorer\n".repeat(1000));
    cloud = await startLocalCloud({ project: gcp.project, services: [createIam, createStorage] });
    google = new Google(cloud.rest);
    await new Promise<void>((listening) => google.server.listen(0, "127.0.0.1", listening));
    const { port } = google.server.address() as AddressInfo;
    const [host = "", grpcPort = ""] = cloud.grpc.split(":");
    connections = new Connections(gcp, {
      bigQuery: `http://127.0.0.1:${port}`,
      vertex: { host, port: Number(grpcPort), encrypted: false },
      credentials: "none",
    });
  });
  after(async () => {
    await connections.close();
    google.server.closeAllConnections();
    google.server.close();
    await cloud.stop();
    rmSync(root, { recursive: true });
  });

  it("push: repository, upload, build, and the digest in the end", async () => {
    const stages: string[] = [];
    const registry = new ImageRegistry(connections, async () => undefined);
    const pushed = await registry.push(({ stage }) => stages.push(stage), root);
    assert.equal(pushed.digest, "sha256:0123");
    assert.deepEqual(stages, ["making the repository", "uploading the bundles", "queued", "working", ""]);
    const build = google.sent.find(({ verb, url }) => verb === "POST" && url.endsWith("/builds"))?.body as {
      images: string[];
      source: { storageSource: { object: string } };
    };
    assert.deepEqual(build.images, [gcp.image]);
    const { object } = build.source.storageSource;
    const uploaded = await fetch(`${cloud.rest}/storage/v1/b/${gcp.bucket}/o/${encodeURIComponent(object)}?alt=media`);
    const archive = join(root, "archive.tgz");
    writeFileSync(archive, Buffer.from(await uploaded.arrayBuffer()));
    const listed = spawnSync("tar", ["-tzf", archive], { encoding: "utf8" });
    assert.deepEqual(listed.stdout.trim().split("\n"), [
      "Dockerfile",
      "lib/dist/images/activate/main.js",
      "lib/dist/images/activate/scorer.js",
    ]);
    const content = spawnSync("tar", ["-xzOf", archive, "lib/dist/images/activate/scorer.js"], { encoding: "utf8" });
    assert.equal(content.stdout, "scorer\n".repeat(1000));
  });

  it("push: a build that fails says why and where its log is", async () => {
    google.buildStatuses = ["FAILURE"];
    const registry = new ImageRegistry(connections, async () => undefined);
    await assert.rejects(registry.push(undefined, root), /FAILURE\. Its log: https:\/\/console\.cloud\.google\.com/);
  });

  it("accounts, roles and tokens", async () => {
    const access = new AccessManagement(connections);
    await access.ensureAccount("scorer");
    const push = await access.ensurePushAccount();
    await access.identityToken(push, "https://scorer.example");
    await access.removeAccount("push");
    await access.removeAccount("scorer");
  });

  it("all keep their Discovery documents", () => {
    const checked = google.sent.map(({ api, verb, url, body }) => ({ ...checkRestRequest(api, verb, url, body), url }));
    assert.deepEqual(
      checked.filter(({ faults }) => faults.length > 0),
      [],
    );
    assert.deepEqual([...new Set(checked.map(({ method }) => method))].sort(), [
      "artifactregistry.projects.locations.operations.get",
      "artifactregistry.projects.locations.repositories.create",
      "artifactregistry.projects.locations.repositories.get",
      "cloudbuild.projects.locations.builds.create",
      "cloudbuild.projects.locations.builds.get",
      "cloudresourcemanager.projects.get",
      "cloudresourcemanager.projects.getIamPolicy",
      "cloudresourcemanager.projects.setIamPolicy",
      "iam.projects.serviceAccounts.create",
      "iam.projects.serviceAccounts.delete",
      "iam.projects.serviceAccounts.get",
      "iam.projects.serviceAccounts.getIamPolicy",
      "iam.projects.serviceAccounts.setIamPolicy",
      "iamcredentials.projects.serviceAccounts.generateIdToken",
    ]);
    const wrong = checkRestRequest("cloudbuild", "POST", "/v1/projects/p/locations/l/builds", { stages: [] });
    assert.deepEqual(wrong.faults, ["Build.stages is unknown"]);
  });
});
