import assert from "node:assert/strict";
import { ActivateError } from "activate/cloud";
import { type Outcome, outcomeHtml, right, runCheck, wrong } from "activate/workbook/checks/outcome.js";
import { checkServices } from "activate/workbook/checks/services.js";
import { RecordedOutput } from "activate/workbook/show/output.js";

describe("runCheck", () => {
  const run = async (look: () => Promise<Outcome>, strict: boolean) => {
    const output = new RecordedOutput();
    const result = await runCheck("it", look, output, strict).catch((thrown: Error) => thrown);
    return { result, shown: output.last };
  };

  it("talks and does not throw, whatever it finds", async () => {
    for (const outcome of [
      right("Yes."),
      wrong("No.", "there"),
      { result: "not tried yet", says: "Do." },
    ] as Outcome[]) {
      const { result, shown } = await run(async () => outcome, false);
      assert.equal(result, outcome);
      assert.equal(shown, outcomeHtml(outcome).text);
    }
  });

  it("says why it cannot tell, instead of breaking the room", async () => {
    const { result, shown } = await run(
      () => Promise.reject(new ActivateError("UNAVAILABLE", "Nobody answers <here>.")),
      false,
    );
    assert.deepEqual(result, { result: "cannot be checked", why: "Nobody answers <here>." });
    assert.match(shown, /Cannot be checked.*Nobody answers &lt;here&gt;\./);
  });

  it("throws when checks are strict and the answer is not right, after showing why", async () => {
    const { result, shown } = await run(async () => wrong("No.", "there"), true);
    assert.ok(result instanceof Error);
    assert.match(result.message, /Check "it": wrong\. No\./);
    assert.match(shown, /Where to look:<\/b> there/);
    assert.ok(!((await run(async () => right("Yes."), true)).result instanceof Error));
  });
});

describe("checkServices", () => {
  const blank = { train: "", version: "", serve: "", orchestrate: "" };
  const solution = {
    train: "BigQuery ML",
    version: "Vertex AI Model Registry",
    serve: "Vertex AI endpoint",
    orchestrate: "Vertex AI Pipelines",
  };

  it("has not been tried while it is blank", async () => {
    assert.equal((await checkServices(blank)).result, "not tried yet");
    assert.equal((await checkServices({ ...blank, serve: "  " })).result, "not tried yet");
  });

  it("takes the suggestion, and other architectures that carry", async () => {
    assert.equal((await checkServices(solution)).result, "right");
    const other = { train: "custom training", version: "model registry", serve: "cloud run", orchestrate: "Composer" };
    assert.equal((await checkServices(other)).result, "right");
  });

  for (const [need, answer, why] of [
    ["train", "AutoML Tables", /labelled/],
    ["version", "a bucket", /which version answers/],
    ["serve", "BigQuery", /a second for a single one/],
    ["orchestrate", "Cloud Scheduler", /no order of steps/],
    ["serve", "fax", /"fax" is not a service/],
  ] as const) {
    it(`says why "${answer}" does not fit ${need}`, async () => {
      const outcome = await checkServices({ ...solution, [need]: answer });
      assert.equal(outcome.result, "wrong");
      assert.match("remarks" in outcome ? (outcome.remarks ?? []).join(" ") : "", why);
    });
  }

  it("asks for what is still open", async () => {
    const outcome = await checkServices({ ...solution, orchestrate: "" });
    assert.equal(outcome.result, "wrong");
    assert.match("says" in outcome ? outcome.says : "", /"orchestrate" has no service yet/);
  });
});
