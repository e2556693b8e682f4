import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { delimiter, join } from "node:path";
import { promisify } from "node:util";
import { addressOf, CloudRun, Connections, configFrom } from "activate/cloud";
import { type LocalCloud, startLocalCloud } from "activate/localcloud";
import { clientVariables } from "activate/localcloud/launch/clients.js";
import { createRun } from "activate/localcloud/run/index.js";
import { TemporaryFolder } from "../cli/activate.js";
import { PROBE_IMAGE, ProbeImages } from "../localcloud/containers/images.js";

describe("gcloud run on the local cloud", function () {
  this.timeout(60_000);
  const folder = new TemporaryFolder();
  let images: ProbeImages;
  let cloud: LocalCloud;
  let environment: NodeJS.ProcessEnv;

  before(async function () {
    const there = (process.env.PATH ?? "").split(delimiter).some((part) => existsSync(join(part, "gcloud")));
    if (!there) {
      console.log("      skipped: the Google Cloud CLI's gcloud is not on the PATH");
      this.skip();
    }
    images = new ProbeImages();
    const state = join(folder.path, "state");
    cloud = await startLocalCloud({ stateDir: state, services: [createRun], imagesFolder: images.folder });
    const running = { rest: cloud.rest, grpc: cloud.grpc, project: cloud.project, state, pid: 0 };
    const variables = clientVariables(running);
    environment = { ...process.env, ...variables, CLOUDSDK_CONFIG: join(folder.path, "config") };
    const config = configFrom({ ACTIVATE_IMAGE: PROBE_IMAGE });
    const connections = new Connections(config, addressOf(config, variables));
    await new CloudRun(connections).deploy({ service: "scorer", program: "scorer", maxInstances: 3 });
    await connections.close();
  });
  after(async () => {
    await cloud?.stop();
    images?.remove();
    folder.remove();
  });

  const gcloud = async <T>(...words: string[]): Promise<T> => {
    const { stdout } = await promisify(execFile)("gcloud", ["run", ...words, "--format=json"], { env: environment });
    return JSON.parse(stdout) as T;
  };

  it("lists services, of all regions and of one", async () => {
    for (const where of [[], ["--region", "europe-west1"]]) {
      const services = await gcloud<{ metadata: { name: string } }[]>("services", "list", ...where);
      assert.deepEqual(
        services.map(({ metadata }) => metadata.name),
        ["scorer"],
      );
    }
    assert.deepEqual(await gcloud("services", "list", "--region", "us-central1"), []);
  });

  it("describes a service, and says so when there is none", async () => {
    const service = await gcloud<{ status: { url: string; conditions: { type: string; status: string }[] } }>(
      "services",
      "describe",
      "scorer",
      "--region=europe-west1",
    );
    assert.match(service.status.url, /^http:\/\/127\.0\.0\.1:\d+$/);
    assert.deepEqual(
      service.status.conditions.map(({ type, status }) => `${type} ${status}`),
      ["Ready True", "ConfigurationsReady True", "RoutesReady True"],
    );
    await assert.rejects(gcloud("services", "describe", "nobody", "--region=europe-west1"), /Cannot find service/);
  });

  it("lists a service's revisions", async () => {
    const revisions = await gcloud<{ metadata: { name: string } }[]>(
      "revisions",
      "list",
      "--service=scorer",
      "--region=europe-west1",
    );
    assert.match(revisions[0]?.metadata.name ?? "", /^scorer-00001-/);
  });
});
