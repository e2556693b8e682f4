import { cents, type Order, withSums } from "./basket.js";
import type { Random } from "./random.js";

/**
 * The kinds of anomalous purchase, from blatant to subtle. Whether a kind is visible depends on the features: only
 * `value_spike` and `decimal_slip` stand out in `value` alone.
 */
export const ANOMALY_KINDS = [
  "value_spike",
  "decimal_slip",
  "quantity_burst",
  "shipping_mismatch",
  "price_tampering",
  "coupon_abuse",
  "tax_mismatch",
  "surcharge",
] as const;
export type AnomalyKind = (typeof ANOMALY_KINDS)[number];

/** What each kind does to an honest order, in a sentence. */
export const ANOMALY_DESCRIPTIONS: Readonly<Record<AnomalyKind, string>> = {
  value_spike: "a value in the hundreds of thousands that nothing in the order explains",
  decimal_slip: "a lost decimal point: the value is ten or a hundred times too large",
  quantity_burst: "dozens of pieces of one article, correctly added up",
  shipping_mismatch: "shipping several times above the tariff, correctly added up",
  price_tampering: "articles at a fraction of their price, correctly added up",
  coupon_abuse: "stacked coupons: half of the goods' price or more is taken off",
  tax_mismatch: "tax at a wrong rate (none, half or one and a half times), correctly added up",
  surcharge: "a tenth to a third more than the order adds up to",
};

type Distortion = (random: Random, order: Order) => Order;

const DISTORTIONS: Readonly<Record<AnomalyKind, Distortion>> = {
  value_spike: (random, order) => withValue(order, random.between(100_000, 2_000_000)),
  decimal_slip: (random, order) => withValue(order, order.sums.value * random.pick([10, 100])),
  quantity_burst: (random, order) => {
    const target = random.integer(0, order.lines.length - 1);
    const factor = random.integer(20, 120);
    return rescaled(order, (line, index) => (index === target ? { ...line, quantity: line.quantity * factor } : line));
  },
  shipping_mismatch: (random, order) => {
    const { value: _, ...parts } = order.sums;
    return withSums(order.lines, order.coupon, { ...parts, shipping: cents(random.between(18, 60)) });
  },
  price_tampering: (random, order) => {
    const factor = random.between(0.01, 0.12);
    return rescaled(order, (line) => ({ ...line, price: Math.max(0.01, cents(line.price * factor)) }));
  },
  coupon_abuse: (random, order) => {
    const rate = random.between(0.45, 0.9);
    const { value: _, ...parts } = order.sums;
    const kept = parts.goods > 0 ? 1 - parts.discount / parts.goods : 1;
    return withSums(order.lines, "SUMMER_SALE", {
      ...parts,
      discount: cents(parts.goods * rate),
      tax: cents((parts.tax / kept) * (1 - rate)),
    });
  },
  tax_mismatch: (random, order) => {
    const { value: _, ...parts } = order.sums;
    return withSums(order.lines, order.coupon, { ...parts, tax: cents(parts.tax * random.pick([0, 0.5, 1.5])) });
  },
  surcharge: (random, order) => withValue(order, order.sums.value * random.between(1.1, 1.35)),
};

/** The order as it looks once something of this kind has happened to it. */
export function distort(random: Random, order: Order, kind: AnomalyKind): Order {
  return DISTORTIONS[kind](random, order);
}

function withValue(order: Order, value: number): Order {
  return { ...order, sums: { ...order.sums, value: cents(value) } };
}

/** Other lines, with goods, discount and tax in proportion; shipping and wrapping stay what they were. */
function rescaled(
  order: Order,
  change: (line: Order["lines"][number], index: number) => Order["lines"][number],
): Order {
  const lines = order.lines.map(change);
  const goods = cents(lines.reduce((sum, line) => sum + line.price * line.quantity, 0));
  const keep = order.sums.goods > 0 ? 1 - order.sums.discount / order.sums.goods : 1;
  const tax = lines.reduce((sum, line) => sum + line.price * line.quantity * line.product.taxRate, 0) * keep;
  return withSums(lines, order.coupon, {
    goods,
    discount: cents(goods * (1 - keep)),
    wrapping: order.sums.wrapping,
    tax: cents(tax),
    shipping: order.sums.shipping,
  });
}

/**
 * Decides which purchases are anomalous: exactly one in each run of 1 / share purchases, at a random place in it, the
 * kinds taking turns in random order. So a short stream has the share that a long one has.
 */
export class AnomalySchedule {
  readonly #random: Random;
  readonly #share: number;
  #purchases = 0;
  #runs = 0;
  #next: number;
  #kinds: AnomalyKind[] = [];

  /** @param share of all purchases, 0 … 1. */
  constructor(random: Random, share: number) {
    this.#random = random;
    this.#share = share;
    this.#next = this.#place();
  }

  /** Call once a purchase, in order. */
  next(): AnomalyKind | undefined {
    const place = this.#purchases;
    this.#purchases += 1;
    if (place < this.#next) return undefined;
    this.#runs += 1;
    this.#next = this.#place();
    if (this.#kinds.length === 0) this.#kinds = this.#random.shuffled(ANOMALY_KINDS);
    return this.#kinds.pop();
  }

  #place(): number {
    if (this.#share <= 0) return Number.POSITIVE_INFINITY;
    return Math.floor((this.#runs + this.#random.unit()) / this.#share);
  }
}
