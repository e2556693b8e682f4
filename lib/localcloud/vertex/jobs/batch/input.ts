/** The instances of a batch prediction, page by page. */

import { createInterface } from "node:readline";
import { CloudError } from "../../../platform/errors.js";
import type { WarehouseField } from "../../../platform/links.js";
import type { Links } from "../../../platform/service.js";
import { isObject } from "../../../platform/transport/protoJson.js";
import type { BatchPredictionJob, BatchPredictionJobInstanceConfig } from "../../contract/messages.js";
import { parseObjectUri, parseTable } from "./request.js";
import { toObject } from "./rows.js";

export interface Item {
  /** As it stood in the input: what the output repeats. */
  readonly source: unknown;
  /** As the model gets it. */
  readonly instance: unknown;
}

/** Columns of the input; none for JSON lines. @throws CloudError NOT_FOUND */
export async function inputFields(links: Links, job: BatchPredictionJob): Promise<readonly WarehouseField[]> {
  const table = parseTable(job.inputConfig?.bigquerySource?.inputUri ?? "");
  return table === undefined ? [] : await warehouse(links).schema(table);
}

/** @throws CloudError NOT_FOUND for a table or an object, INVALID_ARGUMENT for a line that is not JSON. */
export async function* readItems(links: Links, job: BatchPredictionJob): AsyncGenerator<Item> {
  const config = job.instanceConfig ?? {};
  const table = parseTable(job.inputConfig?.bigquerySource?.inputUri ?? "");
  if (table) {
    const fields = await warehouse(links).schema(table);
    let pageToken: string | undefined;
    do {
      const page = await warehouse(links).page(table, pageToken);
      for (const row of page.rows) {
        const source = toObject(fields, row);
        yield { source, instance: toInstance(source, { ...config, instanceType: config.instanceType || "array" }) };
      }
      pageToken = page.nextPageToken;
    } while (pageToken);
    return;
  }
  for (const uri of job.inputConfig?.gcsSource?.uris ?? []) yield* readLines(links, uri, config);
}

async function* readLines(links: Links, uri: string, config: BatchPredictionJobInstanceConfig): AsyncGenerator<Item> {
  const { bucket = "", name = "" } = parseObjectUri(uri) ?? {};
  if (!links.objects) throw new CloudError("UNIMPLEMENTED", "This local cloud has no Cloud Storage to read from.");
  let number = 0;
  for await (const line of createInterface({ input: links.objects.stream(bucket, name) })) {
    number++;
    if (line.trim() === "") continue;
    let source: unknown;
    try {
      source = JSON.parse(line);
    } catch (cause) {
      throw new CloudError("INVALID_ARGUMENT", `Line ${number} of ${uri} is not JSON: ${line.slice(0, 100)}`, {
        cause,
      });
    }
    yield { source, instance: toInstance(source, config) };
  }
}

/** Fields chosen and brought into shape; a value that is no object stays as it is. */
function toInstance(source: unknown, config: BatchPredictionJobInstanceConfig): unknown {
  if (!isObject(source)) return source;
  const { includedFields = [], excludedFields = [], keyField } = config;
  const entries =
    includedFields.length > 0
      ? includedFields.map((name) => [name, source[name]] as const)
      : Object.entries(source).filter(([name]) => name !== keyField && !excludedFields.includes(name));
  return config.instanceType === "array" ? entries.map(([, value]) => value) : Object.fromEntries(entries);
}

export function warehouse({ warehouseTableData }: Links) {
  if (warehouseTableData) return warehouseTableData;
  throw new CloudError("UNIMPLEMENTED", "This local cloud has no BigQuery to read from and write to.");
}
