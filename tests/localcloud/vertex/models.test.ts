import assert from "node:assert/strict";
import { type LocalCloud, startLocalCloud } from "activate/localcloud";
import { createVertexAi } from "activate/localcloud/vertex/index.js";
import { type Clients, createClients, failureOf, PARENT, TRANSPORTS } from "./clients.js";
import { SmallWarehouse } from "./warehouse.js";

const CONTAINER = {
  imageUri: "europe-docker.pkg.dev/p/r/predictor:1",
  args: ["predictor"],
  env: [{ name: "MODE", value: "fast" }],
  ports: [{ containerPort: 8080 }],
  predictRoute: "/predict",
  healthRoute: "/health",
};

for (const transport of TRANSPORTS) {
  describe(`the Model Registry over ${transport}`, () => {
    const warehouse = new SmallWarehouse();
    let cloud: LocalCloud;
    let clients: Clients;
    before(async () => {
      cloud = await startLocalCloud({ operationStageMs: 1, services: [createVertexAi, warehouse.service] });
      clients = createClients(cloud, transport);
    });
    after(async () => {
      await clients.close();
      await cloud.stop();
    });

    async function upload(model: object, other: object = {}): Promise<{ name: string; version: string }> {
      const [operation] = await clients.models.uploadModel({
        parent: PARENT,
        model: { displayName: "m", containerSpec: CONTAINER, ...model },
        ...other,
      });
      const [response] = await operation.promise();
      return { name: response.model ?? "", version: response.modelVersionId ?? "" };
    }

    async function aliases(name: string): Promise<Record<string, string[]>> {
      const [versions] = await clients.models.listModelVersions({ name });
      return Object.fromEntries(versions.map((version) => [version.versionId, version.versionAliases ?? []]));
    }

    it("gives an uploaded model back as it was sent, as version 1 and the default", async () => {
      const { name, version } = await upload({
        description: "d",
        versionDescription: "v",
        artifactUri: "gs://bucket/model/",
        labels: { team: "fraud" },
      });
      assert.equal(version, "1");
      const [model] = await clients.models.getModel({ name });
      assert.equal(model.name, name);
      assert.equal(model.versionId, "1");
      assert.deepEqual(model.versionAliases, ["default"]);
      assert.equal(model.versionDescription, "v");
      assert.equal(model.artifactUri, "gs://bucket/model/");
      assert.deepEqual(model.labels, { team: "fraud" });
      assert.equal(model.containerSpec?.imageUri, CONTAINER.imageUri);
      assert.deepEqual(model.containerSpec?.args, CONTAINER.args);
      assert.equal(model.containerSpec?.env?.[0]?.value, "fast");
      assert.deepEqual(model.supportedDeploymentResourcesTypes?.length, 1);
    });

    it("counts versions up and moves an alias to the version that brings it", async () => {
      const { name } = await upload({ versionAliases: ["champion"] });
      await upload({ versionAliases: ["challenger"] }, { parentModel: name });
      const third = await upload({ versionAliases: ["champion", "default"] }, { parentModel: name });
      assert.equal(third.version, "3");
      assert.deepEqual(await aliases(name), { "3": ["champion", "default"], "2": ["challenger"], "1": [] });
      const [byAlias] = await clients.models.getModel({ name: `${name}@challenger` });
      assert.equal(byAlias.versionId, "2");
      const [byDefault] = await clients.models.getModel({ name });
      assert.equal(byDefault.versionId, "3");
    });

    it("merges aliases, in whatever order", async () => {
      const { name } = await upload({ versionAliases: ["old", "kept"] });
      await upload({}, { parentModel: name });
      await clients.models.mergeVersionAliases({ name: `${name}@1`, versionAliases: ["-old", "new", "xx", "-xx"] });
      await clients.models.mergeVersionAliases({ name: `${name}@2`, versionAliases: ["default"] });
      assert.deepEqual(await aliases(name), { "2": ["default"], "1": ["kept", "new"] });
      const failure = await failureOf(
        clients.models.mergeVersionAliases({ name: `${name}@2`, versionAliases: ["-default"] }),
      );
      assert.equal(failure.status, "INVALID_ARGUMENT");
      assert.match(failure.message, /One version of a model must have the alias "default"/);
    });

    it("hands the default to the most recent version when its version is deleted, and never reuses a number", async () => {
      const { name } = await upload({});
      await upload({}, { parentModel: name });
      await upload({ versionAliases: ["default"] }, { parentModel: name });
      const [deletion] = await clients.models.deleteModelVersion({ name: `${name}@3` });
      await deletion.promise();
      assert.deepEqual(await aliases(name), { "2": ["default"], "1": [] });
      assert.equal((await upload({}, { parentModel: name })).version, "4");
    });

    it("refuses to delete the only version, or a version by its alias", async () => {
      const { name } = await upload({});
      const only = await failureOf(clients.models.deleteModelVersion({ name: `${name}@1` }));
      assert.equal(only.status, "FAILED_PRECONDITION");
      const alias = await failureOf(clients.models.deleteModelVersion({ name: `${name}@default` }));
      assert.equal(alias.status, "INVALID_ARGUMENT");
    });

    it("updates the model and its versions apart", async () => {
      const { name } = await upload({ labels: { level: "model" } });
      await clients.models.updateModel({
        model: { name, displayName: "renamed" },
        updateMask: { paths: ["display_name"] },
      });
      const [version] = await clients.models.updateModel({
        model: { name: `${name}@1`, versionDescription: "first", labels: { stage: "test" } },
        updateMask: { paths: ["versionDescription", "labels"] },
      });
      assert.equal(version.displayName, "renamed");
      assert.equal(version.versionDescription, "first");
      assert.deepEqual(version.labels, { level: "model", stage: "test" });
      const mixed = await failureOf(
        clients.models.updateModel({
          model: { name: `${name}@1`, displayName: "no" },
          updateMask: { paths: ["display_name"] },
        }),
      );
      assert.equal(mixed.status, "FAILED_PRECONDITION");
      const maskless = await failureOf(clients.models.updateModel({ model: { name, displayName: "no" } }));
      assert.equal(maskless.status, "INVALID_ARGUMENT");
    });

    it("finds models by name, label and order", async () => {
      await upload({ displayName: "find-b", labels: { find: "yes" } });
      await upload({ displayName: "find-a", labels: { find: "yes" } }, { modelId: "find_a" });
      const list = async (filter: string): Promise<string[]> => {
        const [models] = await clients.models.listModels({ parent: PARENT, filter, orderBy: "display_name" });
        return models.map((model) => model.displayName ?? "");
      };
      assert.deepEqual(await list("labels.find=yes"), ["find-a", "find-b"]);
      assert.deepEqual(await list('labels.find:* AND display_name!="find-a"'), ["find-b"]);
      assert.deepEqual(await list("model=find_a"), ["find-a"]);
    });

    it("deletes a model with all its versions", async () => {
      const { name } = await upload({});
      await upload({}, { parentModel: name });
      const [deletion] = await clients.models.deleteModel({ name });
      await deletion.promise();
      for (const version of ["", "@1", "@2"]) {
        const failure = await failureOf(clients.models.getModel({ name: name + version }));
        assert.equal(failure.status, "NOT_FOUND");
      }
    });

    it("says which images run here when another one is to be deployed", async () => {
      const { name } = await upload({});
      const [creation] = await clients.endpoints.createEndpoint({ parent: PARENT, endpoint: { displayName: "e" } });
      const [endpoint] = await creation.promise();
      const failure = await failureOf(
        clients.endpoints.deployModel({
          endpoint: endpoint.name ?? "",
          deployedModel: { model: name, dedicatedResources: { machineSpec: {}, minReplicaCount: 1 } },
        }),
      );
      assert.equal(failure.status, "FAILED_PRECONDITION");
      assert.match(failure.message, /predictor:1' not found\. The local cloud has no container engine/);
      const [after] = await clients.endpoints.getEndpoint({ name: endpoint.name ?? "" });
      assert.deepEqual(after.deployedModels, []);
    });

    const refusals: readonly [title: string, model: object, other: object, status: string, message: RegExp][] = [
      ["a model id in use", {}, { modelId: "taken" }, "ALREADY_EXISTS", /models\/taken/],
      ["a model id with capitals", {}, { modelId: "Bad" }, "INVALID_ARGUMENT", /model_id/],
      ["an unknown parent", {}, { parentModel: `${PARENT}/models/none` }, "NOT_FOUND", /models\/none/],
      ["a numeric alias", { versionAliases: ["7"] }, {}, "INVALID_ARGUMENT", /version_aliases/],
      [
        "no container",
        { containerSpec: undefined },
        {},
        "INVALID_ARGUMENT",
        /model\.container_spec; Message: Required/,
      ],
      ["a container without image", { containerSpec: {} }, {}, "INVALID_ARGUMENT", /container_spec\.image_uri/],
      [
        "a reserved variable",
        { containerSpec: { ...CONTAINER, env: [{ name: "AIP_MODE", value: "x" }] } },
        {},
        "INVALID_ARGUMENT",
        /AIP_MODE/,
      ],
      [
        "a probe of its own",
        { containerSpec: { ...CONTAINER, startupProbe: { exec: { command: ["true"] } } } },
        {},
        "UNIMPLEMENTED",
        /container_spec\.startup_probe/,
      ],
      [
        "a route that is no path",
        { containerSpec: { ...CONTAINER, healthRoute: "health" } },
        {},
        "INVALID_ARGUMENT",
        /health_route.*begins with "\/"/,
      ],
      ["a local artifact", { artifactUri: "/tmp/model" }, {}, "INVALID_ARGUMENT", /artifact_uri/],
      [
        "an explanation",
        { explanationSpec: { parameters: { topK: 3 } } },
        {},
        "UNIMPLEMENTED",
        /model\.explanation_spec/,
      ],
    ];
    for (const [title, model, other, status, message] of refusals) {
      it(`refuses an upload with ${title}`, async () => {
        if (title.includes("in use")) await upload({}, { modelId: "taken" });
        const [before] = await clients.models.listModels({ parent: PARENT });
        const failure = await failureOf(upload(model, other));
        assert.equal(failure.status, status, failure.message);
        assert.match(failure.message, message);
        const [after] = await clients.models.listModels({ parent: PARENT });
        assert.equal(after.length, before.length);
      });
    }

    describe("for models that BigQuery ML trained", () => {
      it("shows them as BQML, without container, deployable on dedicated resources", async () => {
        assert.equal(await warehouse.train("bqml_shown", "shown-1", { aliases: ["champion"] }), "1");
        const [model] = await clients.models.getModel({ name: `${PARENT}/models/bqml_shown` });
        assert.ok([3, "BQML"].includes(model.modelSourceInfo?.sourceType as never));
        assert.equal(model.containerSpec ?? null, null);
        assert.deepEqual(model.versionAliases, ["default", "champion"]);
        assert.equal(model.supportedDeploymentResourcesTypes?.length, 1);
      });

      it("answers a repeated registration with the same version", async () => {
        await warehouse.train("bqml_again", "again-1");
        assert.equal(await warehouse.train("bqml_again", "again-1"), "1");
        assert.deepEqual(await aliases(`${PARENT}/models/bqml_again`), { "1": ["default"] });
      });

      it("gives a replaced training a new number: 1, 2 become 1, 3", async () => {
        await warehouse.train("bqml_replaced", "replaced-1");
        await warehouse.train("bqml_replaced", "replaced-2", { aliases: ["live"] });
        await warehouse.train("bqml_replaced", "replaced-3", { aliases: ["live"] });
        await warehouse.registry.unregister("replaced-2");
        assert.deepEqual(await aliases(`${PARENT}/models/bqml_replaced`), { "3": ["live"], "1": ["default"] });
      });

      it("follows BigQuery when the last of them is dropped, and refuses to delete them itself", async () => {
        await warehouse.train("bqml_dropped", "dropped-1");
        const name = `${PARENT}/models/bqml_dropped`;
        const refusal = await failureOf(clients.models.deleteModel({ name }));
        assert.equal(refusal.status, "FAILED_PRECONDITION");
        assert.match(refusal.message, /DROP MODEL/);
        await warehouse.registry.unregister("dropped-1");
        assert.equal((await failureOf(clients.models.getModel({ name }))).status, "NOT_FOUND");
      });

      it("refuses ids and aliases that break the rules", async () => {
        await assert.rejects(warehouse.train("Capital", "bad-1"), /"Capital" must be up to 63/);
        await assert.rejects(warehouse.train("fine", "bad-2", { aliases: ["x"] }), /"x" must begin/);
      });
    });
  });
}
