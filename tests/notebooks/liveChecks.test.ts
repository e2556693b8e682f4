import assert from "node:assert/strict";
import type { Outcome } from "activate/workbook/checks/outcome.js";
import { Room } from "./room.js";

const score = (transaction_id: string, value: number, flagged = true) => ({
  transaction_id,
  score: value,
  flagged,
  second: 1,
  truth: null,
  kind: null,
});

/** The flagged purchases of a run, two of them equal baskets: the order of these is nobody's to choose. */
describe("check of the flagged purchases", function () {
  this.timeout(60_000);
  const live = {
    messageIds: ["1", "2", "3", "4"],
    threshold: 1,
    scores: [score("T1", 2.5), score("T2", 9), score("T3", 2.5), score("T4", 0.5, false)],
  };
  let room: Room;

  before(async () => {
    room = await Room.open();
  });
  after(() => room.close());

  const outcomeOf = (...rows: readonly [id: string, score: number][]): Promise<Outcome> => {
    const query = rows
      .map(([id, value]) => `SELECT '${id}' AS transaction_id, 1.0 AS value, ${value.toFixed(1)} AS score`)
      .join(" UNION ALL ");
    return room.challenge("04").outcomeOf("flagged", { query: `${query} ORDER BY score DESC, value`, live });
  };

  for (const [title, rows] of [
    [
      "one way",
      [
        ["T2", 9],
        ["T1", 2.5],
        ["T3", 2.5],
      ],
    ],
    [
      "the other way",
      [
        ["T2", 9],
        ["T3", 2.5],
        ["T1", 2.5],
      ],
    ],
  ] as const) {
    it(`takes equal scores ${title}`, async () => {
      assert.equal((await outcomeOf(...rows.map(([id, value]) => [id, value] as [string, number]))).result, "right");
    });
  }

  it("names a purchase that was not flagged", async () => {
    const outcome = await outcomeOf(["T2", 9], ["T1", 2.5], ["T4", 0.5]);
    assert.equal(outcome.result, "wrong");
    assert.match(outcome.result === "wrong" ? outcome.says : "", /T4 was not flagged/);
  });

  it("names the first row that is out of order", async () => {
    const query =
      "SELECT * FROM (SELECT 'T1' AS transaction_id, 1.0 AS value, 2.5 AS score UNION ALL SELECT 'T2', 1.0, 9.0 UNION ALL SELECT 'T3', 1.0, 2.5) ORDER BY score";
    const outcome = await room.challenge("04").outcomeOf("flagged", { query, live });
    assert.equal(outcome.result, "wrong");
    assert.match(outcome.result === "wrong" ? outcome.says : "", /should be T2/);
  });
});
