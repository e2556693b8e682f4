import { CloudError } from "../../../platform/errors.js";
import { invalidQuery, notSupported } from "../../errors.js";
import { checkFormat, ExportFiles, type ExportOptions } from "../../exportFiles.js";
import { csvOf } from "../../extractJob.js";
import type { ResolvedExportDataStmt } from "../../googlesql/contract/resolved.js";
import { parseUri, type RemoteObjects } from "../../objects.js";
import type { Execution, Outcome } from "../execution.js";
import type { Plan } from "../planner.js";
import { writeQuery } from "../writer/query.js";
import { type EvaluatedOption, evaluateOptions } from "./options.js";

const OPTIONS = ["URI", "FORMAT", "COMPRESSION", "OVERWRITE", "HEADER", "FIELD_DELIMITER"];

/** `EXPORT DATA OPTIONS (uri = 'gs://…', …) AS SELECT …` (cloud.google.com/bigquery/docs/reference/standard-sql/export-statements). */
export async function exportData(
  statement: ResolvedExportDataStmt,
  plan: Plan,
  execution: Execution,
): Promise<Outcome> {
  if (statement.connection) throw notSupported("EXPORT DATA WITH CONNECTION", "Export to gs:// without a connection.");
  const { objects } = execution.parts;
  if (!objects) throw notSupported("EXPORT DATA", "Cloud Storage is not part of this local cloud.");
  const { options, overwrite } = readOptions(await evaluateOptions(statement.option_list, plan, execution));
  await checkDestination(objects, options.uri, overwrite);
  const files = new ExportFiles(objects, options);
  const written = writeQuery(statement, execution.writerContext(plan));
  const rowCount = await execution.stream(written.sql, written.columns, {
    begin: (columns) => files.begin(columns),
    rows: (batch) => files.write(batch),
  });
  await files.finish();
  return { statementType: "EXPORT_DATA", exportStats: { fileCount: files.files, rowCount } };
}

function readOptions(evaluated: readonly EvaluatedOption[]): { options: ExportOptions; overwrite: boolean } {
  const given = new Map(evaluated.map(({ name, value }) => [name, value]));
  const unknown = evaluated.find(({ name }) => !OPTIONS.includes(name));
  if (unknown) throw notSupported(`Option ${unknown.name.toLowerCase()} of EXPORT DATA`, "Leave it out.");
  const text = (name: string): string | undefined => {
    const value = given.get(name);
    return value === undefined || value === null ? undefined : String(value);
  };
  const [uri, format] = [text("URI"), text("FORMAT")];
  if (!uri) throw invalidQuery("Option 'uri' is missing or empty.");
  if (format === undefined) throw invalidQuery("Option 'format' is required in EXPORT DATA");
  parseUri(uri);
  if (!uri.includes("*")) {
    throw invalidQuery(`Option 'uri' value must be a wild card URI (with '*'): ${uri}`);
  }
  // The statement writes no header unless it is asked for; an extract job does.
  const csv = csvOf(given.get("HEADER") === true, text("FIELD_DELIMITER"));
  return {
    options: { uri, ...checkFormat(format, text("COMPRESSION")), ...csv },
    overwrite: given.get("OVERWRITE") === true,
  };
}

/** Without `overwrite` nothing may be there that the URI's pattern names. */
async function checkDestination(objects: RemoteObjects, uri: string, overwrite: boolean): Promise<void> {
  const { bucket, name } = parseUri(uri);
  if (!(await objects.bucketExists(bucket))) {
    throw new CloudError("NOT_FOUND", `Not found: Bucket ${bucket}`, { reason: "notFound" });
  }
  if (overwrite) return;
  const [prefix = "", suffix = ""] = name.split("*");
  const there = (await objects.list(bucket, prefix)).filter((object) => object.name.endsWith(suffix));
  if (there.length > 0) {
    throw invalidQuery(
      `Invalid destination URI: ${uri}: it already has data in it. Please set overwrite=true or use another path.`,
    );
  }
}
