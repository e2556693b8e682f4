import { type ClickstreamEvent, EventError, parseEvent } from "../../anomaly/index.js";
import { Unfit } from "./envelope.js";

const decoder = new TextDecoder("utf-8", { fatal: true });

/**
 * The event in a message's data.
 * @throws Unfit with a reason that says where, what was found and what would be right.
 */
export function readEvent(data: Buffer, bytesMax: number): ClickstreamEvent {
  if (data.byteLength === 0) throw new Unfit("no_data", "The message has no data, only attributes; an event is JSON.");
  if (data.byteLength > bytesMax) {
    throw new Unfit("event_too_large", `The event has ${data.byteLength} bytes; at most ${bytesMax} are taken.`);
  }
  let text: string;
  try {
    text = decoder.decode(data);
  } catch {
    throw new Unfit("event_not_text", "The event is not UTF-8 text.");
  }
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch (thrown) {
    throw new Unfit("event_not_json", `The event is not JSON: ${thrown instanceof Error ? thrown.message : thrown}.`);
  }
  if (countKeys(json) !== countWrittenKeys(text)) {
    throw new Unfit(
      "event_has_duplicate_fields",
      `The event has the field ${duplicateKey(text) ?? "?"} twice in one record; which of the two is meant cannot be told.`,
    );
  }
  try {
    return parseEvent(json);
  } catch (thrown) {
    if (thrown instanceof EventError) throw new Unfit("event_invalid", thrown.message);
    throw thrown;
  }
}

/**
 * Fields in a parsed value, those inside included. JSON.parse keeps the last of two fields with one name.
 * By a list of what is left: a call for each record inside another would end in an overflow that whoever sends chooses.
 */
function countKeys(value: unknown): number {
  let keys = 0;
  const left = [value];
  for (let next = left.pop(); next !== undefined; next = left.pop()) {
    if (typeof next !== "object" || next === null) continue;
    const children: unknown[] = Object.values(next);
    if (!Array.isArray(next)) keys += children.length;
    for (const child of children) left.push(child);
  }
  return keys;
}

/** A string of JSON, and the colon that makes it a field's name. */
const STRING = /"(?:[^"\\]|\\.)*"(\s*:)?/g;

/** Fields in a JSON text, which is known to be valid. */
function countWrittenKeys(text: string): number {
  let keys = 0;
  for (const [, colon] of text.matchAll(STRING)) if (colon !== undefined) keys += 1;
  return keys;
}

/** The first name that stands twice in one record, however its letters are written. */
function duplicateKey(text: string): string | undefined {
  const records: Set<string>[] = [];
  for (const [token, colon] of text.matchAll(/"(?:[^"\\]|\\.)*"(\s*:)?|[{}]/g)) {
    if (token === "{") records.push(new Set());
    else if (token === "}") records.pop();
    else if (colon !== undefined) {
      const name = JSON.stringify(JSON.parse(token.slice(0, -colon.length)));
      const record = records.at(-1);
      if (record?.has(name)) return name;
      record?.add(name);
    }
  }
  return undefined;
}
