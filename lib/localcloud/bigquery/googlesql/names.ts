/**
 * Names that occur in a statement's text. A few microseconds of reading instead of a call of the parser: every dotted
 * path outside comments and strings is a candidate, whatever it turns out to name, so the analyzer can be given a
 * catalog of just the tables, routines and models that the statement may mean.
 */

/** Segments as written, quotes removed; a quoted segment may hold dots. */
export type NamePath = readonly string[];

export interface Names {
  readonly paths: readonly NamePath[];
  /** First keyword, in upper case. */
  readonly firstWord: string;
  /** Something other than white space and comments stands behind a semicolon. */
  readonly hasSeveralStatements: boolean;
}

const IDENTIFIER = "[A-Za-z_][A-Za-z0-9_]*";

/** Kinds of token, the first that fits; `.` matches any character. */
const TOKENS: Readonly<Record<string, string>> = {
  space: String.raw`\s+|--[^\n]*|#[^\n]*|/\*.*?\*/`,
  text: String.raw`[rRbB]{0,2}(?:'''(?:\\.|[^\\])*?'''|"""(?:\\.|[^\\])*?"""|'(?:\\.|[^'\\\n])*'|"(?:\\.|[^"\\\n])*")`,
  quoted: "`(?:\\\\.|[^`\\\\])*`",
  // A project id may hold dashes; then a dot follows.
  word: String.raw`${IDENTIFIER}(?:-[A-Za-z0-9_]+)*(?=\s*\.)|${IDENTIFIER}`,
  parameter: `@{1,2}${IDENTIFIER}`,
  number: String.raw`\d\w*(?:\.\d\w*)?`,
  other: ".",
};
const TOKEN = new RegExp(
  Object.entries(TOKENS)
    .map(([name, pattern]) => `(?<${name}>${pattern})`)
    .join("|"),
  "sy",
);

/** A dotted path and where its segments stand, as UTF-16 offsets. */
export interface PlacedPath {
  readonly segments: NamePath;
  readonly places: readonly { readonly start: number; readonly end: number }[];
}

export function namesIn(sql: string): Names {
  const paths = new Map<string, NamePath>();
  const { placed, firstWord, hasSeveralStatements } = readNames(sql);
  for (const { segments } of placed) paths.set(segments.join("\u0000"), segments);
  return { paths: [...paths.values()], firstWord, hasSeveralStatements };
}

/** Every dotted path of the text, in order. */
export function placedPaths(sql: string): readonly PlacedPath[] {
  return readNames(sql).placed;
}

/**
 * BigQuery takes `` `project.dataset.table` `` for a path of three names; GoogleSQL for one name with dots in it. The
 * second quote moves behind the first name, so that every place in the text stays what it was. (Without quotes a name with
 * a dash is taken for a table's only.)
 */
export function unquotePaths(sql: string): string {
  if (!sql.includes("`")) return sql;
  let written = sql;
  for (const { segments, places } of placedPaths(sql)) {
    segments.forEach((segment, index) => {
      const place = places[index];
      if (!place || !segment.includes(".") || sql[place.start] !== "`") return;
      if (place.end - place.start !== segment.length + 2 || !restMayStandBare(segment)) return;
      written = `${written.slice(0, place.start)}\`${segment.replace(".", "`.")}${written.slice(place.end)}`;
    });
  }
  return written;
}

function restMayStandBare(path: string): boolean {
  const names = path.split(".").slice(1);
  return names.every((name) => /^[A-Za-z_][A-Za-z0-9_]*$/.test(name) && !RESERVED.has(name.toUpperCase()));
}

/** Reserved keywords (docs …/standard-sql/lexical#reserved_keywords). */
const RESERVED = new Set(
  `ALL AND ANY ARRAY AS ASC ASSERT_ROWS_MODIFIED AT BETWEEN BY CASE CAST COLLATE CONTAINS CREATE CROSS CUBE CURRENT DEFAULT
  DEFINE DESC DISTINCT ELSE END ENUM ESCAPE EXCEPT EXCLUDE EXISTS EXTRACT FALSE FETCH FOLLOWING FOR FROM FULL GROUP GROUPING
  GROUPS HASH HAVING IF IGNORE IN INNER INTERSECT INTERVAL INTO IS JOIN LATERAL LEFT LIKE LIMIT LOOKUP MERGE NATURAL NEW NO
  NOT NULL NULLS OF ON OR ORDER OUTER OVER PARTITION PRECEDING PROTO QUALIFY RANGE RECURSIVE RESPECT RIGHT ROLLUP ROWS SELECT
  SET SOME STRUCT TABLESAMPLE THEN TO TREAT TRUE UNBOUNDED UNION UNNEST USING WHEN WHERE WINDOW WITH WITHIN`.split(
    /\s+/,
  ),
);

function readNames(sql: string): Omit<Names, "paths"> & { readonly placed: readonly PlacedPath[] } {
  const placed: PlacedPath[] = [];
  let firstWord = "";
  let afterSemicolon = false;
  let hasSeveralStatements = false;
  let segments: string[] = [];
  let places: { readonly start: number; readonly end: number }[] = [];
  let expectsSegment = false;
  const finish = (): void => {
    if (segments.length > 0) placed.push({ segments, places });
    segments = [];
    places = [];
    expectsSegment = false;
  };
  TOKEN.lastIndex = 0;
  for (let match = TOKEN.exec(sql); match?.groups; match = TOKEN.exec(sql)) {
    const { space, quoted, word, other, number } = match.groups;
    if (space !== undefined) continue;
    if (afterSemicolon) hasSeveralStatements = true;
    if (firstWord === "" && other === undefined) firstWord = (word ?? "").toUpperCase();
    const segment =
      word ?? (quoted === undefined ? undefined : unquoted(quoted)) ?? (expectsSegment ? number : undefined);
    if (segment !== undefined) {
      if (!expectsSegment) finish();
      segments.push(segment);
      places.push({ start: match.index, end: TOKEN.lastIndex });
      expectsSegment = false;
    } else if (other === "." && segments.length > 0) {
      expectsSegment = true;
    } else if (other === "*" && expectsSegment) {
      expectsSegment = false;
    } else {
      finish();
      if (other === ";") afterSemicolon = true;
    }
  }
  finish();
  return { placed, firstWord, hasSeveralStatements };
}

function unquoted(quoted: string): string {
  return quoted.slice(1, -1).replace(/\\(.)/g, "$1");
}
