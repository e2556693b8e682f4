import { type ClickstreamEvent, EVENT_NAMES } from "./event.js";
import { nearestName } from "./nearestName.js";

/** One thing that is wrong with an event. */
export interface EventIssue {
  /** Where, as `ecommerce.purchase.items[0].item_id`; empty for the event itself. */
  readonly path: string;
  /** What was found. */
  readonly problem: string;
  /** What would be right, with an example. */
  readonly expected: string;
}

/** Thrown by `parseEvent`; `issues` has everything that is wrong, the message the first three. */
export class EventError extends Error {
  override readonly name = "EventError";
  readonly issues: readonly EventIssue[];

  constructor(issues: readonly EventIssue[]) {
    const shown = issues
      .slice(0, 3)
      .map(({ path, problem, expected }) => `${path || "event"}: ${problem}; expected ${expected}`);
    const more = issues.length - shown.length;
    super(`Not an event of the web shop. ${shown.join(". ")}${more > 0 ? `, and ${more} more` : ""}.`);
    this.issues = issues;
  }
}

/**
 * Reads an event: the JSON that the shop posts, parsed. Only its form is checked; whether sums add up is the detector's business
 * (the workshop's own samples do not). Nulls are left out, an `item_id` given as a number becomes text, `weekday` is dropped.
 * @throws EventError with every issue: path, what was found, what would be right.
 * @example parseEvent({ event: "purchase", user_id: "UID00001", ecommerce: {} })
 * // EventError: … ecommerce.purchase: missing; expected a record with transaction_id, value, tax and shipping …
 */
export function parseEvent(input: unknown): ClickstreamEvent {
  const issues: EventIssue[] = [];
  const event = readEvent(input, issues);
  if (event === undefined || issues.length > 0) throw new EventError(issues);
  return event;
}

/** Everything that is wrong with an event; empty when it is right. */
export function eventIssues(input: unknown): readonly EventIssue[] {
  const issues: EventIssue[] = [];
  readEvent(input, issues);
  return issues;
}

/** Reads one value; what is wrong goes to `issues`, and then the result is undefined. */
type Reader = (value: unknown, path: string, issues: EventIssue[]) => unknown;
interface Field {
  readonly read: Reader;
  readonly required?: boolean;
  /** What to say when a required field is missing. */
  readonly expected: string;
}
type Fields = Readonly<Record<string, Field>>;

const text = field(readText, 'text such as "UID00003"');
const amount = field(readAmount, "a number such as 35.43, in EUR and at most 1e12 either way");
const integer = field(readInteger, "a whole number such as 2");
const quantity = field(readQuantity, "a whole number of pieces such as 2, from 0 to 1e9");
const itemId = field(readItemId, 'digits such as "67890"');

const VIEWED_ITEM: Fields = {
  index: integer,
  item_id: itemId,
  item_name: text,
  item_list_name: text,
  item_list_id: text,
  price: amount,
  item_variant: text,
  quantity,
  item_brand: text,
  item_category: text,
  item_category_2: text,
  item_category_3: text,
  item_category_4: text,
};

const PURCHASED_ITEM: Fields = {
  item_coupon: text,
  quantity,
  item_variant: text,
  item_category: text,
  item_name: text,
  item_id: itemId,
  item_brand: text,
  item_price: amount,
};

const PURCHASE: Fields = {
  items: field(listOf(record(PURCHASED_ITEM)), "a list of items"),
  coupon: text,
  tax: required(amount),
  shipping: required(amount),
  value: required(amount),
  affiliation: text,
  currency: text,
  transaction_id: required(text),
};

const BROWSING: Fields = { items: required(field(listOf(record(VIEWED_ITEM)), "a list of items")) };
const BUYING: Fields = {
  purchase: required(field(record(PURCHASE), "a record with transaction_id, value, tax and shipping")),
};

const HEAD: Fields = {
  event_datetime: field(readTime, 'a UTC time such as "2020-11-16 20:59:59"'),
  event: required(field(readEventName, eventNames())),
  user_id: required(text),
  client_id: text,
  page: text,
  page_previous: text,
  weekday: text,
  ecommerce: required(field((value) => value, "a record")),
};

function readEvent(input: unknown, issues: EventIssue[]): ClickstreamEvent | undefined {
  const head = record(HEAD)(input, "", issues);
  if (!isRecord(head)) return undefined;
  const { weekday: _, ecommerce, ...fields } = head;
  if (fields.event === undefined || ecommerce === undefined) return undefined;
  const inside = record(fields.event === "purchase" ? BUYING : BROWSING)(ecommerce, "ecommerce", issues);
  // The readers above establish the form that the type states.
  return { ...fields, ecommerce: inside } as unknown as ClickstreamEvent;
}

