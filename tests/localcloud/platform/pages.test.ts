import assert from "node:assert/strict";
import { parseOrderBy } from "activate/localcloud/platform/order.js";
import { page } from "activate/localcloud/platform/pages.js";

interface Item {
  readonly id: string;
  readonly size: number;
}

const ORDER = parseOrderBy<Item>("size desc", { size: (item) => item.size });
const SCOPE = ["parent", "filter"];

function takePage(items: readonly Item[], pageSize: number, pageToken?: string) {
  return page(items, { pageSize, pageToken }, ORDER, (item) => item.id, SCOPE);
}

describe("pages of lists (AIP-158)", () => {
  const items: readonly Item[] = Array.from({ length: 7 }, (_, index) => ({ id: `i${index}`, size: index % 3 }));

  it("cover the list once, in order, ties by key", () => {
    const seen: string[] = [];
    let token: string | undefined;
    do {
      const { items: some, nextPageToken } = takePage(items, 2, token);
      seen.push(...some.map((item) => item.id));
      token = nextPageToken;
    } while (token);
    assert.deepEqual(seen, ["i2", "i5", "i1", "i4", "i0", "i3", "i6"]);
  });

  it("neither repeat nor hide items when others come and go in between", () => {
    const first = takePage(items, 3);
    assert.deepEqual(
      first.items.map((item) => item.id),
      ["i2", "i5", "i1"],
    );
    const changed = [...items.filter((item) => item.id !== "i1"), { id: "new", size: 9 }];
    const second = takePage(changed, 10, first.nextPageToken);
    assert.deepEqual(
      second.items.map((item) => item.id),
      ["i4", "i0", "i3", "i6"],
    );
    assert.equal(second.nextPageToken, undefined);
  });

  it("refuse a token of another list, a forged one, and a negative size", () => {
    const { nextPageToken } = takePage(items, 2);
    const call = (token: string, scope: readonly unknown[], pageSize = 2) =>
      page(items, { pageSize, pageToken: token }, ORDER, (item) => item.id, scope);
    assert.throws(() => call(nextPageToken ?? "", ["other"]), /page token is invalid/);
    assert.throws(() => call("forged", SCOPE), /page token is invalid/);
    assert.throws(() => call("", SCOPE, -1), /must not be negative; it is -1/);
  });

  it("name the fields that a list can be ordered by", () => {
    assert.throws(() => parseOrderBy("colour", { size: () => 0 }), /use size, each with "desc"/);
  });
});
