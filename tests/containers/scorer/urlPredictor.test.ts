import assert from "node:assert/strict";
import type { Features } from "activate/anomaly/index.js";
import { ActivateError } from "activate/cloud/errors.js";
import type { Json } from "activate/cloud/value.js";
import { urlPredictor } from "activate/containers/scorer/predictor.js";

const FEATURES: Features = {
  value_log: 1,
  tax_log: 2,
  shipping: 3,
  tax_rate: 4,
  quantity_log: 5,
  item_price_log: 6,
  unexplained_log: 7,
};

describe("a predictor behind a URL, such as one on Cloud Run", () => {
  const asked: object[] = [];
  const answering = (body: Json) =>
    urlPredictor((request) => {
      asked.push(request);
      return Promise.resolve(body);
    }, "anomaly_detection_custom");

  it("is sent instances, and its score is held against its threshold", async () => {
    asked.length = 0;
    const predictions = [
      { score: 9, threshold: 4, isAnomaly: true, modelVersion: "3" },
      { score: 1, threshold: 4, isAnomaly: false, modelVersion: "3" },
    ];
    const scored = await answering({ predictions }).score([FEATURES, FEATURES], 1_000);
    assert.deepEqual(asked, [{ instances: [FEATURES, FEATURES] }]);
    const common = { threshold: 4, centroidId: null, modelId: "anomaly_detection_custom", version: "3" };
    assert.deepEqual(scored, [
      { answer: { score: 9, isAnomaly: true, ...common } },
      { answer: { score: 1, isAnomaly: false, ...common } },
    ]);
  });

  it("may refuse one of the instances: the others have their scores", async () => {
    const predictions = [{ error: { message: "value: not a number" } }, { score: 1, threshold: 4, modelVersion: 7 }];
    const [first, second] = await answering({ predictions }).score([FEATURES, FEATURES], 1_000);
    assert.ok(first !== undefined && "failure" in first && first.failure instanceof ActivateError);
    assert.match(first.failure.message, /value: not a number/);
    assert.ok(second !== undefined && "answer" in second);
    assert.equal(second.answer.version, "7");
  });

  for (const [title, body] of [
    ["fewer predictions than instances", { predictions: [] }],
    ["no predictions", { hello: "world" }],
    ["no object", "hello"],
  ] as const) {
    it(`that answers ${title} may do better at another attempt`, async () => {
      await assert.rejects(answering(body).score([FEATURES], 1_000), { status: "INTERNAL" });
    });
  }

  it("that answers something else is told what a predictor answers", async () => {
    await assert.rejects(answering({ predictions: [{ label: 1 }] }).score([FEATURES], 1_000), {
      status: "FAILED_PRECONDITION",
      message: /answers score and threshold/,
    });
  });
});
