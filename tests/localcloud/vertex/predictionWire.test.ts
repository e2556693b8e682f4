import assert from "node:assert/strict";
import { createRequire } from "node:module";
import { decodePredict, encodePredict } from "activate/localcloud/vertex/prediction/wire.js";
import { Root } from "protobufjs";

const root = Root.fromJSON(createRequire(require.resolve("@google-cloud/aiplatform"))("../protos/protos.json"));
const Request = root.lookupType("google.cloud.aiplatform.v1.PredictRequest");
const Response = root.lookupType("google.cloud.aiplatform.v1.PredictResponse");

/** Marsaglia's xorshift, 32 bits: a seed, the same values. */
function seeded(seed: number): () => number {
  let state = seed;
  return () => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) / 2 ** 32;
  };
}

const TEXTS = ["", "a", "größe", "日本", "😀", '"\\\n\u0000', "x".repeat(127), "y".repeat(128), "z".repeat(20_000)];
const NUMBERS = [0, -0, 1, -1, 0.1, 5e-324, Number.MAX_VALUE, -Number.MAX_VALUE, 2 ** 53, 1 / 3];

function json(random: () => number, depth: number): unknown {
  const pick = <Item>(items: readonly Item[]): Item => items[Math.floor(random() * items.length)] as Item;
  const kind = Math.floor(random() * (depth > 0 ? 6 : 4));
  if (kind === 0) return null;
  if (kind === 1) return random() < 0.5;
  if (kind === 2) return random() < 0.3 ? pick(NUMBERS) : (random() - 0.5) * 10 ** Math.floor(random() * 40 - 20);
  if (kind === 3) return pick(TEXTS);
  const items = Array.from({ length: Math.floor(random() * 5) }, () => json(random, depth - 1));
  if (kind === 4) return items;
  return Object.fromEntries(items.map((item) => [pick(TEXTS), item]));
}

/** `google.protobuf.Value` as protobufjs takes it. */
function toMessage(value: unknown): object {
  if (value === null) return { nullValue: 0 };
  if (typeof value === "boolean") return { boolValue: value };
  if (typeof value === "number") return { numberValue: value };
  if (typeof value === "string") return { stringValue: value };
  if (Array.isArray(value)) return { listValue: { values: value.map(toMessage) } };
  const fields = Object.entries(value as object).map(([key, item]) => [key, toMessage(item)]);
  return { structValue: { fields: Object.fromEntries(fields) } };
}

describe("the wire form of predictions, written by hand, against protobufjs on seeded values", () => {
  const random = seeded(20260301);
  const values = Array.from({ length: 400 }, () => json(random, 4));
  const groups = Array.from({ length: 100 }, (_, index) => values.slice(index * 4, index * 4 + 4));

  it("is read from the library's bytes", () => {
    for (const [index, instances] of groups.entries()) {
      const parameters = index % 2 === 0 ? undefined : instances[0];
      const bytes = Request.encode(
        Request.fromObject({
          endpoint: "projects/p/locations/l/endpoints/1",
          instances: instances.map(toMessage),
          ...(parameters === undefined ? {} : { parameters: toMessage(parameters) }),
        }),
      ).finish();
      const call = decodePredict(Buffer.from(bytes));
      assert.deepEqual(call, { endpoint: "projects/p/locations/l/endpoints/1", instances, parameters });
    }
  });

  it("is written so that the library reads the same", () => {
    for (const [index, predictions] of groups.entries()) {
      const who = { deployedModelId: "7", model: "projects/p/m", modelDisplayName: "größe", modelVersionId: "2" };
      const metadata = index % 2 === 0 ? undefined : predictions[0];
      const read = Response.toObject(Response.decode(encodePredict({ ...who, predictions, metadata })), {});
      const wanted = Response.toObject(
        Response.fromObject({
          ...who,
          predictions: predictions.map(toMessage),
          ...(metadata === undefined ? {} : { metadata: toMessage(metadata) }),
        }),
        {},
      );
      assert.deepEqual(read, wanted);
    }
  });

  it("leaves cut and foreign bytes to the general decoder, and never reads beyond them", () => {
    const message = { endpoint: "e", instances: [toMessage({ a: [1, "b", null] })] };
    const bytes = Buffer.from(Request.encode(Request.fromObject(message)).finish());
    for (let length = 4; length < bytes.length; length++) {
      assert.equal(decodePredict(bytes.subarray(0, length)), undefined, `cut at ${length}`);
    }
  });
});
