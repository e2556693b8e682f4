import assert from "node:assert/strict";
import { simulateLive } from "activate/anomaly";
import { type PoisonedEvent, poisonedOf } from "activate/workbook/liveStream.js";

describe("the poisoned purchase of notebook 04", () => {
  it("has a text for its value, and one that can be worked out from the rest, gift-wrapped or not", () => {
    const live = { seed: "poison", startMs: 0, eventsPerSecond: 1, anomalyShare: 0, transactionPrefix: "P-" };
    let [purchases, notAddingUp] = [0, 0];
    for (const { event } of simulateLive(live)) {
      if (event.event !== "purchase") continue;
      const original = JSON.parse(JSON.stringify(event)) as PoisonedEvent;
      const { value, items, tax, shipping } = poisonedOf(original).ecommerce.purchase;
      const adds = items.reduce((sum, item) => sum + item.item_price * item.quantity, tax + shipping);
      assert.equal(value, `${adds.toFixed(2)} EUR`);
      if (Math.abs(Number(original.ecommerce.purchase.value) - adds) > 0.01) notAddingUp++;
      if (++purchases === 300) break;
    }
    assert.ok(notAddingUp > 0, "no purchase with a coupon or a gift wrapping among 300");
  });
});