function record(fields: Fields): Reader {
  const known = Object.keys(fields);
  return (value, path, issues) => {
    if (!isRecord(value)) {
      issues.push({ path, problem: described(value), expected: "a record" });
      return undefined;
    }
    const result: Record<string, unknown> = {};
    for (const [name, given] of Object.entries(value)) {
      const at = path === "" ? name : `${path}.${name}`;
      const spec = Object.hasOwn(fields, name) ? fields[name] : undefined;
      if (spec === undefined) {
        const near = nearestName(name, known);
        issues.push({
          path: at,
          problem: "unknown field",
          expected: near === undefined ? `one of ${known.join(", ")}` : `"${near}"`,
        });
      } else if (given !== null && given !== undefined) {
        result[name] = spec.read(given, at, issues);
      }
    }
    for (const [name, { required: needed, expected }] of Object.entries(fields)) {
      if (!needed || (value[name] !== undefined && value[name] !== null)) continue;
      issues.push({ path: path === "" ? name : `${path}.${name}`, problem: "missing", expected });
    }
    return result;
  };
}

function listOf(read: Reader): Reader {
  return (value, path, issues) => {
    if (!Array.isArray(value)) {
      issues.push({ path, problem: described(value), expected: "a list" });
      return undefined;
    }
    return value.map((entry, index) => read(entry, `${path}[${index}]`, issues));
  };
}

function readText(value: unknown, path: string, issues: EventIssue[]): string | undefined {
  if (typeof value === "string") return value;
  issues.push({ path, problem: described(value), expected: text.expected });
  return undefined;
}

/** Beyond any shop, and well within what sums, products and logarithms of a double can bear. */
const AMOUNT_MAX = 1e12;
const QUANTITY_MAX = 1e9;

function readAmount(value: unknown, path: string, issues: EventIssue[]): number | undefined {
  if (typeof value === "number" && Math.abs(value) <= AMOUNT_MAX) return value;
  issues.push({ path, problem: described(value), expected: amount.expected });
  return undefined;
}

function readQuantity(value: unknown, path: string, issues: EventIssue[]): number | undefined {
  if (Number.isSafeInteger(value) && Number(value) >= 0 && Number(value) <= QUANTITY_MAX) return Number(value);
  issues.push({ path, problem: described(value), expected: quantity.expected });
  return undefined;
}

function readInteger(value: unknown, path: string, issues: EventIssue[]): number | undefined {
  if (Number.isSafeInteger(value)) return value as number;
  issues.push({ path, problem: described(value), expected: integer.expected });
  return undefined;
}

/** The sink column is INTEGER and BigQuery takes digits for it, as the workshop's samples have them. */
function readItemId(value: unknown, path: string, issues: EventIssue[]): string | undefined {
  if (Number.isSafeInteger(value)) return String(value);
  if (typeof value === "string" && /^-?\d{1,18}$/.test(value)) return value;
  issues.push({ path, problem: described(value), expected: itemId.expected });
  return undefined;
}

function readEventName(value: unknown, path: string, issues: EventIssue[]): string | undefined {
  const name = EVENT_NAMES.find((known) => known === value);
  if (name !== undefined) return name;
  const near = typeof value === "string" ? nearestName(value, EVENT_NAMES) : undefined;
  issues.push({ path, problem: described(value), expected: near === undefined ? eventNames() : `"${near}"` });
  return undefined;
}

function readTime(value: unknown, path: string, issues: EventIssue[]): string | undefined {
  const parts =
    typeof value === "string" ? /^(\d{4}-\d\d-\d\d)[ T](\d\d:\d\d:\d\d)(\.\d{1,6})?(Z| UTC)?$/.exec(value) : null;
  const time = parts === null ? Number.NaN : Date.parse(`${parts[1]}T${parts[2]}Z`);
  // Date.parse turns 30 February into 2 March: only a day that stays itself is one.
  if (parts !== null && !Number.isNaN(time) && new Date(time).toISOString().startsWith(parts[1] ?? "-")) {
    return `${parts[1]} ${parts[2]}`;
  }
  issues.push({ path, problem: described(value), expected: 'a UTC time such as "2020-11-16 20:59:59"' });
  return undefined;
}

function field(read: Reader, expected: string): Field {
  return { read, expected };
}

function required(of: Field): Field {
  return { ...of, required: true };
}

function eventNames(): string {
  return `one of ${EVENT_NAMES.map((name) => `"${name}"`).join(", ")}`;
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function described(value: unknown): string {
  if (value === null) return "null";
  if (Array.isArray(value)) return "a list";
  if (typeof value === "object") return "a record";
  if (typeof value === "string")
    return `the text ${JSON.stringify(value.length > 40 ? `${value.slice(0, 40)}…` : value)}`;
  return `${typeof value} ${String(value)}`;
}
