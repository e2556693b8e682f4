import type { DuckDBDataChunk } from "@duckdb/node-api";
import duckdb from "@duckdb/node-bindings";
import { NULL_CATEGORY } from "../../ml/features.js";
import { sharedFloat64Array } from "../../ml/kmeans/rows.js";

/**
 * A column of training data that grows by chunks of a DuckDB result. Numbers are copied by block out of DuckDB's vectors
 * (through the bindings, as the API's vector classes hand out one value at a time); no row becomes an object.
 */

const FIRST_CAPACITY = 1 << 12;
/** What is reserved once a column turns out not to be small: the operating system gives memory only as it is written to. */
const LARGE_CAPACITY = 1 << 20;

/** A column of DOUBLE in shared memory, NULL as NaN. */
export class NumberBuffer {
  #values = sharedFloat64Array(FIRST_CAPACITY);
  #length = 0;

  /** @throws RangeError at a NaN or an infinity. */
  append(chunk: DuckDBDataChunk, column: number): void {
    const count = chunk.rowCount;
    if (this.#length + count > this.#values.length) {
      const grown = sharedFloat64Array(Math.max(LARGE_CAPACITY, 2 * this.#values.length));
      grown.set(this.#values.subarray(0, this.#length));
      this.#values = grown;
    }
    const vector = duckdb.data_chunk_get_vector(chunk.chunk, column);
    const bytes = duckdb.vector_get_data(vector, count * Float64Array.BYTES_PER_ELEMENT);
    const target = this.#values.subarray(this.#length, this.#length + count);
    target.set(new Float64Array(bytes.buffer, bytes.byteOffset, count));
    const words = duckdb.vector_get_validity(vector, Math.ceil(count / 64) * 8);
    // Without NULLs one sum tells whether all are finite; what it does not is looked at one by one.
    if (!words && Number.isFinite(sumOf(target))) {
      this.#length += count;
      return;
    }
    for (let i = 0; i < count; i++) {
      if (words && ((words[i >> 3] as number) & (1 << (i & 7))) === 0) target[i] = Number.NaN;
      else if (!Number.isFinite(target[i])) throw new RangeError(String(target[i]));
    }
    this.#length += count;
  }

  get values(): Float64Array {
    return this.#values.subarray(0, this.#length);
  }
}

/** The rows in which a column of BOOL without NULLs is TRUE. */
export class MarkedRows {
  readonly rows: number[] = [];

  /** @param firstRow the number of the chunk's first row. */
  append(chunk: DuckDBDataChunk, column: number, firstRow: number): void {
    const flags = duckdb.vector_get_data(duckdb.data_chunk_get_vector(chunk.chunk, column), chunk.rowCount);
    for (let row = flags.indexOf(1); row >= 0; row = flags.indexOf(1, row + 1)) this.rows.push(firstRow + row);
  }
}

function sumOf(values: Float64Array): number {
  let sum = 0;
  for (let i = 0; i < values.length; i++) sum += values[i] as number;
  return sum;
}

/** Gives each distinct text a number, in the order of appearance. */
export class Vocabulary {
  readonly #codes = new Map<string, number>();

  code(text: string): number {
    let code = this.#codes.get(text);
    if (code === undefined) {
      code = this.#codes.size;
      this.#codes.set(text, code);
    }
    return code;
  }

  /** The texts in the order of their characters, and the place there of each code. */
  sorted(): { readonly texts: readonly string[]; readonly places: Int32Array } {
    const texts = [...this.#codes.keys()].sort();
    const places = new Int32Array(texts.length);
    texts.forEach((text, place) => {
      places[this.code(text)] = place;
    });
    return { texts, places };
  }
}

/** A list of numbers that grows, without a box for each. */
export class Numbers {
  #values = new Float64Array(FIRST_CAPACITY);
  length = 0;

  push(value: number): void {
    if (this.length === this.#values.length) {
      const grown = new Float64Array(2 * this.length);
      grown.set(this.#values);
      this.#values = grown;
    }
    this.#values[this.length++] = value;
  }

  get values(): Float64Array {
    return this.#values.subarray(0, this.length);
  }
}

/** Entries of a sparse feature: for each row some codes (and values). */
export class SparseBuffer {
  readonly vocabulary = new Vocabulary();
  readonly codes = new Numbers();
  /** Only of sparse vectors. */
  readonly values = new Numbers();
  /** Where each row's entries end. */
  readonly ends = new Numbers();
  nullCount = 0;

  appendCategories(chunk: DuckDBDataChunk, column: number): void {
    chunk.visitColumnValues(column, (value) => {
      if (value === null) this.nullCount++;
      this.codes.push(this.vocabulary.code(value === null ? NULL_CATEGORY : String(value)));
      this.ends.push(this.codes.length);
    });
  }

  /** VARCHAR[]: each distinct element once. */
  appendCategoryLists(chunk: DuckDBDataChunk, column: number): void {
    this.#appendLists(chunk, column, (items) => {
      for (const item of new Set(items)) {
        this.codes.push(this.vocabulary.code(item === null ? NULL_CATEGORY : String(item)));
      }
    });
  }

  /** STRUCT(_1 BIGINT, _2 DOUBLE)[]: index and value. */
  appendPairs(chunk: DuckDBDataChunk, column: number): void {
    this.#appendLists(chunk, column, (items) => {
      for (const item of items as { readonly entries: { readonly _1: bigint | null; readonly _2: number | null } }[]) {
        if (item.entries._1 === null) continue;
        this.codes.push(this.vocabulary.code(String(item.entries._1)));
        this.values.push(item.entries._2 ?? 0);
      }
    });
  }

  #appendLists(chunk: DuckDBDataChunk, column: number, take: (items: readonly unknown[]) => void): void {
    chunk.visitColumnValues(column, (value) => {
      if (value === null) this.nullCount++;
      else take((value as unknown as { readonly items: readonly unknown[] }).items);
      this.ends.push(this.codes.length);
    });
  }
}

/** ARRAY of numbers: a column a position, as many as the longest array has; shorter ones are filled with 0. */
export class VectorBuffer {
  readonly rows: (readonly number[] | null)[] = [];

  append(chunk: DuckDBDataChunk, column: number): void {
    chunk.visitColumnValues(column, (value) => {
      const items = (value as unknown as { readonly items: readonly (number | null)[] } | null)?.items;
      this.rows.push(items ? items.map((item) => item ?? 0) : null);
    });
  }

  columns(): Float64Array[] {
    const dimension = this.rows.reduce((longest, row) => Math.max(longest, row?.length ?? 0), 0);
    return Array.from({ length: dimension }, (_, position) => {
      const column = sharedFloat64Array(this.rows.length);
      this.rows.forEach((row, i) => {
        column[i] = row?.[position] ?? 0;
      });
      return column;
    });
  }
}
