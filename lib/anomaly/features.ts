import type { Purchase } from "./event.js";

/** The features in the order of training. Their other definition is `sql/features/purchase_features.sql`; a test holds the two together. */
export const FEATURES = [
  "value_log",
  "tax_log",
  "shipping",
  "tax_rate",
  "quantity_log",
  "item_price_log",
  "unexplained_log",
] as const;
export type FeatureName = (typeof FEATURES)[number];
export type Features = Readonly<Record<FeatureName, number>>;

/** What each feature says, in a sentence. */
export const FEATURE_DESCRIPTIONS: Readonly<Record<FeatureName, string>> = {
  value_log: "natural logarithm of what the customer pays, in EUR (at least a cent)",
  tax_log: "natural logarithm of one plus the tax, in EUR",
  shipping: "EUR; on its own scale, because honest tariffs lie within 20 EUR",
  tax_rate: "tax divided by the price of the goods; 0 without goods",
  quantity_log: "natural logarithm of the number of pieces (at least one)",
  item_price_log: "natural logarithm of the mean price of a piece, in EUR (at least a cent)",
  unexplained_log:
    "natural logarithm of the value divided by what goods, tax and shipping add up to; 0 when all is explained",
};

const CENT = 0.01;

/**
 * The features of a purchase. What is missing counts as 0, so that every feature is a finite number.
 * @example purchaseFeatures({ value: 59.89, tax: 4.9, shipping: 5.99, items: [{ item_price: 49, quantity: 1 }] }).tax_rate // 0.1
 */
export function purchaseFeatures(purchase: Purchase): Features {
  const value = purchase.value ?? 0;
  const tax = purchase.tax ?? 0;
  const shipping = purchase.shipping ?? 0;
  let goods = 0;
  let quantity = 0;
  for (const item of purchase.items ?? []) {
    quantity += item.quantity ?? 0;
    if (item.item_price !== undefined && item.quantity !== undefined) goods += item.item_price * item.quantity;
  }
  return {
    value_log: Math.log(Math.max(value, CENT)),
    tax_log: Math.log(1 + Math.max(tax, 0)),
    shipping,
    tax_rate: goods > 0 ? tax / Math.max(goods, CENT) : 0,
    quantity_log: Math.log(Math.max(quantity, 1)),
    item_price_log: Math.log(Math.max(goods / Math.max(quantity, 1), CENT)),
    unexplained_log: Math.log(Math.max(value, CENT) / Math.max(goods + tax + shipping, CENT)),
  };
}

/** The features as a list, in the order of `FEATURES`. */
export function featureVector(features: Features): number[] {
  return FEATURES.map((name) => features[name]);
}
