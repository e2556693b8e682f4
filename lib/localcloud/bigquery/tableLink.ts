import { CloudError, STATUS, type StatusWord } from "../platform/errors.js";
import type { TableReference, WarehouseTableData, WarehouseTables } from "../platform/links.js";
import type { HttpRequest, HttpResponse } from "../platform/service.js";

interface TableBody {
  readonly schema?: { readonly fields?: readonly { readonly name: string; readonly type: string }[] };
}

interface PageBody {
  readonly rows?: readonly object[];
  readonly pageToken?: string;
}

/** Rows of a page that other services read. */
const PAGE_ROWS = 1000;

interface InsertBody {
  readonly insertErrors?: readonly {
    readonly index: number;
    readonly errors: readonly { readonly reason: string; readonly message?: string; readonly location?: string }[];
  }[];
}

interface ErrorBody {
  readonly error?: { readonly message?: string; readonly status?: string };
}

/** Tables for other services, over the REST API that everybody else uses: one meaning of a row, one validation. */
export function tableLink(
  handle: (request: HttpRequest) => Promise<HttpResponse>,
): WarehouseTables & WarehouseTableData {
  const call = async <Body>(method: string, path: string, body?: object, query = ""): Promise<Body> => {
    const response = await handle({
      method,
      path: `/bigquery/v2/${path}`,
      query: new URLSearchParams(query),
      headers: { "content-type": "application/json" },
      body: Buffer.from(body ? JSON.stringify(body) : ""),
      origin: "http://127.0.0.1",
      signal: new AbortController().signal,
    });
    const text = typeof response.body === "string" ? response.body : Buffer.from(response.body ?? "").toString("utf8");
    if (response.status < 300) return JSON.parse(text || "{}") as Body;
    throw errorOf(response.status, JSON.parse(text) as ErrorBody);
  };
  return {
    schema: async (table) => (await call<TableBody>("GET", pathOf(table))).schema?.fields ?? [],
    page: async (table, pageToken) => {
      const query = `maxResults=${PAGE_ROWS}${pageToken === undefined ? "" : `&pageToken=${encodeURIComponent(pageToken)}`}`;
      const { rows = [], pageToken: next } = await call<PageBody>("GET", `${pathOf(table)}/data`, undefined, query);
      return { rows, nextPageToken: next };
    },
    create: async (tableReference, fields) => {
      await call("POST", `${datasetPath(tableReference)}/tables`, { tableReference, schema: { fields } });
    },
    createDataset: async (datasetReference, location) => {
      const path = `projects/${encodeURIComponent(datasetReference.projectId)}/datasets`;
      await call("POST", path, { datasetReference, location });
    },
    remove: async (table) => {
      await call("DELETE", pathOf(table)).catch((thrown: unknown) => {
        if (CloudError.from(thrown).status !== "NOT_FOUND") throw thrown;
      });
    },
    columns: async (table) => {
      const { schema } = await call<TableBody>("GET", pathOf(table));
      return (schema?.fields ?? []).map(({ name, type }) => ({ name, type }));
    },
    insert: async (table, rows, dropUnknownFields) => {
      const { insertErrors = [] } = await call<InsertBody>("POST", `${pathOf(table)}/insertAll`, {
        skipInvalidRows: true,
        ignoreUnknownValues: dropUnknownFields,
        rows: rows.map((json) => ({ json })),
      });
      return new Map(
        insertErrors.map(({ index, errors }) => [
          index,
          errors.map(({ message, location }) => [location, message].filter(Boolean).join(": ")).join("; "),
        ]),
      );
    },
  };
}

function datasetPath({ projectId, datasetId }: TableReference): string {
  return `projects/${encodeURIComponent(projectId)}/datasets/${encodeURIComponent(datasetId)}`;
}

function pathOf(table: TableReference): string {
  return `${datasetPath(table)}/tables/${encodeURIComponent(table.tableId)}`;
}

function errorOf(httpStatus: number, { error }: ErrorBody): CloudError {
  const word =
    (Object.keys(STATUS) as StatusWord[]).find((status) => status === error?.status) ??
    (httpStatus === 404 ? "NOT_FOUND" : httpStatus < 500 ? "INVALID_ARGUMENT" : "UNAVAILABLE");
  return new CloudError(word, error?.message ?? `BigQuery answered ${httpStatus}.`);
}
