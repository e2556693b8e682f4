import type { TableResource } from "../resources.js";

/** A table's options as INFORMATION_SCHEMA.TABLE_OPTIONS lists them: name, type, value as a GoogleSQL literal. */
export function tableOptionRows(resource: TableResource): readonly (readonly [string, string, string])[] {
  const rows: [string, string, string][] = [];
  const text = (value: string) => JSON.stringify(value);
  if (resource.description) rows.push(["description", "STRING", text(resource.description)]);
  if (resource.friendlyName) rows.push(["friendly_name", "STRING", text(resource.friendlyName)]);
  const labels = Object.entries(resource.labels ?? {});
  if (labels.length > 0) {
    const list = labels.map(([key, value]) => `STRUCT(${text(key)}, ${text(value)})`).join(", ");
    rows.push(["labels", "ARRAY<STRUCT<STRING, STRING>>", `[${list}]`]);
  }
  if (resource.expirationTime !== undefined) {
    const time = new Date(Number(resource.expirationTime)).toISOString();
    rows.push(["expiration_timestamp", "TIMESTAMP", `TIMESTAMP ${text(time)}`]);
  }
  const lifetime = resource.timePartitioning?.expirationMs;
  if (lifetime !== undefined) {
    const days = Number(lifetime) / 86_400_000;
    rows.push(["partition_expiration_days", "FLOAT64", Number.isInteger(days) ? `${days}.0` : String(days)]);
  }
  if (resource.requirePartitionFilter) rows.push(["require_partition_filter", "BOOL", "true"]);
  return rows;
}
