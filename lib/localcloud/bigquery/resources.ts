import type { DatasetReference, FieldSchema, ModelReference, TableReference } from "./schema.js";

/**
 * What the catalog keeps of each resource: the REST resource as JSON without what is computed when it is read
 * (`kind`, `id`, `selfLink`, `etag`, `numRows`, `numBytes` …). Times are milliseconds since 1970 as text.
 */
export interface DatasetResource {
  readonly friendlyName?: string;
  readonly description?: string;
  readonly labels?: Readonly<Record<string, string>>;
  readonly location: string;
  readonly creationTime: string;
  readonly lastModifiedTime: string;
  readonly defaultTableExpirationMs?: string;
  readonly defaultPartitionExpirationMs?: string;
  readonly access?: readonly unknown[];
  readonly isCaseInsensitive?: boolean;
  readonly defaultCollation?: string;
  readonly maxTimeTravelHours?: string;
  readonly storageBillingModel?: string;
  readonly defaultRoundingMode?: string;
  readonly resourceTags?: Readonly<Record<string, string>>;
}

export interface DatasetRecord {
  readonly reference: DatasetReference;
  readonly resource: DatasetResource;
}

export interface TimePartitioning {
  readonly type: "DAY" | "HOUR" | "MONTH" | "YEAR";
  readonly field?: string;
  readonly expirationMs?: string;
  readonly requirePartitionFilter?: boolean;
}

export interface RangePartitioning {
  readonly field: string;
  readonly range: { readonly start: string; readonly end: string; readonly interval: string };
}

export interface ViewDefinition {
  readonly query: string;
  readonly useLegacySql?: boolean;
}

export interface TableResource {
  readonly type: "TABLE" | "VIEW" | "MATERIALIZED_VIEW" | "SNAPSHOT";
  /** Where a snapshot or a clone comes from, and when it was taken (RFC 3339). */
  readonly snapshotDefinition?: { readonly baseTableReference: TableReference; readonly snapshotTime: string };
  readonly cloneDefinition?: { readonly baseTableReference: TableReference; readonly cloneTime: string };
  readonly friendlyName?: string;
  readonly description?: string;
  readonly labels?: Readonly<Record<string, string>>;
  /** A table may have no schema yet; then it has no physical table either. */
  readonly schema?: { readonly fields: readonly FieldSchema[] };
  readonly view?: ViewDefinition;
  readonly materializedView?: ViewDefinition & Readonly<Record<string, unknown>>;
  readonly timePartitioning?: TimePartitioning;
  readonly rangePartitioning?: RangePartitioning;
  readonly clustering?: { readonly fields: readonly string[] };
  readonly requirePartitionFilter?: boolean;
  readonly defaultCollation?: string;
  readonly defaultRoundingMode?: string;
  readonly maxStaleness?: string;
  readonly tableConstraints?: TableConstraints;
  readonly resourceTags?: Readonly<Record<string, string>>;
  readonly location: string;
  readonly creationTime: string;
  readonly lastModifiedTime: string;
  readonly expirationTime?: string;
}

export interface TableRecord {
  readonly reference: TableReference;
  readonly resource: TableResource;
  /** Unquoted name in DuckDB's schema `main`, such as "t12"; absent for views and for tables without a schema. */
  readonly physicalName?: string;
  readonly iamPolicy?: unknown;
}

export interface ModelRecord {
  readonly reference: ModelReference;
  /** The REST Model (contracts 1.8) without `modelReference` and `etag`; made by BigQuery ML. */
  readonly resource: Readonly<Record<string, unknown>>;
  /** What predictions need; only BigQuery ML reads it. */
  readonly state: unknown;
}

export interface RoutineReference extends DatasetReference {
  readonly routineId: string;
}

/** Keys, which nobody enforces. */
export interface TableConstraints {
  readonly primaryKey?: { readonly columns?: readonly string[] };
  readonly foreignKeys?: readonly {
    readonly name?: string;
    readonly referencedTable: TableReference;
    readonly columnReferences?: readonly { readonly referencingColumn: string; readonly referencedColumn: string }[];
  }[];
}

export interface RoutineRecord {
  readonly reference: RoutineReference;
  /** The REST Routine without `routineReference` and `etag`: routineType, language, arguments, returnType, definitionBody … */
  readonly resource: Readonly<Record<string, unknown>>;
  readonly iamPolicy?: unknown;
}
