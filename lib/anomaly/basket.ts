import type { Product } from "./catalogue.js";
import type { Purchase } from "./event.js";
import type { Random } from "./random.js";

/** One line of a basket, before it becomes a purchase. */
export interface BasketLine {
  readonly product: Product;
  readonly variant: string;
  readonly quantity: number;
  /** EUR for one piece, before tax: the catalogue's price, or less in a sale. */
  readonly price: number;
}

/** Every sum of a purchase, in EUR; the invariant of an honest one is value = goods - discount + wrapping + tax + shipping. */
export interface Sums {
  readonly goods: number;
  readonly discount: number;
  readonly wrapping: number;
  readonly tax: number;
  readonly shipping: number;
  readonly value: number;
}

export interface Order {
  readonly lines: readonly BasketLine[];
  readonly coupon: string;
  readonly sums: Sums;
}

/** Coupons of the shop and the share of the goods that each takes off. */
export const COUPONS = { WELCOME5: 0.05, SUMMER_SALE: 0.1, VIP15: 0.15 } as const;
type Coupon = keyof typeof COUPONS;

/** Shipping rules: free from this sum of goods on, otherwise by the number of pieces; express comes on top. */
export const FREE_SHIPPING_FROM = 100;
export const SHIPPING_SMALL = 3.99;
export const SHIPPING_PARCEL = 5.99;
export const SHIPPING_EXPRESS = 7;
const SMALL_PIECES = 2;
const GIFT_WRAPPING = 2.5;

const QUANTITIES = [
  [1, 80],
  [2, 14],
  [3, 4],
  [4, 2],
] as const;
const SALE_SHARE = 0.12;
const SALE_PRICE = 0.8;
const COUPON_SHARE = 0.15;
const EXPRESS_SHARE = 0.08;
const WRAPPING_SHARE = 0.06;

/** A line for a product: its quantity, variant and today's price. */
export function drawLine(random: Random, product: Product): BasketLine {
  return {
    product,
    variant: random.pick(product.variants),
    quantity: random.weighted(QUANTITIES),
    price: random.chance(SALE_SHARE) ? cents(product.price * SALE_PRICE) : product.price,
  };
}

/** What an honest customer orders with these lines. */
export function drawOrder(random: Random, lines: readonly BasketLine[]): Order {
  const coupon = random.chance(COUPON_SHARE) ? random.pick<Coupon>(["WELCOME5", "SUMMER_SALE", "VIP15"]) : undefined;
  return settle(lines, {
    coupon: coupon ?? "",
    discountRate: coupon === undefined ? 0 : COUPONS[coupon],
    express: random.chance(EXPRESS_SHARE),
    wrapping: random.chance(WRAPPING_SHARE) ? GIFT_WRAPPING : 0,
  });
}

export interface Terms {
  readonly coupon: string;
  /** Share of the goods taken off, 0 … 1. */
  readonly discountRate: number;
  readonly express: boolean;
  /** EUR. */
  readonly wrapping: number;
}

/** Adds an order up by the rules of the shop. Tax is on what is paid for the goods, at each product's rate. */
export function settle(lines: readonly BasketLine[], terms: Terms): Order {
  const goods = cents(lines.reduce((sum, line) => sum + line.price * line.quantity, 0));
  const pieces = lines.reduce((sum, line) => sum + line.quantity, 0);
  const fullTax = lines.reduce((sum, line) => sum + line.price * line.quantity * line.product.taxRate, 0);
  const discount = cents(goods * terms.discountRate);
  const tariff = pieces <= SMALL_PIECES ? SHIPPING_SMALL : SHIPPING_PARCEL;
  const shipping = (goods - discount >= FREE_SHIPPING_FROM ? 0 : tariff) + (terms.express ? SHIPPING_EXPRESS : 0);
  return withSums(lines, terms.coupon, {
    goods,
    discount,
    wrapping: terms.wrapping,
    tax: cents(fullTax * (1 - terms.discountRate)),
    shipping: cents(shipping),
  });
}

/** An order whose value is the sum of its parts. */
export function withSums(lines: readonly BasketLine[], coupon: string, parts: Omit<Sums, "value">): Order {
  const value = cents(parts.goods - parts.discount + parts.wrapping + parts.tax + parts.shipping);
  return { lines, coupon, sums: { ...parts, value } };
}

/** The order as the event carries it. */
export function toPurchase(order: Order, transactionId: string): Purchase {
  return {
    transaction_id: transactionId,
    affiliation: "Online Store",
    value: order.sums.value,
    tax: order.sums.tax,
    shipping: order.sums.shipping,
    currency: "EUR",
    coupon: order.coupon,
    items: order.lines.map(({ product, variant, quantity, price }) => ({
      item_name: product.name,
      item_id: product.itemId,
      item_price: price,
      item_brand: product.brand,
      item_category: product.categories[0],
      item_variant: variant,
      quantity,
      item_coupon: "",
    })),
  };
}

/** Rounds EUR to cents. */
export function cents(amount: number): number {
  return Math.round(amount * 100) / 100;
}
