import { invalid } from "./errors.js";
import { LABELS_MAX, RESOURCE_ID_CHARACTERS_MAX } from "./limits.js";

/** What ids and labels may look like (REST references of datasets, tables, models, jobs). */

const ID = /^[A-Za-z0-9_]+$/;
const TABLE_ID = /^[\p{L}\p{M}\p{N}\p{Pc}\p{Pd}\p{Zs}]+$/u;
const JOB_ID = /^[A-Za-z0-9_-]+$/;

/** @throws CloudError invalid */
export function checkDatasetId(id: string): void {
  if (ID.test(id) && id.length <= RESOURCE_ID_CHARACTERS_MAX) return;
  throw invalid(
    `Invalid dataset ID "${id}". Dataset IDs must be alphanumeric (plus underscores) and must be at most 1024 characters long.`,
  );
}

/**
 * "t$20260102" is one partition of a table, "t@1767225600000" a table as it was.
 * @throws CloudError invalid that says what to do instead
 */
export function refuseDecorator(id: string): void {
  if (id.includes("$")) {
    throw invalid(
      `Invalid table ID "${id}": partition decorators ($) are not supported by the local BigQuery. Name the table itself; rows are placed by their values.`,
    );
  }
  if (/@-?\d+(?:-(?:-?\d+)?)?$/.test(id)) {
    throw invalid(
      `Invalid table ID "${id}": snapshot decorators (@) are not supported by the local BigQuery, which keeps no table's past. Take a snapshot by a copy job with operationType SNAPSHOT.`,
    );
  }
}

/** @throws CloudError invalid */
export function checkTableId(id: string): void {
  refuseDecorator(id);
  if (TABLE_ID.test(id) && Buffer.byteLength(id) <= RESOURCE_ID_CHARACTERS_MAX) return;
  throw invalid(
    `Invalid table ID "${id}". Table IDs must be alphanumeric (plus underscores, dashes and spaces) and must be at most 1024 bytes long.`,
  );
}

/** @throws CloudError invalid; `kind` is "Model" or "Routine". */
export function checkMemberId(kind: string, id: string): void {
  if (ID.test(id) && id.length <= RESOURCE_ID_CHARACTERS_MAX) return;
  throw invalid(
    `Invalid ${kind.toLowerCase()} ID "${id}". ${kind} IDs must be alphanumeric (plus underscores) and must be at most 1024 characters long.`,
  );
}

/** @throws CloudError invalid */
export function checkJobId(id: string): void {
  if (JOB_ID.test(id) && id.length <= RESOURCE_ID_CHARACTERS_MAX) return;
  throw invalid(
    `Invalid job ID "${id}". Job IDs must be alphanumeric (plus underscores and dashes) and must be at most 1024 characters long.`,
  );
}

/** @throws CloudError invalid */
export function checkProjectId(id: string): void {
  if (id === "") throw invalid("ProjectId must be non-empty");
  if (/^([a-z0-9.-]+:)?[a-z0-9-]+$/i.test(id)) return;
  throw invalid(
    `Invalid project ID '${id}'. Project IDs must contain 6-63 lowercase letters, digits, or dashes. Some project IDs also include domain name separated by a colon. IDs must start with a letter and may not end with a dash.`,
  );
}

const LABEL_KEY = /^[\p{Ll}\p{Lo}][\p{Ll}\p{Lo}\p{N}_-]{0,62}$/u;
const LABEL_VALUE = /^[\p{Ll}\p{Lo}\p{N}_-]{0,63}$/u;

/** @throws CloudError invalid. A null value stands for a label to remove. */
export function checkLabels(labels: unknown): void {
  if (labels === null || labels === undefined) return;
  const entries = Object.entries(labels as Record<string, string | null>);
  if (entries.length > LABELS_MAX) throw invalid(`A resource has at most ${LABELS_MAX} labels, not ${entries.length}.`);
  for (const [key, value] of entries) {
    if (!LABEL_KEY.test(key)) {
      throw invalid(
        `Invalid label key "${key}". Keys start with a lowercase letter and hold at most 63 lowercase letters, digits, underscores and dashes.`,
      );
    }
    if (value !== null && !LABEL_VALUE.test(value)) {
      throw invalid(
        `Invalid label value "${value}". Values hold at most 63 lowercase letters, digits, underscores and dashes.`,
      );
    }
  }
}
