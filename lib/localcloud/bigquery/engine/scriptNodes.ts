import type { ParseNode } from "../googlesql/analyzer.js";
import type { StatementResult } from "./engine.js";
import { ByteOffsets, spanOf } from "./spans.js";

/** Reading a script's parse tree. */

export function child(node: ParseNode, field: string): ParseNode {
  const found = node[field];
  if (typeof found !== "object" || found === null) throw new Error(`${node.node} has no ${field}`);
  return found as ParseNode;
}

export function childList(node: ParseNode, field: string): readonly ParseNode[] {
  return (node[field] ?? []) as readonly ParseNode[];
}

/** An identifier's name in lower case: variables are case-insensitive. */
export function identifier(node: ParseNode): string {
  return String(node.id_string ?? "").toLowerCase();
}

/** What a script's statements share with those who run a part of it. */
export interface Block {
  readonly text: ScriptText;
}

/** BREAK and CONTINUE on their way to their loop. */
export class LoopSignal extends Error {
  override readonly name = "LoopSignal";
  constructor(
    readonly kind: "break" | "continue",
    readonly label: string,
  ) {
    super(`${kind.toUpperCase()} is only allowed inside of a loop body`);
  }
}

/** RETURN on its way to the end of the script or procedure. */
export class ReturnSignal extends Error {
  override readonly name = "ReturnSignal";
}

/** A script's text and the places of its nodes. */
export class ScriptText {
  readonly sql: string;
  readonly #offsets: ByteOffsets;

  constructor(sql: string) {
    this.sql = sql;
    this.#offsets = new ByteOffsets(sql);
  }

  slice(node: ParseNode): string {
    const { start, end } = this.range(node);
    return this.sql.slice(start, end);
  }

  /** The node's text with blanks before it, so that errors in it have the script's lines and columns. */
  padded(node: ParseNode): string {
    const { start, end } = this.range(node);
    return this.sql.slice(0, start).replace(/[^\n\t]/gu, " ") + this.sql.slice(start, end);
  }

  spanOf(node: ParseNode): StatementResult["span"] {
    const { start, end } = this.range(node);
    return spanOf(this.sql, start, end);
  }

  /** UTF-16 offsets. */
  range(node: ParseNode): { readonly start: number; readonly end: number } {
    const range = node.parse_location_range ?? { start: 0, end: 0 };
    return { start: this.#offsets.toIndex(range.start), end: this.#offsets.toIndex(range.end) };
  }
}
