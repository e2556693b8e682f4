import { CloudError, STATUS, type StatusWord } from "../platform/errors.js";
import type { TableReference, WarehouseTables } from "../platform/links.js";
import type { HttpRequest, HttpResponse } from "../platform/service.js";

interface TableBody {
  readonly schema?: { readonly fields?: readonly { readonly name: string; readonly type: string }[] };
}

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
export function tableLink(handle: (request: HttpRequest) => Promise<HttpResponse>): WarehouseTables {
  const call = async <Body>(method: string, path: string, body?: object): Promise<Body> => {
    const response = await handle({
      method,
      path: `/bigquery/v2/${path}`,
      query: new URLSearchParams(),
      headers: { "content-type": "application/json" },
      body: Buffer.from(body ? JSON.stringify(body) : ""),
      origin: "http://127.0.0.1",
      signal: new AbortController().signal,
    });
    const text = typeof response.body === "string" ? response.body : Buffer.from(response.body ?? "").toString("utf8");
    if (response.status === 200) return JSON.parse(text) as Body;
    throw errorOf(response.status, JSON.parse(text) as ErrorBody);
  };
  return {
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

function pathOf({ projectId, datasetId, tableId }: TableReference): string {
  const [project, dataset, table] = [projectId, datasetId, tableId].map(encodeURIComponent);
  return `projects/${project}/datasets/${dataset}/tables/${table}`;
}

function errorOf(httpStatus: number, { error }: ErrorBody): CloudError {
  const word =
    (Object.keys(STATUS) as StatusWord[]).find((status) => status === error?.status) ??
    (httpStatus === 404 ? "NOT_FOUND" : httpStatus < 500 ? "INVALID_ARGUMENT" : "UNAVAILABLE");
  return new CloudError(word, error?.message ?? `BigQuery answered ${httpStatus}.`);
}
