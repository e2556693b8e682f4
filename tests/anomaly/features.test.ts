import assert from "node:assert/strict";
import { FEATURES, featureVector, purchaseFeatures } from "activate/anomaly";

describe("features of a purchase", () => {
  it("are what the definition says, worked out by hand", () => {
    const features = purchaseFeatures({
      value: 100,
      tax: 19,
      shipping: 3.99,
      items: [
        { item_price: 10, quantity: 2 },
        { item_price: 30, quantity: 1 },
      ],
    });
    assert.equal(features.value_log, Math.log(100));
    assert.equal(features.tax_log, Math.log(20));
    assert.equal(features.shipping, 3.99);
    assert.equal(features.tax_rate, 19 / 50);
    assert.equal(features.quantity_log, Math.log(3));
    assert.equal(features.item_price_log, Math.log(50 / 3));
    assert.equal(features.unexplained_log, Math.log(100 / 72.99));
  });

  it("are 0 in what is unexplained when everything adds up", () => {
    const features = purchaseFeatures({ value: 15, tax: 2, shipping: 3, items: [{ item_price: 10, quantity: 1 }] });
    assert.equal(features.unexplained_log, 0);
  });

  it("are finite numbers for whatever is missing, zero or negative", () => {
    const odd = [
      {},
      { value: 0, tax: 0, shipping: 0, items: [] },
      { value: -5, tax: -1, shipping: -2, items: [{ item_price: -3, quantity: -4 }] },
      { value: 1, items: [{ item_price: 5 }, { quantity: 3 }] },
      { value: 1e300, tax: 1e300, shipping: 1e300, items: [{ item_price: 1e300, quantity: 1 }] },
    ];
    for (const purchase of odd) {
      for (const value of featureVector(purchaseFeatures(purchase))) assert.ok(Number.isFinite(value));
    }
  });

  it("come as a vector in the order of training", () => {
    const features = purchaseFeatures({ value: 10, tax: 1, shipping: 2, items: [{ item_price: 7, quantity: 1 }] });
    assert.deepEqual(
      featureVector(features),
      FEATURES.map((name) => features[name]),
    );
  });
});
