import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ActivateError, configFrom, describeSettings, loadConfig, settingsMarkdown } from "activate/cloud";

const messageOf = (environment: Record<string, string>): string => {
  try {
    configFrom(environment);
  } catch (thrown) {
    assert.ok(thrown instanceof ActivateError);
    assert.equal(thrown.code, "CONFIGURATION");
    return thrown.message;
  }
  return "accepted";
};

describe("configFrom", () => {
  it("takes the local cloud and the workshop's names when nothing is set", () => {
    const config = configFrom({});
    assert.equal(config.target, "local");
    assert.equal(config.project, "activate-local");
    assert.equal(config.region, "europe-west1");
    assert.equal(config.dataset, "ecommerce_sink");
    assert.equal(config.eventsTable, "cloud_run");
    assert.equal(config.bucket, "activate-local-ai-bucket");
    assert.deepEqual(config.simulation, { end: "2026-03-01", seed: "activate" });
  });

  it("takes the project of a gcp target from GOOGLE_CLOUD_PROJECT, and asks for it when there is none", () => {
    assert.equal(configFrom({ ACTIVATE_TARGET: "gcp", GOOGLE_CLOUD_PROJECT: "web-shop-1" }).project, "web-shop-1");
    assert.match(messageOf({ ACTIVATE_TARGET: "gcp" }), /ACTIVATE_PROJECT is not set/);
  });

  const refused: [problem: string, environment: Record<string, string>, message: RegExp][] = [
    ["an empty target", { ACTIVATE_TARGET: "" }, /ACTIVATE_TARGET is set and empty. It must be local or gcp/],
    ["a misspelt target", { ACTIVATE_TARGET: "gpc" }, /ACTIVATE_TARGET is "gpc".* Did you mean gcp\?/],
    ["a misspelt key", { ACTIVATE_REGOIN: "x" }, /ACTIVATE_REGOIN is no setting.* Did you mean ACTIVATE_REGION\?/],
    ["a region that is none", { ACTIVATE_REGION: "Europe" }, /ACTIVATE_REGION is "Europe".*europe-west1/],
    ["a dataset with a hyphen", { ACTIVATE_DATASET: "my-data" }, /ACTIVATE_DATASET is "my-data".*underscores/],
    ["a day that does not exist", { ACTIVATE_SIMULATION_END: "2026-02-30" }, /ACTIVATE_SIMULATION_END/],
    [
      "one table for two kinds of events",
      { ACTIVATE_SIMULATED_EVENTS_TABLE: "cloud_run" },
      /ACTIVATE_EVENTS_TABLE and ACTIVATE_SIMULATED_EVENTS_TABLE are both "cloud_run"/,
    ],
  ];
  for (const [problem, environment, message] of refused) {
    it(`refuses ${problem}`, () => assert.match(messageOf(environment), message));
  }

  it("names all problems at once", () => {
    assert.equal(messageOf({ ACTIVATE_TARGET: "x", ACTIVATE_REGION: "y" }).split("\n").length, 2);
  });
});

describe("loadConfig", () => {
  it("reads the nearest .env above the folder, and lets the environment win", () => {
    const folder = mkdtempSync(join(tmpdir(), "activate-config-"));
    try {
      mkdirSync(join(folder, "notebooks"));
      writeFileSync(join(folder, ".env"), "ACTIVATE_REGION=us-central1\nACTIVATE_DATASET=shop\n");
      const config = loadConfig(join(folder, "notebooks"), { ACTIVATE_DATASET: "other" });
      assert.equal(config.region, "us-central1");
      assert.equal(config.dataset, "other");
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});

describe("describeSettings", () => {
  it("documents every variable with a default that the validator accepts", () => {
    const fixed = describeSettings().filter(({ expected, fallback }) => expected !== "" && !fallback.includes(" "));
    const environment = Object.fromEntries(
      fixed.filter(({ fallback }) => !/PROJECT|REGION/.test(fallback)).map(({ name, fallback }) => [name, fallback]),
    );
    assert.ok(Object.keys(environment).length > 8);
    assert.deepEqual(configFrom(environment), configFrom({}));
  });

  it("gives the README one row a variable", () => {
    assert.equal(settingsMarkdown().split("\n").length, describeSettings().length + 2);
  });
});
