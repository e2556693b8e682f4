/** BigQuery's REST API as a test asks it: plain HTTP, a job a query. */

export interface WireField {
  readonly name: string;
  readonly type: string;
  readonly mode?: string;
  readonly fields?: readonly WireField[];
  readonly rangeElementType?: { readonly type: string };
}

export interface WireCell {
  readonly v: unknown;
}

export interface QueryAnswer {
  /** No part of the job needed Google's evaluator. */
  readonly native: boolean;
  readonly schema: readonly WireField[];
  readonly rows: readonly { readonly f: readonly WireCell[] }[];
  readonly job: Json;
}

export type Json = Readonly<Record<string, unknown>>;

/** What the service answered with an error, as its body says it. */
export class ServiceError extends Error {
  override readonly name = "ServiceError";
  constructor(
    readonly httpStatus: number,
    readonly reason: string,
    message: string,
  ) {
    super(message);
  }
}

export class BigQueryClient {
  readonly #base: string;
  constructor(
    readonly rest: string,
    readonly project: string,
  ) {
    this.#base = `${rest}/bigquery/v2/projects/${project}`;
  }

  /** A bucket of the same local cloud, for queries that write to Cloud Storage. */
  async createBucket(name: string): Promise<void> {
    const response = await fetch(`${this.rest}/storage/v1/b?project=${this.project}`, {
      method: "POST",
      body: JSON.stringify({ name }),
      headers: { "content-type": "application/json" },
    });
    if (!response.ok) throw errorOf(response.status, undefined);
  }

  async call(method: string, path: string, body?: Json): Promise<Json> {
    const response = await fetch(`${this.#base}${path}`, {
      method,
      ...(body && { body: JSON.stringify(body), headers: { "content-type": "application/json" } }),
    });
    const text = await response.text();
    const answer = (text === "" ? {} : JSON.parse(text)) as Json;
    if (!response.ok) throw errorOf(response.status, answer.error as Json | undefined);
    return answer;
  }

  async createDataset(datasetId: string): Promise<void> {
    await this.call("POST", "/datasets", {
      datasetReference: { projectId: this.project, datasetId },
      location: "US",
    });
  }

  /** Runs statements whose rows nobody wants. @throws ServiceError. */
  async run(sql: string): Promise<void> {
    const answer = await this.call("POST", "/queries", { query: sql, useLegacySql: false, timeoutMs: 60_000 });
    if (answer.jobComplete === false) throw new Error(`not done within a minute: ${sql}`);
  }

  /** Inserts a query job, waits for it and reads all its rows. @throws ServiceError, also for a job that failed. */
  async query(configuration: Json, further: Json = {}): Promise<QueryAnswer> {
    const job = await this.call("POST", "/jobs", { configuration: { query: configuration, ...further } });
    if (further.dryRun === true) {
      const schema = ((job.statistics as Json).query as Json).schema as { readonly fields?: readonly WireField[] };
      return { native: true, schema: schema?.fields ?? [], rows: [], job };
    }
    const { jobId, location } = job.jobReference as { readonly jobId: string; readonly location?: string };
    const place = location === undefined ? "" : `location=${location}&`;
    let page = await this.#results(jobId, place, "");
    const schema = (page.schema as { readonly fields?: readonly WireField[] } | undefined)?.fields ?? [];
    const rows = [...rowsOf(page)];
    while (page.pageToken !== undefined) {
      page = await this.#results(jobId, place, `&pageToken=${encodeURIComponent(String(page.pageToken))}`);
      rows.push(...rowsOf(page));
    }
    const known = (job.status as Json | undefined)?.state === "DONE";
    const done = known ? job : await this.call("GET", `/jobs/${jobId}?${place}`);
    return { native: routeOf(done) === "native", schema, rows, job: done };
  }

  async #results(jobId: string, place: string, token: string): Promise<Json> {
    for (;;) {
      const page = await this.call(
        "GET",
        `/queries/${jobId}?${place}formatOptions.useInt64Timestamp=true&timeoutMs=30000${token}`,
      );
      if (page.jobComplete !== false) return page;
    }
  }
}

/** How the engine says the job ran; scripts say nothing. */
function routeOf(job: Json): string | undefined {
  const query = (job.statistics as Json | undefined)?.query as Json | undefined;
  const plan = query?.queryPlan as readonly { readonly name: string }[] | undefined;
  return plan?.[0]?.name.replace(/^route: /, "");
}

function rowsOf(page: Json): QueryAnswer["rows"] {
  return (page.rows as QueryAnswer["rows"] | undefined) ?? [];
}

function errorOf(status: number, error: Json | undefined): ServiceError {
  const first = (error?.errors as readonly Json[] | undefined)?.[0];
  return new ServiceError(status, String(first?.reason ?? ""), String(error?.message ?? "no message"));
}
