import assert from "node:assert/strict";
import { ActivateError } from "activate/cloud/errors.js";
import { scorerSettings } from "activate/containers/scorer/settings.js";

const PREDICTOR = { SCORER_PREDICTOR: "projects/p/locations/l/endpoints/7" };

describe("the scorer's settings", () => {
  it("need nothing but the predictor: an endpoint or a URL", () => {
    const settings = scorerSettings(PREDICTOR, "dead");
    assert.equal(settings.predictor, PREDICTOR.SCORER_PREDICTOR);
    assert.equal(settings.deadLetterTopic, "dead");
    assert.equal(settings.ackDeadlineMs, 60_000);
    const url = "https://predictor-1.a.run.app";
    assert.equal(scorerSettings({ SCORER_PREDICTOR: url }, "dead").predictor, url);
  });

  it("are taken from the environment", () => {
    const given = { SCORER_BATCH_MAX: "1", SCORER_ACK_DEADLINE_SECONDS: "600", SCORER_DEAD_LETTER_TOPIC: "letters" };
    const settings = scorerSettings({ ...PREDICTOR, ...given, PATH: "/bin" }, "dead");
    assert.deepEqual([settings.batchMax, settings.ackDeadlineMs, settings.deadLetterTopic], [1, 600_000, "letters"]);
  });

  const wrong: Readonly<Record<string, readonly string[]>> = {
    SCORER_PREDICTOR: ["", "endpoints/7", "ftp://predictor"],
    SCORER_BATCH_MAX: ["0", "1001", "2.5", "many", "", "NaN", "1e9"],
    SCORER_BATCH_WAIT_MS: ["-1", "1001", ""],
    SCORER_FLIGHTS_MAX: ["0", " "],
    SCORER_ACK_DEADLINE_SECONDS: ["9", "601"],
    SCORER_LOG: ["info", ""],
  };
  for (const [name, values] of Object.entries(wrong)) {
    it(`refuse a wrong ${name} by name`, () => {
      for (const value of values) {
        assert.throws(
          () => scorerSettings({ ...PREDICTOR, [name]: value }, "dead"),
          (thrown) =>
            thrown instanceof ActivateError && thrown.code === "CONFIGURATION" && thrown.message.includes(name),
          `"${value}"`,
        );
      }
    });
  }

  it("name all that is wrong at once, what is missing and what is unknown as well", () => {
    const environment = { SCORER_BATCH_MAX: "0", SCORER_BATCHMAX: "3" };
    assert.throws(
      () => scorerSettings(environment, "dead"),
      /SCORER_BATCHMAX is no setting[\s\S]*SCORER_PREDICTOR[\s\S]*SCORER_BATCH_MAX/,
    );
  });
});
