import assert from "node:assert/strict";
import { EventError, eventIssues, parseEvent, simulateClickstream, toSinkRow } from "activate/anomaly";

// The workshop's own purchase (contracts 0.2): item_id as text of digits, a value that does not add up.
const purchase = {
  event_datetime: "2020-11-16 20:59:59",
  event: "purchase",
  user_id: "UID00003",
  client_id: "CID00003",
  page: "/checkout",
  page_previous: "/order-confirmation",
  ecommerce: {
    purchase: {
      transaction_id: "T12345",
      affiliation: "Online Store",
      value: 35.43,
      tax: 4.9,
      shipping: 5.99,
      currency: "EUR",
      coupon: "SUMMER_SALE",
      items: [
        {
          item_name: "Tshirt",
          item_id: "67890",
          item_price: 49,
          item_brand: "Nordlicht",
          item_category: "Apparel",
          item_variant: "Black",
          quantity: 1,
          item_coupon: "",
        },
      ],
    },
  },
};
const view = {
  event: "view_item",
  user_id: "UID00001",
  ecommerce: { items: [{ item_id: "67890", price: 33.75, index: 1, quantity: 1 }] },
};

const withPurchase = (change: object) => ({
  ...purchase,
  ecommerce: { purchase: { ...purchase.ecommerce.purchase, ...change } },
});

describe("reading an event of the shop", () => {
  it("takes the workshop's own purchase although its value does not add up", () => {
    assert.deepEqual(parseEvent(purchase), purchase);
  });

  it("takes what the simulator makes, and what has gone through JSON", () => {
    for (const event of simulateClickstream({ events: 300, days: 2 }).events) {
      assert.deepEqual(eventIssues(event), []);
      assert.deepEqual(eventIssues(JSON.parse(JSON.stringify(toSinkRow(event)))), []);
    }
  });

  it("turns a numeric item_id into text, leaves nulls out and writes a time one way", () => {
    const event = parseEvent({ ...view, client_id: null, event_datetime: "2020-11-16T22:59:59Z" });
    assert.equal(event.event_datetime, "2020-11-16 22:59:59");
    assert.equal("client_id" in event, false);
    const numeric = parseEvent({ ...view, ecommerce: { items: [{ item_id: 67890 }] } });
    assert.deepEqual(numeric.ecommerce, { items: [{ item_id: "67890" }] });
  });

  const bad: [title: string, input: unknown, path: string, problem: RegExp, expected: RegExp][] = [
    ["not a record", "purchase", "", /the text "purchase"/, /a record/],
    ["null", null, "", /null/, /a record/],
    ["a list", [purchase], "", /a list/, /a record/],
    ["no user", { ...view, user_id: undefined }, "user_id", /missing/, /UID00003/],
    ["an unknown event", { ...view, event: "veiw_item" }, "event", /veiw_item/, /^"view_item"$/],
    ["a far-off event", { ...view, event: "logout" }, "event", /logout/, /one of "view_item"/],
    ["a misspelt field", { ...view, usr_id: "x" }, "usr_id", /unknown field/, /^"user_id"$/],
    [
      "a purchase without its record",
      { ...purchase, ecommerce: {} },
      "ecommerce.purchase",
      /missing/,
      /transaction_id/,
    ],
    ["a purchase of null", { ...purchase, ecommerce: { purchase: null } }, "ecommerce.purchase", /missing/, /value/],
    ["ecommerce that is text", { ...purchase, ecommerce: "x" }, "ecommerce", /the text "x"/, /a record/],
    ["a value as text", withPurchase({ value: "35.43" }), "ecommerce.purchase.value", /the text "35.43"/, /a number/],
    ["no tax", withPurchase({ tax: null }), "ecommerce.purchase.tax", /missing/, /a number/],
    [
      "an item_id that is a word",
      withPurchase({ items: [{ item_id: "12" }, { item_id: "A-1" }] }),
      "ecommerce.purchase.items[1].item_id",
      /"A-1"/,
      /digits/,
    ],
    [
      "half a piece",
      withPurchase({ items: [{ quantity: 1.5 }] }),
      "ecommerce.purchase.items[0].quantity",
      /number 1.5/,
      /whole number/,
    ],
    [
      "less than no piece",
      withPurchase({ items: [{ quantity: -1 }] }),
      "ecommerce.purchase.items[0].quantity",
      /number -1/,
      /from 0 to 1e9/,
    ],
    ["a value beyond reckoning", withPurchase({ value: 1e308 }), "ecommerce.purchase.value", /1e\+308/, /at most 1e12/],
    [
      "a price by its other name",
      { ...view, ecommerce: { items: [{ item_price: 1 }] } },
      "ecommerce.items[0].item_price",
      /unknown/,
      /"price"|one of/,
    ],
    ["30 February", { ...view, event_datetime: "2026-02-30 10:00:00" }, "event_datetime", /2026-02-30/, /UTC time/],
    ["a time of another form", { ...view, event_datetime: "16.11.2020" }, "event_datetime", /16\.11/, /UTC time/],
    ["NaN", withPurchase({ value: Number.NaN }), "ecommerce.purchase.value", /NaN/, /a number/],
    [
      "a name of Object's",
      JSON.parse('{"__proto__":1,"event":"view_item","user_id":"u","ecommerce":{"items":[]}}'),
      "__proto__",
      /unknown/,
      /one of/,
    ],
  ];
  for (const [title, input, path, problem, expected] of bad) {
    it(`refuses ${title}, and says where, what and what would be right`, () => {
      const issue = eventIssues(input).find((found) => found.path === path);
      assert.ok(issue, `no issue at "${path}": ${JSON.stringify(eventIssues(input))}`);
      assert.match(issue.problem, problem);
      assert.match(issue.expected, expected);
      assert.throws(() => parseEvent(input), EventError);
    });
  }

  it("names everything that is wrong, and the first three in the message", () => {
    const input = { event: "purchase", ecommerce: { purchase: { value: "a", tax: "b" } } };
    assert.deepEqual(
      eventIssues(input)
        .map((issue) => issue.path)
        .sort(),
      [
        "ecommerce.purchase.shipping",
        "ecommerce.purchase.tax",
        "ecommerce.purchase.transaction_id",
        "ecommerce.purchase.value",
        "user_id",
      ],
    );
    assert.throws(() => parseEvent(input), /user_id: missing; expected text such as "UID00003".* and 2 more/);
  });

  it("adds the English name of the day for the sink", () => {
    assert.equal(toSinkRow(parseEvent(purchase)).weekday, "Monday");
  });
});
