import {
  DuckDBListType,
  type DuckDBListValue,
  DuckDBStructType,
  type DuckDBStructValue,
  type DuckDBTimestampTZValue,
  type DuckDBType,
  DuckDBTypeId,
  type DuckDBValue,
  DuckDBVector,
} from "@duckdb/node-api";
import duckdb, { type Vector } from "@duckdb/node-bindings";

type Values = readonly (DuckDBValue | undefined)[];

/**
 * Writes values into a vector of a new chunk. Numbers, nesting and NULLs go in by block through the bindings: the API's own
 * vectors take one value at a time and keep NULLs in BigInts, which costs an insertAll a third of its time. Types that rows
 * seldom have are left to the API.
 *
 * @param values of the vector's type, null or undefined where there is none.
 */
export function writeVector(vector: Vector, type: DuckDBType, values: Values): void {
  if (type instanceof DuckDBStructType) writeStructs(vector, type, values);
  else if (type instanceof DuckDBListType) writeLists(vector, type, values);
  else if (type.typeId === DuckDBTypeId.VARCHAR) writeTexts(vector, values);
  else if (type.typeId === DuckDBTypeId.DOUBLE) {
    writeBlock(
      vector,
      Float64Array.from(values, (value) => (value ?? 0) as number),
    );
  } else if (type.typeId === DuckDBTypeId.BIGINT) {
    writeBlock(
      vector,
      BigInt64Array.from(values, (value) => (value ?? 0n) as bigint),
    );
  } else if (type.typeId === DuckDBTypeId.TIMESTAMP_TZ) {
    const microsOf = (value: DuckDBValue | undefined) => (value as DuckDBTimestampTZValue | null | undefined)?.micros;
    writeBlock(
      vector,
      BigInt64Array.from(values, (value) => microsOf(value) ?? 0n),
    );
  } else {
    const slow = DuckDBVector.create(vector, values.length, type);
    values.forEach((value, index) => {
      slow.setItem(index, value ?? null);
    });
    slow.flush();
    return;
  }
  writeNulls(vector, values);
}

function writeBlock(vector: Vector, block: ArrayBufferView<ArrayBuffer>): void {
  duckdb.copy_data_to_vector(vector, 0, block.buffer, block.byteOffset, block.byteLength);
}

/** Bytes of a text in a vector (`duckdb_string_t` of DuckDB's C API): its length, then the text itself where it is short. */
const TEXT = { size: 16, start: 4, inlineMax: 12 } as const;

/** Short texts go in together, which takes a quarter of the time of a call for each; long ones are DuckDB's to keep. */
function writeTexts(vector: Vector, values: Values): void {
  const block = new Uint8Array(TEXT.size * values.length);
  const lengths = new Uint32Array(block.buffer);
  const others: number[] = [];
  for (let index = 0; index < values.length; index++) {
    const value = values[index];
    if (typeof value !== "string") continue;
    if (writeAscii(value, block, index * TEXT.size + TEXT.start)) lengths[(index * TEXT.size) / 4] = value.length;
    else others.push(index);
  }
  writeBlock(vector, block);
  for (const index of others) duckdb.vector_assign_string_element(vector, index, values[index] as string);
}

/** @returns whether the text was short and plain enough; what it leaves otherwise is to be overwritten. */
function writeAscii(text: string, block: Uint8Array, start: number): boolean {
  if (text.length > TEXT.inlineMax) return false;
  for (let place = 0; place < text.length; place++) {
    const code = text.charCodeAt(place);
    if (code === 0 || code > 0x7f) return false;
    block[start + place] = code;
  }
  return true;
}

/** The fields of a NULL are NULL. */
function writeStructs(vector: Vector, { entryNames, entryTypes }: DuckDBStructType, values: Values): void {
  entryTypes.forEach((type, field) => {
    const name = entryNames[field] ?? "";
    const entries = values.map((value) => (value as DuckDBStructValue | null | undefined)?.entries[name]);
    writeVector(duckdb.struct_vector_get_child(vector, field), type, entries);
  });
}

function writeLists(vector: Vector, { valueType }: DuckDBListType, values: Values): void {
  const places = new BigUint64Array(2 * values.length);
  const items: DuckDBValue[] = [];
  values.forEach((value, index) => {
    const list = (value as DuckDBListValue | null | undefined)?.items ?? [];
    places[2 * index] = BigInt(items.length);
    places[2 * index + 1] = BigInt(list.length);
    for (const item of list) items.push(item);
  });
  // The size alone does not make room.
  duckdb.list_vector_reserve(vector, items.length);
  duckdb.list_vector_set_size(vector, items.length);
  writeVector(duckdb.list_vector_get_child(vector), valueType, items);
  writeBlock(vector, places);
}

function writeNulls(vector: Vector, values: Values): void {
  let present: Uint8Array<ArrayBuffer> | undefined;
  for (let index = 0; index < values.length; index++) {
    const value = values[index];
    if (value !== null && value !== undefined) continue;
    present ??= new Uint8Array(Math.ceil(values.length / 64) * 8).fill(0xff);
    const byte = index >> 3;
    present[byte] = (present[byte] as number) & ~(1 << (index & 7));
  }
  if (!present) return;
  duckdb.vector_ensure_validity_writable(vector);
  duckdb.copy_data_to_vector_validity(vector, 0, present.buffer, present.byteOffset, present.byteLength);
}
