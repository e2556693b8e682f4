import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import {
  ANOMALY_KINDS,
  type PurchaseEvent,
  type PurchaseLabel,
  purchaseFeatures,
  simulate,
  simulateClickstream,
  simulateLive,
} from "activate/anomaly";

const month = simulateClickstream();
const purchases = month.events.filter((event): event is PurchaseEvent => event.event === "purchase");
const kindOf = new Map(month.labels.map((label) => [label.transaction_id, label.kind]));
const purchaseOf = (event: PurchaseEvent) => event.ecommerce.purchase;
const kind = (event: PurchaseEvent) => kindOf.get(purchaseOf(event).transaction_id ?? "") ?? null;

describe("the simulated clickstream", () => {
  it("has 60,000 events in the 30 days before 1 March 2026, at least 10,000 of them purchases", () => {
    assert.equal(month.events.length, 60_000);
    assert.ok(purchases.length >= 10_000, `${purchases.length}`);
    assert.ok((month.events[0]?.event_datetime ?? "") >= "2026-01-30 00:00:00");
    assert.ok((month.events.at(-1)?.event_datetime ?? "") < "2026-03-01 00:00:00");
  });

  it("is in the order of time", () => {
    let before = "";
    for (const { event_datetime: time = "" } of month.events) {
      assert.ok(time >= before, `${time} after ${before}`);
      before = time;
    }
  });

  it("is the same for the same seed, on every machine and in every version", () => {
    const hash = (seed: string) =>
      createHash("sha256")
        .update(JSON.stringify(simulateClickstream({ seed, events: 2000, days: 3 })))
        .digest("hex")
        .slice(0, 16);
    assert.equal(hash("a"), hash("a"));
    assert.notEqual(hash("a"), hash("b"));
    assert.equal(hash("activate"), "c32f1eae6bfb89e9");
  });

  it("gives every purchase a transaction id of its own, and ground truth for each", () => {
    const ids = purchases.map((event) => purchaseOf(event).transaction_id);
    assert.equal(new Set(ids).size, ids.length);
    assert.deepEqual(new Set(month.labels.map((label) => label.transaction_id)), new Set(ids));
  });

  it("makes 2 % of the purchases anomalous, all kinds equally often", () => {
    const anomalous = month.labels.filter((label) => label.is_anomaly);
    assert.ok(Math.abs(anomalous.length - purchases.length / 50) <= 1, `${anomalous.length} of ${purchases.length}`);
    const counts = ANOMALY_KINDS.map((name) => anomalous.filter((label) => label.kind === name).length);
    assert.ok(Math.max(...counts) - Math.min(...counts) <= 1, counts.join());
    assert.ok(month.labels.every((label) => label.is_anomaly === (label.kind !== null)));
  });

  it("says nothing about anomalies in the events themselves", () => {
    assert.doesNotMatch(
      JSON.stringify(month.events.slice(0, 20_000)),
      /anomal|kind|spike|slip|burst|tamper|abuse|mismatch|surcharge/,
    );
  });

  it("lets every honest purchase add up: goods less coupon plus wrapping, tax and shipping", () => {
    const rates: Record<string, number> = { "": 0, WELCOME5: 0.05, SUMMER_SALE: 0.1, VIP15: 0.15 };
    for (const event of purchases.filter((candidate) => kind(candidate) === null)) {
      const { value = 0, tax = 0, shipping = 0, coupon = "", items = [] } = purchaseOf(event);
      const goods = items.reduce((sum, item) => sum + (item.item_price ?? 0) * (item.quantity ?? 0), 0);
      const paid = goods * (1 - (rates[coupon] ?? Number.NaN));
      const wrapping = value - paid - tax - shipping;
      assert.ok(Math.abs(wrapping) < 0.02 || Math.abs(wrapping - 2.5) < 0.02, JSON.stringify(purchaseOf(event)));
      assert.ok(tax / paid > 0.0699 - 0.01 / paid && tax / paid < 0.1901 + 0.01 / paid, `tax rate ${tax / paid}`);
      assert.ok([0, 3.99, 5.99, 7, 10.99, 12.99].includes(shipping), `shipping ${shipping}`);
    }
  });

  it("lets each kind of anomaly differ from honest purchases in what it is named after", () => {
    const features = (name: string) =>
      purchases.filter((event) => kind(event) === name).map((event) => purchaseFeatures(purchaseOf(event)));
    for (const f of features("value_spike")) assert.ok(f.value_log > Math.log(99_000));
    for (const f of features("decimal_slip")) assert.ok(f.unexplained_log > Math.log(5));
    for (const f of features("quantity_burst"))
      assert.ok(f.quantity_log >= Math.log(20) && Math.abs(f.unexplained_log) < 0.25);
    for (const f of features("shipping_mismatch")) assert.ok(f.shipping >= 18);
    for (const f of features("price_tampering")) assert.ok(f.item_price_log < Math.log(149 * 0.12 + 0.01));
    for (const f of features("coupon_abuse")) assert.ok(f.unexplained_log < -0.2);
    for (const f of features("tax_mismatch")) assert.ok(f.tax_rate < 0.11 || f.tax_rate > 0.19);
    for (const f of features("surcharge")) assert.ok(f.unexplained_log < 0.34);
  });

  it("has a rhythm: evenings beat nights, Sundays beat Tuesdays", () => {
    const hours = new Array<number>(24).fill(0);
    const days = new Array<number>(7).fill(0);
    for (const { event_datetime: time = "" } of month.events) {
      const date = new Date(`${time.replace(" ", "T")}Z`);
      hours[date.getUTCHours()] = (hours[date.getUTCHours()] ?? 0) + 1;
      days[date.getUTCDay()] = (days[date.getUTCDay()] ?? 0) + 1;
    }
    assert.ok((hours[20] ?? 0) > 8 * (hours[4] ?? 0));
    assert.ok((days[0] ?? 0) > 1.2 * (days[2] ?? 0));
  });

  it("has customers who come back, some with a second device", () => {
    const buys = new Map<string, Set<string>>();
    const clients = new Map<string, Set<string>>();
    for (const event of month.events) {
      clients.set(event.user_id, (clients.get(event.user_id) ?? new Set()).add(event.client_id ?? ""));
      if (event.event === "purchase")
        buys.set(event.user_id, (buys.get(event.user_id) ?? new Set()).add(event.event_datetime ?? ""));
    }
    const returning = [...buys.values()].filter((times) => times.size > 1).length / buys.size;
    assert.ok(returning > 0.2 && returning < 0.6, `${returning}`);
    assert.ok([...clients.values()].some((ids) => ids.size === 2));
  });

  it("lets visitors buy only what they put into the cart before", () => {
    const carts = new Map<string, string[]>();
    for (const { event } of simulate({ events: 3000, days: 5 })) {
      if (event.event === "add_to_cart") {
        const cart = carts.get(event.user_id) ?? [];
        cart.push(event.ecommerce.items[0]?.item_id ?? "");
        carts.set(event.user_id, cart);
      } else if (event.event === "purchase") {
        const cart = carts.get(event.user_id) ?? [];
        for (const item of event.ecommerce.purchase.items ?? []) assert.ok(cart.includes(item.item_id ?? ""));
      }
    }
  });

  it("takes any number of events, exactly", () => {
    for (const events of [1, 2, 7, 500]) assert.equal([...simulate({ events, days: 1 })].length, events);
  });

  it("refuses options out of range by name", () => {
    assert.throws(() => [...simulate({ events: 0 })], /events must be a whole number from 1 to 100000000, got 0/);
    assert.throws(() => [...simulate({ days: 1.5 })], /days must be a whole number/);
    assert.throws(() => [...simulate({ end: "1.3.2026" })], /end must be a day such as "2026-03-01", got "1.3.2026"/);
    assert.throws(() => [...simulate({ anomalyShare: 2 })], /anomalyShare must be between 0 and 1, got 2/);
    assert.throws(() => simulateLive({ startMs: 0, eventsPerSecond: 0 }).next(), /eventsPerSecond must be above 0/);
  });
});

