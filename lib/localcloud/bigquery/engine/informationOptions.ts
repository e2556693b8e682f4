import type { DatasetResource, TableResource } from "../resources.js";

/** A table's options as INFORMATION_SCHEMA.TABLE_OPTIONS lists them: name, type, value as a GoogleSQL literal. */
export function tableOptionRows(resource: TableResource): readonly OptionRow[] {
  const rows: OptionRow[] = [];
  if (resource.description) rows.push(["description", "STRING", text(resource.description)]);
  if (resource.friendlyName) rows.push(["friendly_name", "STRING", text(resource.friendlyName)]);
  rows.push(...labelRows(resource.labels));
  if (resource.expirationTime !== undefined) {
    const time = new Date(Number(resource.expirationTime)).toISOString();
    rows.push(["expiration_timestamp", "TIMESTAMP", `TIMESTAMP ${text(time)}`]);
  }
  const lifetime = resource.timePartitioning?.expirationMs;
  if (lifetime !== undefined) {
    rows.push(["partition_expiration_days", "FLOAT64", daysText(lifetime)]);
  }
  if (resource.requirePartitionFilter) rows.push(["require_partition_filter", "BOOL", "true"]);
  return rows;
}

/** A dataset's options as INFORMATION_SCHEMA.SCHEMATA_OPTIONS lists them. */
export function schemaOptionRows(resource: DatasetResource): readonly OptionRow[] {
  const rows: OptionRow[] = [];
  if (resource.description) rows.push(["description", "STRING", text(resource.description)]);
  if (resource.friendlyName) rows.push(["friendly_name", "STRING", text(resource.friendlyName)]);
  rows.push(...labelRows(resource.labels));
  if (resource.defaultTableExpirationMs !== undefined) {
    rows.push(["default_table_expiration_days", "FLOAT64", daysText(resource.defaultTableExpirationMs)]);
  }
  if (resource.defaultPartitionExpirationMs !== undefined) {
    rows.push(["default_partition_expiration_days", "FLOAT64", daysText(resource.defaultPartitionExpirationMs)]);
  }
  if (resource.location !== "") rows.push(["location", "STRING", text(resource.location)]);
  return rows;
}

type OptionRow = readonly [name: string, type: string, value: string];

const text = (value: string): string => JSON.stringify(value);

function daysText(milliseconds: string): string {
  const days = Number(milliseconds) / 86_400_000;
  return Number.isInteger(days) ? `${days}.0` : String(days);
}

function labelRows(given: Readonly<Record<string, string>> | undefined): readonly OptionRow[] {
  const labels = Object.entries(given ?? {});
  if (labels.length === 0) return [];
  const list = labels.map(([key, value]) => `STRUCT(${text(key)}, ${text(value)})`).join(", ");
  return [["labels", "ARRAY<STRUCT<STRING, STRING>>", `[${list}]`]];
}
