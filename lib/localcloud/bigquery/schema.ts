/** The vocabulary of BigQuery's tables: column types as GoogleSQL names them, schemas as the REST API spells them. */

export type ScalarKind =
  | "INT64"
  | "FLOAT64"
  | "BOOL"
  | "STRING"
  | "BYTES"
  | "DATE"
  | "DATETIME"
  | "TIME"
  | "TIMESTAMP"
  | "NUMERIC"
  | "BIGNUMERIC"
  | "JSON"
  | "INTERVAL"
  | "GEOGRAPHY";

/** A GoogleSQL type. Struct field names may be empty and may repeat, as in SQL. */
export type SqlType =
  | { readonly kind: ScalarKind }
  | { readonly kind: "ARRAY"; readonly element: SqlType }
  | { readonly kind: "STRUCT"; readonly fields: readonly StructField[] }
  | { readonly kind: "RANGE"; readonly element: SqlType };

export interface StructField {
  readonly name: string;
  readonly type: SqlType;
}

/** `TableFieldSchema` of the REST API, types in the legacy spelling that clients expect (contracts 2.3). */
export interface FieldSchema {
  readonly name: string;
  /** STRING BYTES INTEGER FLOAT NUMERIC BIGNUMERIC BOOLEAN TIMESTAMP DATE TIME DATETIME GEOGRAPHY JSON INTERVAL RANGE RECORD */
  readonly type: string;
  readonly mode?: "NULLABLE" | "REQUIRED" | "REPEATED";
  readonly fields?: readonly FieldSchema[];
  readonly description?: string;
  readonly maxLength?: string;
  readonly precision?: string;
  readonly scale?: string;
  readonly defaultValueExpression?: string;
  readonly collation?: string;
  readonly rangeElementType?: { readonly type: string };
  /** Digits of a second of a TIMESTAMP: "6" or "12" in BigQuery, "6" here. */
  readonly timestampPrecision?: string;
}

export interface DatasetReference {
  readonly projectId: string;
  readonly datasetId: string;
}

export interface TableReference extends DatasetReference {
  readonly tableId: string;
}

export interface ModelReference extends DatasetReference {
  readonly modelId: string;
}
