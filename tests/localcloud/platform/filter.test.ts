import assert from "node:assert/strict";
import type { CloudError } from "activate/localcloud/platform/errors.js";
import { type FilterFields, parseFilter } from "activate/localcloud/platform/filter.js";

interface Item {
  readonly name: string;
  readonly state: string;
  readonly time: string;
  readonly labels: Readonly<Record<string, string>>;
}

const FIELDS: FilterFields<Item> = {
  display_name: { kind: "text", operators: ["=", "!=", ":"], read: (item) => item.name },
  state: { kind: "text", operators: ["=", "!="], read: (item) => item.state },
  create_time: { kind: "time", operators: ["=", "<", "<=", ">", ">="], read: (item) => item.time },
  labels: { kind: "map", read: (item) => item.labels },
};

const ITEMS: readonly Item[] = [
  { name: "alpha", state: "RUNNING", time: "2026-01-01T00:00:00.000000Z", labels: { env: "test", "a-b": "" } },
  { name: "beta", state: "DONE", time: "2026-01-02T00:00:00.000000Z", labels: { env: "live" } },
  { name: "gamma ray", state: "DONE", time: "2026-01-03T00:00:00.000000Z", labels: {} },
];

describe("list filters (AIP-160)", () => {
  const matches: readonly [filter: string, names: readonly string[]][] = [
    ["", ["alpha", "beta", "gamma ray"]],
    ["display_name=alpha", ["alpha"]],
    ['displayName = "gamma ray"', ["gamma ray"]],
    ["display_name!='alpha'", ["beta", "gamma ray"]],
    ['display_name:"*a"', ["alpha", "beta"]],
    ["display_name:mm", ["gamma ray"]],
    ["labels.env=live", ["beta"]],
    ["labels.env:*", ["alpha", "beta"]],
    ["labels:a-b", ["alpha"]],
    ["NOT labels:env", ["gamma ray"]],
    ["-labels:env", ["gamma ray"]],
    ["state=DONE AND labels:env", ["beta"]],
    ["state=DONE labels:env", ["beta"]],
    // OR binds tighter than AND, against the habit of programming languages.
    ["state=DONE AND display_name=alpha OR display_name=beta", ["beta"]],
    ["(state=DONE AND display_name=beta) OR display_name=alpha", ["alpha", "beta"]],
    ['create_time>="2026-01-02T00:00:00Z"', ["beta", "gamma ray"]],
    ['createTime < "2026-01-02T01:00:00+01:00"', ["alpha"]],
  ];
  for (const [filter, names] of matches) {
    it(`finds ${names.join(", ")} by ${filter === "" ? "the empty filter" : filter}`, () => {
      const predicate = parseFilter(filter, FIELDS);
      assert.deepEqual(
        ITEMS.filter(predicate).map((item) => item.name),
        names,
      );
    });
  }

  const faults: readonly [filter: string, message: RegExp][] = [
    ["colour=red", /unknown field "colour"; fields: display_name, state, create_time, labels/],
    ["state>DONE", /state takes = !=, not >/],
    ["state", /an operator is missing behind "state"/],
    ["state=", /a value is missing behind "state="/],
    ["=DONE", /a field name is missing before "="/],
    ["(state=DONE", /a "\)" is missing/],
    ["state=DONE)", /unexpected "\)"/],
    ["state=DONE AND", /a term is missing at the end/],
    ['state="DONE', /unexpected character at position 7/],
    ["labels=live", /labels= needs a key/],
    ["create_time>yesterday", /needs an RFC 3339 time in quotes, not "yesterday"/],
  ];
  for (const [filter, message] of faults) {
    it(`refuses ${filter} and says why`, () => {
      assert.throws(
        () => parseFilter(filter, FIELDS),
        (error: CloudError) => error.status === "INVALID_ARGUMENT" && message.test(error.message),
      );
    });
  }
});
