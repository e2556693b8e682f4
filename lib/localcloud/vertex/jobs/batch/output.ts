/** Where the results of a batch prediction go: JSON lines in Cloud Storage, or tables of BigQuery (contracts 3.11). */

import { CloudError } from "../../../platform/errors.js";
import type { TableReference, WarehouseField } from "../../../platform/links.js";
import type { Links } from "../../../platform/service.js";
import { isObject } from "../../../platform/transport/protoJson.js";
import type { BatchPredictionJob, BatchPredictionJobOutputInfo } from "../../contract/messages.js";
import { parseFolderUri } from "../../folders.js";
import { warehouse } from "./input.js";
import { parseDestination } from "./request.js";

export interface Failure {
  readonly code: number;
  readonly message: string;
}

/** One instance's end: a prediction, or why there is none. */
export type Result =
  | { readonly source: unknown; readonly prediction: unknown }
  | { readonly source: unknown; readonly failure: Failure };

export interface Output {
  readonly info: BatchPredictionJobOutputInfo;
  write(results: readonly Result[]): Promise<void>;
  /** Makes everything visible. */
  finish(): Promise<void>;
  /** Takes back what was written. */
  discard(): Promise<void>;
}

export interface OutputContext {
  readonly links: Links;
  readonly job: BatchPredictionJob;
  readonly modelName: string;
  readonly location: string;
  /** When the job was created: part of the names. */
  readonly time: string;
  readonly fields: readonly WarehouseField[];
}

/** @throws CloudError NOT_FOUND for a bucket or dataset, ALREADY_EXISTS for a table. */
export async function openOutput(context: OutputContext): Promise<Output> {
  return context.job.outputConfig?.predictionsFormat === "bigquery" ? await openTables(context) : openFiles(context);
}

/** Results are kept until the end: an object is written whole or not at all. */
function openFiles({ links, job, time }: OutputContext): Output {
  const { objects } = links;
  if (!objects) throw new CloudError("UNIMPLEMENTED", "This local cloud has no Cloud Storage to write to.");
  const { bucket, prefix } = parseFolderUri(job.outputConfig?.gcsDestination?.outputUriPrefix ?? "");
  if (!objects.bucketExists(bucket)) throw new CloudError("NOT_FOUND", "The specified bucket does not exist.");
  const folder = `${prefix}prediction-${job.displayName ?? ""}-${time.replace(/[:.]/g, "_")}`;
  const keyField = job.instanceConfig?.keyField;
  const lines = { good: [] as string[], bad: [] as string[] };
  const named = (source: unknown): object =>
    keyField && isObject(source) ? { key: source[keyField] } : { instance: source };
  const write = async (file: string, content: readonly string[]): Promise<void> => {
    const text = content.map((line) => `${line}\n`).join("");
    await objects.write(bucket, `${folder}/${file}-00000-of-00001`, Buffer.from(text), "application/octet-stream");
  };
  return {
    info: { gcsOutputDirectory: `gs://${bucket}/${folder}` },
    write: async (results) => {
      for (const result of results) {
        if ("failure" in result) lines.bad.push(JSON.stringify({ ...named(result.source), error: result.failure }));
        else lines.good.push(JSON.stringify({ ...named(result.source), prediction: result.prediction }));
      }
    },
    finish: async () => {
      await write("prediction.results", lines.good);
      await write("prediction.errors_stats", lines.bad);
    },
    discard: async () => undefined,
  };
}

async function openTables(context: OutputContext): Promise<Output> {
  const { links, job, location, fields } = context;
  const tables = warehouse(links);
  const { warehouseTables } = links;
  if (!warehouseTables) throw new CloudError("UNIMPLEMENTED", "This local cloud has no BigQuery to write to.");
  const { good, bad, isNewDataset } = tableNames(context);
  if (isNewDataset) await tables.createDataset(good, location);
  const keyField = job.instanceConfig?.keyField;
  const columns = columnsOf(fields, keyField);
  await tables.create(good, [...columns, { name: "prediction", type: "STRING" }]);
  let hasErrors = false;
  const sourceColumns = (source: unknown): Record<string, unknown> => {
    if (keyField && isObject(source)) return { key: String(source[keyField]) };
    if (fields.length > 0 && isObject(source)) return source;
    return { instance: JSON.stringify(source) };
  };
  const insert = async (table: TableReference, rows: readonly object[]): Promise<void> => {
    if (rows.length === 0) return;
    const [problem] = await warehouseTables.insert(table, rows, false);
    if (problem) throw new CloudError("INTERNAL", `Row ${problem[0]} could not be written: ${problem[1]}`);
  };
  return {
    info: {
      bigqueryOutputDataset: `bq://${good.projectId}.${good.datasetId}`,
      bigqueryOutputTable: good.tableId,
    },
    write: async (results) => {
      const predictions: object[] = [];
      const errors: object[] = [];
      for (const result of results) {
        const row = sourceColumns(result.source);
        if ("failure" in result) errors.push({ ...row, errors: result.failure });
        else predictions.push({ ...row, prediction: JSON.stringify(result.prediction) });
      }
      if (errors.length > 0 && !hasErrors) {
        hasErrors = true;
        await tables.create(bad, [...columns, ERRORS]);
      }
      await insert(good, predictions);
      await insert(bad, errors);
    },
    finish: async () => undefined,
    discard: async () => {
      await tables.remove(good);
      if (hasErrors) await tables.remove(bad);
    },
  };
}

const ERRORS: WarehouseField = {
  name: "errors",
  type: "RECORD",
  fields: [
    { name: "code", type: "INTEGER" },
    { name: "message", type: "STRING" },
  ],
};

/** The instance's columns, all of which may be null; one of text where the instance has none. */
function columnsOf(fields: readonly WarehouseField[], keyField: string | undefined): WarehouseField[] {
  if (keyField) return [{ name: "key", type: "STRING" }];
  if (fields.length === 0) return [{ name: "instance", type: "STRING" }];
  return fields.map((field) => (field.mode === "REQUIRED" ? { ...field, mode: "NULLABLE" } : field));
}

function tableNames({ job, modelName, time }: OutputContext): {
  good: TableReference;
  bad: TableReference;
  isNewDataset: boolean;
} {
  const {
    projectId = "",
    datasetId,
    tableId,
  } = parseDestination(job.outputConfig?.bigqueryDestination?.outputUri ?? "") ?? {};
  const stamp = time.replace(/\W/g, "_");
  if (datasetId === undefined) {
    const own = `prediction_${modelName.replace(/\W/g, "_")}_${stamp}`;
    const dataset = { projectId, datasetId: own };
    return { good: { ...dataset, tableId: "predictions" }, bad: { ...dataset, tableId: "errors" }, isNewDataset: true };
  }
  const names = tableId === undefined ? [`predictions_${stamp}`, `errors_${stamp}`] : [tableId, `${tableId}_errors`];
  const [good = "", bad = ""] = names;
  return {
    good: { projectId, datasetId, tableId: good },
    bad: { projectId, datasetId, tableId: bad },
    isNewDataset: false,
  };
}
