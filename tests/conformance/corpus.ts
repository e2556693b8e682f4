import { existsSync, readdirSync, readFileSync } from "node:fs";
import { basename, join, resolve } from "node:path";
import type { BigQueryClient, Json, WireField } from "./client.js";
import { differenceOfRows, type Outcome } from "./recorded.js";
import { rowsAsRecorded, shown } from "./values.js";

/**
 * Our own queries. `corpus/<subject>.sql` holds cases, each headed by `-- case: name`; a script's expected rows are those
 * of the query behind `-- expected:`. Tables that cases name are the SELECTs in `corpus/tables.sql`, headed by
 * `-- table: name`. `corpus/<subject>.expected.jsonl` holds what Google's reference evaluator answered
 * (`regenerate.ts` asks it again).
 */

export interface CorpusCase {
  readonly subject: string;
  /** subject/name */
  readonly name: string;
  readonly sql: string;
  /** What the evaluator is asked in place of `sql`, for scripts. */
  readonly expectedBy: string;
}

export interface Expected {
  readonly name: string;
  readonly schema?: readonly WireField[];
  /** Rows as the REST API writes them. */
  readonly rows?: readonly { readonly f: readonly { readonly v: unknown }[] }[];
  readonly error?: string;
}

export const DATASET = "corpus";
export const FOLDER = resolve(process.cwd(), "tests/conformance/corpus");

export interface CorpusTable {
  readonly name: string;
  readonly select: string;
}

export function corpusTables(): readonly CorpusTable[] {
  return sections(readFileSync(join(FOLDER, "tables.sql"), "utf8"), "table").map(([name, select]) => ({
    name,
    select,
  }));
}

export function corpusCases(): readonly CorpusCase[] {
  return readdirSync(FOLDER)
    .filter((file) => file.endsWith(".sql") && file !== "tables.sql")
    .sort()
    .flatMap((file) => {
      const subject = basename(file, ".sql");
      return sections(readFileSync(join(FOLDER, file), "utf8"), "case").map(([name, text]) => {
        const [sql = "", expectedBy] = text.split(/^-- expected:\s*$/m);
        return { subject, name: `${subject}/${name}`, sql: sql.trim(), expectedBy: (expectedBy ?? sql).trim() };
      });
    });
}

function sections(text: string, word: string): readonly (readonly [string, string])[] {
  return text
    .split(new RegExp(`^-- ${word}: `, "m"))
    .slice(1)
    .map((section) => {
      const end = section.indexOf("\n");
      return [
        section.slice(0, end).trim(),
        section
          .slice(end + 1)
          .trim()
          .replace(/;$/, ""),
      ] as const;
    });
}

export function expectations(subject: string): ReadonlyMap<string, Expected> {
  const file = join(FOLDER, `${subject}.expected.jsonl`);
  if (!existsSync(file)) return new Map();
  const lines = readFileSync(file, "utf8")
    .split("\n")
    .filter((line) => line !== "");
  return new Map(lines.map((line) => JSON.parse(line) as Expected).map((expected) => [expected.name, expected]));
}

/** Makes the corpus's tables. */
export async function prepareCorpus(client: BigQueryClient): Promise<void> {
  await client.createDataset(DATASET);
  for (const { name, select } of corpusTables()) {
    await client.run(`CREATE TABLE ${DATASET}.${name} AS ${select}`);
  }
}

export async function runCorpus({ subject, name, sql }: CorpusCase, client: BigQueryClient): Promise<Outcome> {
  const expected = expectations(subject).get(name);
  if (!expected) return { wrong: "no expectation is stored: regenerate them", native: false };
  const defaultDataset: Json = { projectId: client.project, datasetId: DATASET };
  try {
    const answer = await client.query({ query: sql, useLegacySql: false, defaultDataset });
    if (expected.error !== undefined)
      return { wrong: `answered, expected error ${expected.error}`, native: answer.native };
    return { wrong: compare(answer, expected, /\border\s+by\b/i.test(sql)), native: answer.native };
  } catch (thrown) {
    const message = thrown instanceof Error ? thrown.message : String(thrown);
    if (expected.error === undefined) return { wrong: `failed: ${message}`, native: false };
    const wrong =
      message.replace(/ at \[\d+:\d+\]$/, "") === expected.error
        ? undefined
        : `message ${shown(message)}, expected ${shown(expected.error)}`;
    return { wrong, native: false };
  }
}

function compare(
  answer: Awaited<ReturnType<BigQueryClient["query"]>>,
  expected: Expected,
  ordered: boolean,
): string | undefined {
  const columns = (schema: readonly WireField[]) =>
    JSON.stringify(schema.map((field) => [field.name, field.type, field.mode ?? "NULLABLE"]));
  const schema = expected.schema ?? [];
  if (columns(answer.schema) !== columns(schema))
    return `schema ${columns(answer.schema)}, expected ${columns(schema)}`;
  const rows = rowsAsRecorded({ ...answer, schema, rows: expected.rows ?? [] });
  return differenceOfRows(rowsAsRecorded(answer), rows, answer.schema, ordered);
}
