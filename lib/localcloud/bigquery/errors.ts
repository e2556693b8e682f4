import { CloudError } from "../platform/errors.js";
import type { DatasetReference, TableReference } from "./schema.js";

/**
 * Every error of the REST side, by name: reason, HTTP status, wording as BigQuery has them.
 * Source: docs.cloud.google.com/bigquery/docs/error-messages; wordings recorded in public traces.
 */

export const datasetName = (at: DatasetReference): string => `${at.projectId}:${at.datasetId}`;
export const tableName = (at: TableReference): string => `${datasetName(at)}.${at.tableId}`;

const notFound = (message: string): CloudError => new CloudError("NOT_FOUND", message, { reason: "notFound" });
const duplicate = (message: string): CloudError => new CloudError("ALREADY_EXISTS", message, { reason: "duplicate" });

export const invalid = (message: string, location?: string): CloudError =>
  new CloudError("INVALID_ARGUMENT", message, { reason: "invalid", ...(location === undefined ? {} : { location }) });

export const badRequest = (message: string): CloudError =>
  new CloudError("INVALID_ARGUMENT", message, { reason: "badRequest" });

export const invalidQuery = (message: string): CloudError =>
  new CloudError("INVALID_ARGUMENT", message, { reason: "invalidQuery", location: "q", locationType: "parameter" });

/** What the real service has and we do not: refused by name, never accepted and forgotten. */
export const notSupported = (what: string, instead: string): CloudError =>
  new CloudError("UNIMPLEMENTED", `${what} is not supported by the local BigQuery. ${instead}`, {
    reason: "notImplemented",
  });

/** What the projects of Google's public datasets would hold. */
const publicData = ({ projectId }: DatasetReference): string =>
  /^(?:bigquery-public-data|publicdata|bigquery-samples)$/.test(projectId)
    ? ". The local cloud holds none of Google's public datasets: load a sample into a dataset of your own, or run this on Google Cloud (ACTIVATE_TARGET=gcp)."
    : "";

export const datasetNotFound = (at: DatasetReference): CloudError =>
  notFound(`Not found: Dataset ${datasetName(at)}${publicData(at)}`);
export const datasetNotFoundInLocation = (at: DatasetReference, location: string): CloudError =>
  notFound(`Not found: Dataset ${datasetName(at)} was not found in location ${location}${publicData(at)}`);
export const tableNotFound = (at: TableReference): CloudError => notFound(`Not found: Table ${tableName(at)}`);
export const tableNotFoundInLocation = (at: TableReference, location: string): CloudError =>
  notFound(`Not found: Table ${tableName(at)} was not found in location ${location}`);
export const modelNotFound = (at: DatasetReference & { readonly modelId: string }): CloudError =>
  notFound(`Not found: Model ${datasetName(at)}.${at.modelId}`);
export const routineNotFound = (at: DatasetReference & { readonly routineId: string }): CloudError =>
  notFound(`Not found: Routine ${datasetName(at)}.${at.routineId}`);
/** Looked up without its location a job is named without one. */
export const jobNotFound = (projectId: string, jobId: string, location?: string): CloudError =>
  notFound(`Not found: Job ${projectId}:${location === undefined ? "" : `${location}.`}${jobId}`);
export const projectNotFound = (projectId: string): CloudError => notFound(`Not found: Project ${projectId}`);

export const datasetExists = (at: DatasetReference): CloudError =>
  duplicate(`Already Exists: Dataset ${datasetName(at)}`);
export const tableExists = (at: TableReference): CloudError => duplicate(`Already Exists: Table ${tableName(at)}`);
export const modelExists = (at: DatasetReference & { readonly modelId: string }): CloudError =>
  duplicate(`Already Exists: Model ${datasetName(at)}.${at.modelId}`);
export const routineExists = (at: DatasetReference & { readonly routineId: string }): CloudError =>
  duplicate(`Already Exists: Routine ${datasetName(at)}.${at.routineId}`);
export const jobExists = (projectId: string, location: string, jobId: string): CloudError =>
  duplicate(`Already Exists: Job ${projectId}:${location}.${jobId}`);

export const datasetInUse = (at: DatasetReference): CloudError =>
  new CloudError("FAILED_PRECONDITION", `Dataset ${datasetName(at)} is still in use`, {
    reason: "resourceInUse",
    httpStatus: 400,
  });

export const conditionNotMet = (): CloudError =>
  new CloudError("FAILED_PRECONDITION", "Precondition Failed", {
    reason: "conditionNotMet",
    location: "If-Match",
    locationType: "header",
    httpStatus: 412,
  });

/** BigQuery's body of an error: the canonical one (AIP-193) plus the list that its clients read. */
export function errorBody(error: CloudError): string {
  const { reason, location, locationType } = error.details;
  const entry = {
    message: error.message,
    domain: "global",
    reason: reason ?? REASON_BY_STATUS[error.status] ?? "internalError",
    ...(location === undefined ? {} : { location, locationType: locationType ?? "parameter" }),
  };
  return JSON.stringify({
    error: {
      code: error.httpStatus,
      message: error.message,
      errors: [entry],
      status: error.httpStatus === 400 ? "INVALID_ARGUMENT" : error.status,
    },
  });
}

/** `ErrorProto` of a job or of a row. */
export interface ErrorProto {
  readonly reason: string;
  readonly location?: string;
  readonly debugInfo?: string;
  readonly message: string;
}

export function errorProto(error: CloudError): ErrorProto {
  const { reason, location } = error.details;
  return {
    reason: reason ?? REASON_BY_STATUS[error.status] ?? "internalError",
    ...(location === undefined ? {} : { location }),
    message: error.message,
  };
}

const REASON_BY_STATUS: Readonly<Record<string, string>> = {
  INVALID_ARGUMENT: "invalid",
  FAILED_PRECONDITION: "invalid",
  OUT_OF_RANGE: "invalid",
  NOT_FOUND: "notFound",
  ALREADY_EXISTS: "duplicate",
  PERMISSION_DENIED: "accessDenied",
  UNAUTHENTICATED: "authError",
  RESOURCE_EXHAUSTED: "quotaExceeded",
  UNIMPLEMENTED: "notImplemented",
  CANCELLED: "stopped",
  UNAVAILABLE: "backendError",
};
