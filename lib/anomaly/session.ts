import { type BasketLine, drawLine } from "./basket.js";
import { drawProduct, type Product } from "./catalogue.js";
import type { Visitor } from "./customers.js";
import { type ClickstreamEvent, formatEventTime, type Purchase, type ViewedItem } from "./event.js";
import type { Random } from "./random.js";

/** What a visitor does in one session, before it has a time and a customer. */
export type SessionPlan = readonly Action[];
export type Action =
  | { readonly name: "view_item"; readonly product: Product }
  | { readonly name: "add_to_cart"; readonly line: BasketLine }
  | { readonly name: "purchase"; readonly lines: readonly BasketLine[] };

/** Measured over 200,000 plans; a test holds it. */
export const MEAN_EVENTS_PER_SESSION = 4.62;

const VIEWS_MEAN = 2.4;
const FIRST_TO_CART_SHARE = 0.8;
const LATER_TO_CART_SHARE = 0.4;
const CHECKOUT_SHARE = 0.93;
const PAUSE_MEAN_MS = 45_000;
const PAUSE_MIN_MS = 2_000;

/** Draws a session of at most `limit` actions; one that is cut short ends without a purchase. */
export function drawPlan(random: Random, limit: number): SessionPlan {
  const actions: Action[] = [];
  const cart: BasketLine[] = [];
  const views = random.geometric(VIEWS_MEAN);
  for (let view = 0; view < views; view += 1) {
    const product = drawProduct(random);
    actions.push({ name: "view_item", product });
    if (!random.chance(view === 0 ? FIRST_TO_CART_SHARE : LATER_TO_CART_SHARE)) continue;
    const line = drawLine(random, product);
    cart.push(line);
    actions.push({ name: "add_to_cart", line });
  }
  if (cart.length > 0 && random.chance(CHECKOUT_SHARE)) actions.push({ name: "purchase", lines: cart });
  return actions.slice(0, limit);
}

/** Times of the actions from `startMs` on, with pauses between them; moved back as a whole where they would pass `endMs`. */
export function drawActionTimes(random: Random, actions: number, startMs: number, endMs: number): number[] {
  const times: number[] = [];
  for (let time = startMs, action = 0; action < actions; action += 1) {
    times.push(time);
    time += Math.floor(PAUSE_MIN_MS + random.exponential(PAUSE_MEAN_MS - PAUSE_MIN_MS));
  }
  const excess = Math.max(0, (times.at(-1) ?? 0) - (endMs - 1000));
  return times.map((time) => time - excess);
}

/** The event of an action other than a purchase. */
export function browseEvent(
  action: Exclude<Action, { name: "purchase" }>,
  timeMs: number,
  visitor: Visitor,
  previousPage: string,
): ClickstreamEvent {
  const product = action.name === "view_item" ? action.product : action.line.product;
  const item = action.name === "view_item" ? viewedItem(product) : cartItem(action.line);
  return {
    event_datetime: formatEventTime(timeMs),
    event: action.name,
    user_id: visitor.userId,
    client_id: visitor.clientId,
    page: productPage(product),
    page_previous: previousPage,
    ecommerce: { items: [item] },
  };
}

export function purchaseEvent(purchase: Purchase, timeMs: number, visitor: Visitor): ClickstreamEvent {
  return {
    event_datetime: formatEventTime(timeMs),
    event: "purchase",
    user_id: visitor.userId,
    client_id: visitor.clientId,
    page: "/order-confirmation",
    page_previous: "/checkout",
    ecommerce: { purchase },
  };
}

export function productPage(product: Product): string {
  return `/product-${product.itemId}`;
}

export function categoryPage(product: Product): string {
  return `/category-${(product.categories.at(-1) ?? "all").toLowerCase()}`;
}

function viewedItem(product: Product): ViewedItem {
  return {
    ...head(product),
    item_variant: product.variants[0],
    price: product.price,
    quantity: 1,
  };
}

function cartItem(line: BasketLine): ViewedItem {
  return {
    ...head(line.product),
    item_variant: line.variant,
    price: line.price,
    quantity: line.quantity,
  };
}

function head(product: Product): ViewedItem {
  const list = product.categories.at(-1) ?? "All";
  return {
    index: 1,
    item_id: product.itemId,
    item_name: product.name,
    item_list_name: list,
    item_list_id: `LST-${list.toLowerCase()}`,
    item_brand: product.brand,
    item_category: product.categories[0],
    item_category_2: product.categories[1],
    item_category_3: product.categories[2],
    item_category_4: product.categories[3],
  };
}
