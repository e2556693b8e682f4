import type { TableRecord } from "../resources.js";
import { quoteIdentifier, quoteText } from "./duckTypes.js";
import { nullSql, textSql } from "./literals.js";

/** Rows of INFORMATION_SCHEMA.PARTITIONS: one a partition that has rows, one for a table without partitions. */

const FORMATS = { HOUR: "%Y%m%d%H", DAY: "%Y%m%d", MONTH: "%Y%m", YEAR: "%Y" } as const;

/** A SELECT of a table's partitions: names, partition_id, total_rows, last_modified_time, storage_tier. */
export function partitionsSql(record: TableRecord): string {
  const { reference, resource } = record;
  const names = [reference.projectId, reference.datasetId, reference.tableId].map(quoteText).join(", ");
  const modified = textSql(`${resource.lastModifiedTime}000`, { kind: "TIMESTAMP" });
  const partition = partitionId(record);
  const grouped = partition === undefined ? "" : " GROUP BY 4";
  const id = partition ?? nullSql({ kind: "STRING" });
  return `SELECT ${names}, ${id}, count(*), ${modified}, 'ACTIVE' FROM main.${record.physicalName}${grouped}`;
}

/** The id of a row's partition; undefined for tables that are not partitioned by a column. */
function partitionId(record: TableRecord): string | undefined {
  const { timePartitioning: time, rangePartitioning: range } = record.resource;
  if (time?.field !== undefined) {
    const column = quoteIdentifier(time.field);
    return `CASE WHEN ${column} IS NULL THEN '__NULL__' ELSE strftime(${column}, '${FORMATS[time.type]}') END`;
  }
  if (range) {
    const column = quoteIdentifier(range.field);
    const { start, end, interval } = range.range;
    const within = `CAST(${start} + ((${column} - ${start}) // ${interval}) * ${interval} AS VARCHAR)`;
    return `CASE WHEN ${column} IS NULL THEN '__NULL__' WHEN ${column} < ${start} OR ${column} >= ${end} THEN '__UNPARTITIONED__' ELSE ${within} END`;
  }
  return undefined;
}
