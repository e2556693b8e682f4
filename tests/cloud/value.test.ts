import assert from "node:assert/strict";
import { fromValue, toValue } from "activate/cloud/value.js";
import fc from "fast-check";

describe("toValue and fromValue", () => {
  it("are each other's inverse for every JSON value", () => {
    fc.assert(
      fc.property(fc.jsonValue(), (json) => {
        // JSON has no negative zero: compare what its text says.
        assert.equal(JSON.stringify(fromValue(toValue(json))), JSON.stringify(json));
      }),
    );
  });

  it("writes the message that the contract shows", () => {
    assert.deepEqual(toValue({ tax: 4.9, tags: ["a", null, true] }), {
      structValue: {
        fields: {
          tax: { numberValue: 4.9 },
          tags: { listValue: { values: [{ stringValue: "a" }, { nullValue: 0 }, { boolValue: true }] } },
        },
      },
    });
  });

  for (const [name, value] of Object.entries({
    undefined: undefined,
    NaN: Number.NaN,
    bigint: 1n,
    Date: new Date(0),
    Map: new Map(),
    Float32Array: new Float32Array(2),
  })) {
    it(`refuses ${name} and says where it is`, () => {
      assert.throws(() => toValue({ rows: [{ tax: value }] }, "instance 3"), /instance 3\.rows\[0\]\.tax is /);
    });
  }

  it("refuses a value without kind", () => assert.throws(() => fromValue({}), /no kind/));
});
