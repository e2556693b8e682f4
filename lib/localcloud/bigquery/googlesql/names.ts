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

export function namesIn(sql: string): Names {
  const paths = new Map<string, NamePath>();
  let firstWord = "";
  let afterSemicolon = false;
  let hasSeveralStatements = false;
  let path: string[] = [];
  let expectsSegment = false;
  const finish = (): void => {
    if (path.length > 0) paths.set(path.join("\u0000"), path);
    path = [];
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
    if (segment !== undefined && (expectsSegment || path.length === 0)) {
      path.push(segment);
      expectsSegment = false;
    } else if (segment !== undefined) {
      finish();
      path.push(segment);
    } else if (other === "." && path.length > 0) {
      expectsSegment = true;
    } else if (other === "*" && expectsSegment) {
      expectsSegment = false;
    } else {
      finish();
      if (other === ";") afterSemicolon = true;
    }
  }
  finish();
  return { paths: [...paths.values()], firstWord, hasSeveralStatements };
}

function unquoted(quoted: string): string {
  return quoted.slice(1, -1).replace(/\\(.)/g, "$1");
}
