/** Sizes and counts at which BigQuery stops. Source, unless named: docs.cloud.google.com/bigquery/quotas */

/** tabledata.insertAll: bytes of a request, of a row; rows of a request; characters of an insertId. */
export const INSERT_REQUEST_BYTES_MAX = 10 * 1024 * 1024;
export const INSERT_ROW_BYTES_MAX = 10 * 1024 * 1024;
export const INSERT_ROWS_MAX = 50_000;
export const INSERT_ID_CHARACTERS_MAX = 128;
/** How long an insertId is remembered ("about one minute": docs write-api-rest, dataconsistency). */
export const INSERT_ID_MEMORY_MS = 60_000;

export const SCHEMA_DEPTH_MAX = 15;
export const SCHEMA_COLUMNS_MAX = 10_000;
export const COLUMN_NAME_CHARACTERS_MAX = 300;
export const COLUMN_DESCRIPTION_CHARACTERS_MAX = 1_024;
export const RESOURCE_ID_CHARACTERS_MAX = 1_024;

/** tabledata.list and jobs.getQueryResults: rows and bytes of a page. */
export const PAGE_ROWS_MAX = 100_000;
export const PAGE_BYTES_MAX = 10 * 1024 * 1024;

/** Lists of resources: default and greatest page. */
export const LIST_PAGE_DEFAULT = 50;
export const LIST_PAGE_MAX = 1_000;

/** jobs.query: how long a reply waits unless the caller says less; the longest wait whatever the caller says. */
export const QUERY_TIMEOUT_DEFAULT_MS = 10_000;
export const QUERY_TIMEOUT_MAX_MS = 200_000;
/** How long a requestId is honoured (REST reference, jobs.query). */
export const REQUEST_ID_MEMORY_MS = 15 * 60_000;
export const REQUEST_ID_CHARACTERS_MAX = 36;

export const DEFAULT_EXPIRATION_MIN_MS = 3_600_000;
export const LABELS_MAX = 64;
export const QUERY_CHARACTERS_MAX = 1_024 * 1_024;
