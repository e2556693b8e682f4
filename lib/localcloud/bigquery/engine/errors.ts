import { CloudError } from "../../platform/errors.js";
import { datasetNotFoundInLocation, invalid, invalidQuery, modelNotFound, tableNotFoundInLocation } from "../errors.js";
import { GoogleSqlError, GoogleSqlTrap } from "../googlesql/host.js";
import type { NameScope } from "./binding.js";
import { referenceOf } from "./binding.js";
import { CannotWrite } from "./writer/context.js";

/** What the analyzer throws, in BigQuery's words (contracts 2.11). */
export function analysisError(thrown: unknown, scope: NameScope, location: string): CloudError {
  if (thrown instanceof GoogleSqlTrap) return invalidQuery(`${thrown.message}; write it in another way.`);
  if (!(thrown instanceof GoogleSqlError)) return CloudError.from(thrown);
  const text = analyzerText(thrown.message);
  const model = /^Model not found: (.+?)(?:; Did you mean .*?)?( at \[\d+:\d+\])?$/.exec(text);
  if (model?.[1] !== undefined) return modelError(model[1], scope) ?? invalidQuery(text);
  const missing = /^Table not found: (.+?)(?:; Did you mean .*?)?( at \[\d+:\d+\])?$/.exec(text);
  if (missing?.[1] !== undefined) return tableError(missing[1], scope, location) ?? invalidQuery(text);
  return invalidQuery(text);
}

/** `Code: 3, Message: … [at 1:8]` becomes BigQuery's ` at [1:8]`; signatures that do not match keep their lines. */
export function analyzerText(message: string): string {
  return (
    message
      .replace(/^Code: \d+, Message: /, "")
      .trimEnd()
      .replace(/\s*\[at (\d+):(\d+)\]/g, " at [$1:$2]")
      // A preprocessing function's group is its name; what follows is the name of one call of it.
      .replace(/\b(ML\.[A-Z_]+):\w+/g, "$1")
      .replace(/Unexpected end of statement/, "Unexpected end of script")
  );
}

function tableError(written: string, scope: NameScope, location: string): CloudError | undefined {
  const segments = written.split(".").map((segment) => segment.replaceAll("`", ""));
  if (segments.length === 1 && !scope.defaultDataset) {
    return invalid(`Table name "${segments[0]}" missing dataset while no default dataset is set in the request.`);
  }
  const view = segments.findIndex((segment) => segment.toUpperCase() === "INFORMATION_SCHEMA");
  if (view >= 0) return unsupportedStatement(`View INFORMATION_SCHEMA.${segments[view + 1] ?? ""}`);
  const at = referenceOf(segments, scope);
  if (!at) return undefined;
  if (!scope.catalog.dataset(at)) return datasetNotFoundInLocation(at, location);
  return tableNotFoundInLocation(at, location);
}

function modelError(written: string, scope: NameScope): CloudError | undefined {
  const at = referenceOf(
    written.split(".").map((segment) => segment.replaceAll("`", "")),
    scope,
  );
  return at && modelNotFound({ projectId: at.projectId, datasetId: at.datasetId, modelId: at.tableId });
}

/** What a statement cannot be run for, by name. */
export function unsupportedStatement(what: string): CloudError {
  return new CloudError(
    "UNIMPLEMENTED",
    `${what} is not supported by the local BigQuery; run this statement on Google Cloud (ACTIVATE_TARGET=gcp).`,
    { reason: "notImplemented", httpStatus: 400, metadata: { construct: what } },
  );
}

export function notWritten(thrown: CannotWrite): CloudError {
  return unsupportedStatement(thrown.message);
}

/** DuckDB's run-time errors in BigQuery's words; a syntax error of SQL that we wrote is our fault, and says so. */
export function executionError(thrown: unknown, message: (text: string) => string): CloudError {
  if (thrown instanceof CloudError) return thrown;
  if (thrown instanceof CannotWrite) return notWritten(thrown);
  const text = thrown instanceof Error ? thrown.message : String(thrown);
  if (/^(Parser|Binder|Catalog|INTERNAL|Not implemented) Error/i.test(text)) {
    return new CloudError("INTERNAL", `The local BigQuery could not run this statement: ${text.split("\n")[0]}`, {
      reason: "internalError",
      httpStatus: 400,
      cause: thrown,
    });
  }
  const required = /NOT NULL constraint failed: [^.]+\.(.+)$/.exec(text);
  if (required) return invalidQuery(`Required field ${required[1]} cannot be null`);
  return invalidQuery(message(text));
}
