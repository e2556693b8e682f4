import { createHash } from "node:crypto";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import type { Connections } from "./connections.js";
import { ActivateError } from "./errors.js";
import { callRest } from "./googleRest.js";
import type { ReportProgress } from "./operation.js";
import { repositoryRoot } from "./paths.js";
import { CloudStorage } from "./storage.js";
import { type TarEntry, tarGz } from "./tar.js";

const BUNDLES = "lib/dist/images/activate";
const POLL_MS = 2_000;
const BUILD_SECONDS_MAX = 900;
const OVER = ["SUCCESS", "FAILURE", "INTERNAL_ERROR", "TIMEOUT", "CANCELLED", "EXPIRED"];

export interface PushedImage {
  readonly image: string;
  /** "sha256:…" of what was pushed, where Cloud Build says. */
  readonly digest?: string;
  /** Page of the build's log. */
  readonly log?: string;
}

/** Pushes the image of the container programs: Cloud Build builds it from the bundles, Artifact Registry keeps it. */
export class ImageRegistry {
  readonly #connections: Connections;
  readonly #sleep: (ms: number) => Promise<unknown>;

  constructor(connections: Connections, sleep: (ms: number) => Promise<unknown> = delay) {
    this.#connections = connections;
    this.#sleep = sleep;
  }

  /**
   * Makes the repository where it is missing, uploads Dockerfile and bundles to the configured bucket, builds and pushes
   * under the configured name.
   * @param root of this repository.
   * @throws ActivateError CONFIGURATION for the local target and for an image outside Artifact Registry; REFUSED when the build fails.
   */
  async push(report?: ReportProgress, root: string = repositoryRoot()): Promise<PushedImage> {
    const { config } = this.#connections;
    if (config.target !== "gcp") {
      throw new ActivateError(
        "CONFIGURATION",
        "The local cloud runs the bundles as they are built: there is nowhere to push to. Set ACTIVATE_TARGET=gcp.",
      );
    }
    const what = `Build ${config.image}`;
    const tell = (stage: string, done = false): void => report?.({ what, stage, done });
    const archive = tarGz(buildContext(root));
    await this.#ensureRepository(tell);
    const storage = new CloudStorage(this.#connections);
    await storage.ensureBucket();
    const hash = createHash("sha256").update(archive).digest("hex").slice(0, 16);
    const object = `source/activate-${hash}.tgz`;
    tell("uploading the bundles");
    await storage.upload(`gs://${config.bucket}/${object}`, archive, { contentType: "application/gzip" });
    const build = await this.#build(what, object, tell);
    tell("", true);
    const digest = build.results?.images?.[0]?.digest;
    return {
      image: config.image,
      ...(digest === undefined ? {} : { digest }),
      ...(build.logUrl === undefined ? {} : { log: build.logUrl }),
    };
  }

  async #ensureRepository(tell: (stage: string) => void): Promise<void> {
    const { parent, id } = repositoryOf(this.#connections.config.image);
    const what = `Artifact Registry repository ${id}`;
    const request = { api: "artifactregistry", what } as const;
    try {
      await callRest(this.#connections, { ...request, method: "GET", path: `/v1/${parent}/repositories/${id}` });
      return;
    } catch (thrown) {
      if (!(thrown instanceof ActivateError && thrown.status === "NOT_FOUND")) throw thrown;
    }
    tell("making the repository");
    let operation = await callRest<RepositoryOperation>(this.#connections, {
      ...request,
      method: "POST",
      path: `/v1/${parent}/repositories?repositoryId=${id}`,
      body: { format: "DOCKER", description: "Images of the Activate workbook" },
    });
    while (!operation.done) {
      await this.#sleep(POLL_MS);
      operation = await callRest(this.#connections, { ...request, method: "GET", path: `/v1/${operation.name}` });
    }
    if (operation.error) throw new ActivateError("REFUSED", `${what}: ${operation.error.message}`);
  }

  async #build(what: string, object: string, tell: (stage: string) => void): Promise<Build> {
    const { config } = this.#connections;
    const request = { api: "cloudbuild", what } as const;
    const builds = `/v1/projects/${config.project}/locations/${config.region}/builds`;
    const started = await callRest<{ metadata?: { build?: Build } }>(this.#connections, {
      ...request,
      method: "POST",
      path: builds,
      body: {
        source: { storageSource: { bucket: config.bucket, object } },
        steps: [{ name: "gcr.io/cloud-builders/docker", args: ["build", "--tag", config.image, "."] }],
        images: [config.image],
        timeout: `${BUILD_SECONDS_MAX}s`,
        options: { logging: "CLOUD_LOGGING_ONLY" },
      },
    });
    const id = started.metadata?.build?.id ?? "";
    for (;;) {
      const build = await callRest<Build>(this.#connections, { ...request, method: "GET", path: `${builds}/${id}` });
      if (build.status === "SUCCESS") return build;
      if (OVER.includes(build.status ?? "")) {
        const reason = build.statusDetail ?? build.status ?? "";
        throw new ActivateError("REFUSED", `${what}: ${reason}. Its log: ${build.logUrl ?? ""}`, build.status);
      }
      tell((build.status ?? "").toLowerCase());
      await this.#sleep(POLL_MS);
    }
  }
}

interface RepositoryOperation {
  readonly name: string;
  readonly done?: boolean;
  readonly error?: { readonly message: string };
}

/** The part of Cloud Build's `Build` that is read. */
interface Build {
  readonly id?: string;
  readonly status?: string;
  readonly statusDetail?: string;
  readonly logUrl?: string;
  readonly results?: { readonly images?: readonly { readonly digest?: string }[] };
}

/** Dockerfile and bundles, at the paths that the Dockerfile copies from. @throws ActivateError NOT_FOUND */
export function buildContext(root: string): TarEntry[] {
  const folder = join(root, BUNDLES);
  const files = existsSync(folder) ? readdirSync(folder).filter((name) => name.endsWith(".js")) : [];
  if (!files.includes("main.js")) {
    throw new ActivateError("NOT_FOUND", `There are no bundles in ${folder}: npx activate image build makes them.`);
  }
  return ["Dockerfile", ...files.sort().map((name) => `${BUNDLES}/${name}`)].map((path) => ({
    path,
    content: readFileSync(join(root, path)),
  }));
}

/** Of "REGION-docker.pkg.dev/PROJECT/REPOSITORY/IMAGE:TAG". */
function repositoryOf(image: string): { readonly parent: string; readonly id: string } {
  const [, location, project, id] = /^([a-z0-9-]+)-docker\.pkg\.dev\/([^/]+)\/([^/]+)\/[^/]+$/.exec(image) ?? [];
  if (location && project && id) return { parent: `projects/${project}/locations/${location}`, id };
  throw new ActivateError(
    "CONFIGURATION",
    `ACTIVATE_IMAGE is "${image}", which is not in Artifact Registry. Name it REGION-docker.pkg.dev/PROJECT/REPOSITORY/IMAGE:TAG.`,
  );
}
