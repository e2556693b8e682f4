import type { Readable } from "node:stream";
import type { ContainerLog } from "./containers/index.js";

/** What services ask of each other, so that none imports another (BigQuery ML registers models; Vertex AI predicts with them). */

export interface WarehouseModelReference {
  readonly projectId: string;
  readonly datasetId: string;
  readonly modelId: string;
}

/** A BigQuery ML model as the Model Registry keeps it. */
export interface RegisteredWarehouseModel {
  readonly source: WarehouseModelReference;
  /** "KMEANS" … as BigQuery's REST API spells it. */
  readonly modelType: string;
  /** Vertex AI model id: `[a-z_][a-z0-9_-]{0,62}`. */
  readonly vertexModelId: string;
  readonly versionAliases: readonly string[];
  /** Vertex AI location that belongs to the dataset's location ("US" is "us-central1"). */
  readonly location: string;
  /** Unique to this training: registering the same training twice answers the same version. */
  readonly trainingId: string;
}

/** Vertex AI's side, asked by BigQuery. */
export interface ModelRegistry {
  /** Idempotent by `trainingId`. @throws CloudError INVALID_ARGUMENT for a bad id or alias. */
  register(model: RegisteredWarehouseModel): Promise<{ readonly versionId: string }>;
  /** @throws CloudError FAILED_PRECONDITION while the version is deployed to an endpoint. Unknown is no error. */
  unregister(trainingId: string): Promise<void>;
  /** Throws what `unregister` would throw, and changes nothing. */
  checkUnregister(trainingId: string): Promise<void>;
}

/** BigQuery's side, asked by Vertex AI. */
export interface WarehouseModels {
  /** One prediction a row, in order, in the form that a deployed BigQuery ML model answers (contracts 3.8). */
  predict(
    trainingId: string,
    instances: readonly Readonly<Record<string, unknown>>[],
  ): Promise<readonly Readonly<Record<string, unknown>>[]>;
}

export interface TableReference {
  readonly projectId: string;
  readonly datasetId: string;
  readonly tableId: string;
}

/** A column as BigQuery's REST API has it (TableFieldSchema). */
export interface WarehouseField {
  readonly name: string;
  readonly type: string;
  /** "NULLABLE" when absent. */
  readonly mode?: string;
  readonly fields?: readonly WarehouseField[];
}

/** BigQuery's side, asked by Vertex AI. */
export interface WarehouseTableData {
  /** Columns with all that belongs to them. @throws CloudError NOT_FOUND */
  schema(table: TableReference): Promise<readonly WarehouseField[]>;
  /**
   * A page of rows as `tabledata.list` gives them, `{f: [{v}]}`.
   * @param pageToken of the page before; undefined for the first.
   */
  page(
    table: TableReference,
    pageToken: string | undefined,
  ): Promise<{ readonly rows: readonly object[]; readonly nextPageToken: string | undefined }>;
  /** @throws CloudError ALREADY_EXISTS, NOT_FOUND without its dataset */
  create(table: TableReference, fields: readonly WarehouseField[]): Promise<void>;
  /** @throws CloudError ALREADY_EXISTS */
  createDataset(dataset: Pick<TableReference, "projectId" | "datasetId">, location: string): Promise<void>;
  /** Not there is no error. */
  remove(table: TableReference): Promise<void>;
}

/** BigQuery's side, asked by Pub/Sub. */
export interface WarehouseTables {
  /** Name and type ("STRING", "RECORD" …) of each column. @throws CloudError NOT_FOUND */
  columns(table: TableReference): Promise<readonly { readonly name: string; readonly type: string }[]>;
  /**
   * Appends rows, visible and durable when it resolves; values as BigQuery reads them in JSON.
   * @param dropUnknownFields leaves out what the table has no column for, instead of refusing the row.
   * @returns why each row that was refused was, by its index.
   * @throws CloudError when no row could be written (NOT_FOUND: the table is gone).
   */
  insert(
    table: TableReference,
    rows: readonly object[],
    dropUnknownFields: boolean,
  ): Promise<ReadonlyMap<number, string>>;
}

/** Pub/Sub's side, asked by Cloud Storage. Topics are named `projects/P/topics/T`. */
export interface Topics {
  /** @throws CloudError NOT_FOUND */
  check(topic: string): Promise<void>;
  /** Durable when it resolves. @throws CloudError NOT_FOUND */
  publish(
    topic: string,
    message: { readonly data: string; readonly attributes: Readonly<Record<string, string>> },
  ): Promise<void>;
}

/** An object of Cloud Storage, as other services see it. */
export interface StorageObject {
  readonly name: string;
  /** Bytes. */
  readonly size: number;
  readonly generation: string;
  readonly contentType: string | undefined;
}

/** Cloud Storage's side, asked by whoever reads from and writes to `gs://` addresses. Live objects only. */
export interface StorageObjects {
  bucketExists(bucket: string): boolean;
  /** In name order. @throws CloudError NOT_FOUND when there is no such bucket */
  list(bucket: string, prefix: string): readonly StorageObject[];
  /** The whole object. @throws CloudError NOT_FOUND */
  read(bucket: string, name: string): Promise<Uint8Array>;
  /** The object in pieces, for one that may be longer than memory. @throws CloudError NOT_FOUND */
  stream(bucket: string, name: string): Readable;
  /**
   * Makes the object, or replaces it; durable when it resolves.
   * @throws CloudError NOT_FOUND when there is no such bucket, PERMISSION_DENIED when what is there is retained
   */
  write(
    bucket: string,
    name: string,
    content: Uint8Array | AsyncIterable<Uint8Array>,
    contentType: string,
  ): Promise<StorageObject>;
}

/** The log of one container, or of several that are one to their service. */
export interface LogStream {
  /** Last part of the log's name: "workerpool0-0". */
  readonly logId: string;
  readonly resource: { readonly type: string; readonly labels: Readonly<Record<string, string>> };
  readonly log: Pick<ContainerLog, "since">;
}

/** What a service with containers offers to Cloud Logging. */
export type LogSource = () => readonly LogStream[];
