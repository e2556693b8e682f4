import type { StatementResult } from "./engine.js";

/** Places in a text: lines and columns from 1, a multi-byte character one column (contracts 2.11). */
export function spanOf(sql: string, start: number, end: number): StatementResult["span"] {
  const from = placeOf(sql, start);
  const to = placeOf(sql, end);
  return {
    startLine: from.line,
    startColumn: from.column,
    endLine: to.line,
    endColumn: to.column,
    text: sql.slice(start, end),
  };
}

export function wholeSpan(sql: string): StatementResult["span"] {
  const trimmed = sql.trimEnd();
  return spanOf(sql, sql.length - sql.trimStart().length, trimmed.length);
}

/** A tab goes to the next multiple of 8 plus 1. */
export function placeOf(sql: string, offset: number): { readonly line: number; readonly column: number } {
  let line = 1;
  let column = 1;
  for (const character of sql.slice(0, offset)) {
    if (character === "\n") {
      line += 1;
      column = 1;
    } else if (character === "\t") {
      column = Math.floor((column - 1) / 8) * 8 + 9;
    } else {
      column += 1;
    }
  }
  return { line, column };
}

/** The analyzer counts bytes of UTF-8; JavaScript counts UTF-16 units. */
export class ByteOffsets {
  readonly #text: string;
  readonly #ascii: boolean;

  constructor(text: string) {
    this.#text = text;
    this.#ascii = Buffer.byteLength(text) === text.length;
  }

  toIndex(byte: number): number {
    if (this.#ascii) return byte;
    return Buffer.from(this.#text).subarray(0, byte).toString().length;
  }
}
