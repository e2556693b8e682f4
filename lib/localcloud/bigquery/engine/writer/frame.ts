import { quoteIdentifier } from "../duckTypes.js";

/** A column that a scan gives: GoogleSQL's column id is unique within the statement. */
export interface FrameColumn {
  /** DuckDB expression that gives it, over the frame's FROM. */
  readonly sql: string;
  /** A plain reference: may be written wherever it is asked for. Otherwise the frame is sealed first. */
  readonly plain: boolean;
}

/** An ORDER BY key: a column of the frame and how its terms are written. */
export interface OrderItem {
  readonly id: number;
  readonly write: (sql: string) => string;
}

/** Numbers the aliases of one statement. */
export class Aliases {
  #next = 0;
  next(prefix: string): string {
    this.#next += 1;
    return `${prefix}${this.#next}`;
  }
}

/** The name of a sealed column. */
export function columnName(id: number): string {
  return `c${id}`;
}

/**
 * One SELECT under construction. Scans add to it as long as SQL's own order of clauses allows; what does not fit any
 * more seals it: the SELECT so far becomes the FROM of the next one.
 */
export class Frame {
  readonly #aliases: Aliases;
  with: readonly string[] = [];
  recursive = false;
  /** Undefined: no FROM. */
  from: string | undefined;
  columns = new Map<number, FrameColumn>();
  where: string[] = [];
  orderBy: readonly OrderItem[] = [];
  /** The FROM joins several relations: brackets around it where it becomes the right side of another join. */
  isJoin = false;
  limit: string | undefined;
  offset: string | undefined;

  constructor(aliases: Aliases) {
    this.#aliases = aliases;
  }

  /** A frame over a complete SELECT whose columns are named `c<id>`. */
  static over(aliases: Aliases, sql: string, ids: readonly number[]): Frame {
    const frame = new Frame(aliases);
    const alias = aliases.next("s");
    frame.from = `(${sql}) AS ${alias}`;
    for (const id of ids) frame.columns.set(id, { sql: `${alias}.${columnName(id)}`, plain: true });
    return frame;
  }

  /** A frame over a stored table, its columns by their names. */
  static table(aliases: Aliases, table: string, columns: readonly (readonly [number, string])[]): Frame {
    const frame = new Frame(aliases);
    const alias = aliases.next("t");
    frame.from = `${table} AS ${alias}`;
    for (const [id, name] of columns) frame.columns.set(id, { sql: `${alias}.${quoteIdentifier(name)}`, plain: true });
    return frame;
  }

  get isBare(): boolean {
    return (
      this.where.length === 0 &&
      this.orderBy.length === 0 &&
      this.limit === undefined &&
      this.offset === undefined &&
      this.with.length === 0
    );
  }

  get allPlain(): boolean {
    for (const column of this.columns.values()) if (!column.plain) return false;
    return true;
  }

  /** The SELECT with the given items as its list. */
  select(items: readonly string[]): string {
    const parts: string[] = [];
    if (this.with.length > 0) parts.push(`WITH ${this.recursive ? "RECURSIVE " : ""}${this.with.join(", ")}`);
    parts.push(`SELECT ${items.length > 0 ? items.join(", ") : "1 AS nothing"}`);
    if (this.from !== undefined) parts.push(`FROM ${this.from}`);
    if (this.where.length > 0) parts.push(`WHERE ${this.where.join(" AND ")}`);
    if (this.orderBy.length > 0) parts.push(`ORDER BY ${this.orderTerms().join(", ")}`);
    if (this.limit !== undefined) parts.push(`LIMIT ${this.limit}`);
    if (this.offset !== undefined) parts.push(`OFFSET ${this.offset}`);
    return parts.join(" ");
  }

  orderTerms(): string[] {
    return this.orderBy.map((item) => item.write(this.columnSql(item.id)));
  }

  /** The SELECT with columns named `c<id>`. */
  selectColumns(ids: Iterable<number> = this.columns.keys()): string {
    return this.select(Array.from(ids, (id) => `${this.columnSql(id)} AS ${columnName(id)}`));
  }

  columnSql(id: number): string {
    const column = this.columns.get(id);
    if (!column) throw new Error(`the scan gives no column ${id}`);
    return column.sql;
  }

  /** This frame as the FROM of a new one; its order stays. */
  sealed(): Frame {
    const frame = Frame.over(this.#aliases, this.selectColumns(), [...this.columns.keys()]);
    frame.orderBy = this.orderBy;
    return frame;
  }

  /** A frame whose columns may be read by expressions: sealed unless all of them are plain. */
  readable(): Frame {
    return this.allPlain ? this : this.sealed();
  }

  /** A frame that can stand in a FROM beside others. */
  joinable(): Frame {
    return this.isBare && this.allPlain && this.from !== undefined ? this : this.sealed();
  }
}
