import { type Call, isTrue, parameter, type StorageState } from "./call.js";
import type { Place } from "./catalog.js";
import { GCP_INSTEAD, invalid, notSupported } from "./errors.js";
import { globPattern } from "./glob.js";
import { pageSize, pageStart, pageToken } from "./paging.js";
import type { BucketRecord, ObjectRecord } from "./records.js";

/** One page of a bucket's objects (contracts 5.5); reads no further than the page goes. */
export function listObjects(
  call: Call,
  state: StorageState,
  show: (record: ObjectRecord, bucket: BucketRecord) => object,
): object {
  const bucket = state.catalog.bucket(parameter(call, "bucket"));
  const { query } = call;
  const [versions, softDeleted] = [isTrue(call, "versions"), isTrue(call, "softDeleted")];
  if (versions && softDeleted) throw invalid("versions and softDeleted cannot both be asked for.", "softDeleted");
  if (query.get("filter")) throw notSupported("Parameter 'filter' (contexts)", GCP_INSTEAD);
  const places: readonly Place[] = softDeleted ? ["softDeleted"] : versions ? ["noncurrent", "live"] : ["live"];
  const glob = query.get("matchGlob");
  const { items, prefixes, next } = collect(state, bucket, {
    places,
    prefix: query.get("prefix") ?? "",
    delimiter: query.get("delimiter") ?? "",
    includeTrailingDelimiter: isTrue(call, "includeTrailingDelimiter"),
    startOffset: query.get("startOffset") ?? "",
    endOffset: query.get("endOffset") ?? "",
    matches: glob ? globPattern(glob) : undefined,
    size: pageSize(call),
    after: pageStart(call),
  });
  return {
    kind: "storage#objects",
    ...(next === undefined ? {} : { nextPageToken: pageToken(next) }),
    ...(prefixes.length === 0 ? {} : { prefixes }),
    ...(items.length === 0 ? {} : { items: items.map((record) => show(record, bucket)) }),
  };
}

interface Selection {
  readonly places: readonly Place[];
  readonly prefix: string;
  readonly delimiter: string;
  readonly includeTrailingDelimiter: boolean;
  readonly startOffset: string;
  readonly endOffset: string;
  readonly matches: RegExp | undefined;
  readonly size: number;
  /** What the page before ended with: `name\ngeneration`, or a prefix with nothing behind the line break. */
  readonly after: string | undefined;
}

function collect(state: StorageState, bucket: BucketRecord, selection: Selection) {
  const { delimiter, prefix, endOffset, matches, size, after } = selection;
  const [afterName, afterGeneration] = after === undefined ? [undefined, undefined] : splitLast(after);
  const items: ObjectRecord[] = [];
  const prefixes: string[] = [];
  let last: string | undefined;
  let skip: string | undefined = afterGeneration === "" ? afterName : undefined;
  const start = maxName(selection.startOffset, afterName ?? "");
  for (const record of merged(state, bucket, selection, start)) {
    const { name, generation } = record;
    if (endOffset !== "" && compareNames(name, endOffset) >= 0) break;
    if (skip !== undefined && name.startsWith(skip)) continue;
    if (name === afterName && afterGeneration && Number(generation) <= Number(afterGeneration)) continue;
    const cut = delimiter === "" ? -1 : name.indexOf(delimiter, prefix.length);
    if (cut === -1) {
      if (matches && !matches.test(name)) continue;
      if (items.length + prefixes.length >= size) return { items, prefixes, next: last };
      items.push(record);
      last = `${name}\n${generation}`;
      continue;
    }
    const folder = name.slice(0, cut + delimiter.length);
    if (matches && !matches.test(folder) && !matches.test(name)) continue;
    if (items.length + prefixes.length >= size) return { items, prefixes, next: last };
    if (selection.includeTrailingDelimiter && folder === name) items.push(record);
    prefixes.push(folder);
    skip = folder;
    last = `${folder}\n`;
  }
  return { items, prefixes, next: undefined };
}

/** The objects of all places in name order, and of one name in the order of generations. */
function* merged(
  { catalog }: StorageState,
  bucket: BucketRecord,
  { places, prefix }: Selection,
  start: string,
): Iterable<ObjectRecord> {
  const sources = places.map((place) => catalog.objects(place, bucket, prefix, start)[Symbol.iterator]());
  const heads = sources.map((source) => source.next());
  try {
    for (;;) {
      let least = -1;
      for (const [index, head] of heads.entries()) {
        const best = heads[least];
        if (!head.done && (!best || best.done || before(head.value, best.value))) least = index;
      }
      const head = heads[least];
      const source = sources[least];
      if (!head || head.done || !source) return;
      yield head.value;
      heads[least] = source.next();
    }
  } finally {
    for (const source of sources) source.return?.();
  }
}

function before(a: ObjectRecord, b: ObjectRecord): boolean {
  const compared = compareNames(a.name, b.name);
  return compared < 0 || (compared === 0 && Number(a.generation) < Number(b.generation));
}

/** By UTF-8 bytes. */
function compareNames(a: string, b: string): number {
  return a === b ? 0 : Buffer.compare(Buffer.from(a), Buffer.from(b));
}

function maxName(a: string, b: string): string {
  return compareNames(a, b) > 0 ? a : b;
}

function splitLast(text: string): [name: string, generation: string] {
  const at = text.lastIndexOf("\n");
  return [text.slice(0, at), text.slice(at + 1)];
}
