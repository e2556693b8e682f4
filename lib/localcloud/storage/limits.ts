/** Limits as published (docs.cloud.google.com/storage/quotas, contracts 5.3, 5.5 and 5.7). */

export const LIST_PAGE_MAX = 1_000;
export const OBJECT_NAME_BYTES_MAX = 1_024;
/** 5 TiB */
export const OBJECT_BYTES_MAX = 5 * 1024 ** 4;
/** Keys and values of an object's custom metadata together. */
export const CUSTOM_METADATA_BYTES_MAX = 8 * 1024;
export const LABELS_MAX = 64;
export const ACL_ENTRIES_MAX = 100;
export const LIFECYCLE_RULES_MAX = 100;
export const COMPOSE_SOURCES_MAX = 32;
export const NOTIFICATIONS_MAX = 100;
/** Interrupted uploads are kept in steps of this, and chunks that are not the last must be multiples of it. */
export const UPLOAD_STEP_BYTES = 256 * 1024;
export const UPLOAD_SESSION_MS = 7 * 24 * 3600 * 1000;
/** Metadata part of a multipart upload. */
export const METADATA_PART_BYTES_MAX = 2 * 1024 * 1024;
/** JSON bodies that are no uploads. */
export const JSON_BODY_BYTES_MAX = 10 * 1024 * 1024;
export const BATCH_CALLS_MAX = 100;
export const BATCH_BYTES_MAX = 10 * 1024 * 1024;
export const SOFT_DELETE_SECONDS_DEFAULT = 604_800;
export const SOFT_DELETE_SECONDS_MAX = 90 * 24 * 3600;
/** 100 years */
export const RETENTION_SECONDS_MAX = 3_155_760_000;
/** Copies of more than this between locations or classes are done in several calls by the real service. */
export const REWRITE_STEP_BYTES_MIN = 1024 * 1024;
export const SIGNED_URL_SECONDS_MAX = 604_800;
/** Parts of an upload through the XML API; every one but the last has at least so many bytes. */
export const PARTS_MAX = 10_000;
export const PART_BYTES_MIN = 5 * 1024 * 1024;
