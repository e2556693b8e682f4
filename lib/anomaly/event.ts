/** The event of the web shop, as it travels as JSON and as it lies in the sink table. */

/** The three actions that the shop reports. */
export const EVENT_NAMES = ["view_item", "add_to_cart", "purchase"] as const;
export type EventName = (typeof EVENT_NAMES)[number];

/** A product as it is looked at or put into the cart. `price` here, `item_price` once it is bought. */
export interface ViewedItem {
  readonly index?: number | undefined;
  /** Digits: the sink column is INTEGER. */
  readonly item_id?: string | undefined;
  readonly item_name?: string | undefined;
  readonly item_list_name?: string | undefined;
  readonly item_list_id?: string | undefined;
  /** EUR, before tax. */
  readonly price?: number | undefined;
  readonly item_variant?: string | undefined;
  readonly quantity?: number | undefined;
  readonly item_brand?: string | undefined;
  readonly item_category?: string | undefined;
  readonly item_category_2?: string | undefined;
  readonly item_category_3?: string | undefined;
  readonly item_category_4?: string | undefined;
}

/** One line of a purchase. */
export interface PurchasedItem {
  readonly item_coupon?: string | undefined;
  readonly quantity?: number | undefined;
  readonly item_variant?: string | undefined;
  readonly item_category?: string | undefined;
  readonly item_name?: string | undefined;
  /** Digits: the sink column is INTEGER. */
  readonly item_id?: string | undefined;
  readonly item_brand?: string | undefined;
  /** EUR for one piece, before tax. */
  readonly item_price?: number | undefined;
}

export interface Purchase {
  readonly items?: readonly PurchasedItem[] | undefined;
  readonly coupon?: string | undefined;
  /** EUR. */
  readonly tax?: number | undefined;
  /** EUR. */
  readonly shipping?: number | undefined;
  /** EUR: what the customer pays, tax and shipping included. */
  readonly value?: number | undefined;
  readonly affiliation?: string | undefined;
  readonly currency?: string | undefined;
  readonly transaction_id?: string | undefined;
}

interface EventHead {
  /** `YYYY-MM-DD HH:MM:SS`, UTC. */
  readonly event_datetime?: string | undefined;
  readonly user_id: string;
  readonly client_id?: string | undefined;
  readonly page?: string | undefined;
  readonly page_previous?: string | undefined;
}

export interface ViewItemEvent extends EventHead {
  readonly event: "view_item";
  readonly ecommerce: { readonly items: readonly ViewedItem[] };
}

export interface AddToCartEvent extends EventHead {
  readonly event: "add_to_cart";
  readonly ecommerce: { readonly items: readonly ViewedItem[] };
}

export interface PurchaseEvent extends EventHead {
  readonly event: "purchase";
  readonly ecommerce: { readonly purchase: Purchase };
}

export type ClickstreamEvent = ViewItemEvent | AddToCartEvent | PurchaseEvent;

/** A row of the sink table: the event and the day of the week that the processing service adds. */
export type SinkRow = ClickstreamEvent & { readonly weekday: string | null };

const WEEKDAYS = ["Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday"] as const;

/**
 * The row that the processing service writes for an event.
 * @example toSinkRow(event).weekday // "Monday" for 2020-11-16 20:59:59
 */
export function toSinkRow(event: ClickstreamEvent): SinkRow {
  if (event.event_datetime === undefined) return { ...event, weekday: null };
  const day = new Date(`${event.event_datetime.slice(0, 10)}T00:00:00Z`).getUTCDay();
  return { ...event, weekday: WEEKDAYS[day] ?? null };
}

/**
 * A time as the events write it.
 * @param milliseconds since 1970, UTC; parts of a second are cut off.
 * @example formatEventTime(0) // "1970-01-01 00:00:00"
 */
export function formatEventTime(milliseconds: number): string {
  return new Date(milliseconds).toISOString().slice(0, 19).replace("T", " ");
}