describe("the live stream", () => {
  const take = (count: number, options: Parameters<typeof simulateLive>[0]) => {
    const taken: { timeMs: number; label?: PurchaseLabel }[] = [];
    for (const entry of simulateLive(options)) {
      taken.push(entry);
      if (taken.length === count) break;
    }
    return taken;
  };

  it("keeps its rate, in the order of time", () => {
    const startMs = Date.UTC(2026, 2, 1);
    const taken = take(50_000, { startMs, eventsPerSecond: 100 });
    assert.ok(taken.every((entry, index) => entry.timeMs >= (taken[index - 1]?.timeMs ?? startMs)));
    // The first minutes have fewer: sessions only begin. Measure the second half.
    const middle = taken[25_000]?.timeMs ?? 0;
    const rate = 25_000 / (((taken.at(-1)?.timeMs ?? 0) - middle) / 1000);
    assert.ok(rate > 92 && rate < 108, `${rate}`);
  });

  it("has the share of anomalies and ids that differ from those of the recorded days", () => {
    const labels = take(20_000, { startMs: 0, eventsPerSecond: 50, anomalyShare: 0.1 }).flatMap(
      (entry) => entry.label ?? [],
    );
    const share = labels.filter((label) => label.is_anomaly).length / labels.length;
    assert.ok(Math.abs(share - 0.1) < 0.005, `${share}`);
    assert.ok(labels.every((label) => label.transaction_id.startsWith("L")));
  });
});
