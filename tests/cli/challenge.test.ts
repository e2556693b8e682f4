import assert from "node:assert/strict";
import { activate, BIN } from "./activate.js";

/** The command line's challenges, one after the other at one local cloud, as a user types them. */
async function session(
  ...commands: readonly string[]
): Promise<{ code: number | null; stdout: string; stderr: string }> {
  const script = commands.map((words) => `"${process.execPath}" "${BIN}" ${words}`).join(" && ");
  return await activate(["exec", "--ephemeral", "--", "sh", "-c", script]);
}

describe("activate prepare and reset", function () {
  this.timeout(180_000);

  it("take a deployed model back after a real deployment, once, and leave the rest", async () => {
    const { code, stdout, stderr } = await session(
      "prepare 04",
      "reset --challenge 03",
      "reset --challenge 03",
      "reset --challenge 02",
      "prepare 03",
    );
    assert.equal(code, 0, stderr);
    assert.deepEqual(
      stdout
        .trim()
        .split("\n")
        .map((line) => line.replace(/\(\d+\)/, "(ID)")),
      [
        "00 Architecture and data",
        "01 Train a model with BigQuery ML",
        "02 Create an endpoint",
        "03 Deploy the model",
        "04 has what it needs.",
        "removed: deployed model anomaly_detection-1 on n1-standard-2, $0.110 an hour on Google Cloud",
        "03 has made nothing that is still there.",
        "removed: endpoint anomaly-detection (ID)",
        "00 Architecture and data",
        "01 Train a model with BigQuery ML",
        "02 Create an endpoint",
        "03 has what it needs.",
      ],
    );
  });

  it("name the challenge that is meant", async () => {
    const { code, stderr } = await session("reset --challenge 3x");
    assert.equal(code, 1);
    assert.match(stderr, /There is no challenge "3x"\. Known: 00, 01/);
  });
});
