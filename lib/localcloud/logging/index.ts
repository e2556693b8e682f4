import { CloudError } from "../platform/errors.js";
import { type FilterFields, parseFilter } from "../platform/filter.js";
import type { LogStream } from "../platform/links.js";
import type { OrderTerm } from "../platform/order.js";
import { page } from "../platform/pages.js";
import type { HttpRequest, HttpResponse, Service, ServiceContext } from "../platform/service.js";
import { errorBody } from "../platform/transport/errorBody.js";
import { refuseUnsupported } from "../platform/unsupported.js";
import { type LogEntry, SEVERITIES, toEntries } from "./entries.js";

const PATH = "/v2/entries:list";
const DOMAIN = "logging.googleapis.com";

/** `ListLogEntriesRequest` in JSON (google/logging/v2/logging.proto). */
interface ListRequest {
  readonly resourceNames?: readonly string[];
  readonly filter?: string;
  readonly orderBy?: string;
  readonly pageSize?: number;
  readonly pageToken?: string;
}

const FIELDS: FilterFields<LogEntry> = {
  resource: { kind: "map", read: resourceFields },
  log_name: { kind: "text", operators: ["=", "!=", ":"], read: ({ logName }) => logName },
  timestamp: { kind: "time", operators: ["=", "!=", "<", "<=", ">", ">="], read: ({ timestamp }) => timestamp },
  insert_id: { kind: "text", operators: ["=", "!=", "<", "<=", ">", ">="], read: ({ insertId }) => insertId },
  severity: { kind: "text", operators: ["=", "!="], read: ({ severity }) => severity },
  text_payload: { kind: "text", operators: ["=", "!=", ":"], read: ({ textPayload }) => textPayload ?? "" },
};

/** Cloud Logging, to be read: the logs of what other services run in containers. Contract: logging v2, REST. */
export function createLogging({ links, project }: ServiceContext): Service {
  const list = async (request: ListRequest): Promise<object> => {
    refuseUnsupported(request, { honoured: ["resourceNames", "filter", "orderBy", "pageSize", "pageToken"] });
    const { filter = "", orderBy = "timestamp asc" } = request;
    checkNames(request.resourceNames ?? [], [project.id, project.number]);
    const matches = parseFilter(withSeverities(filter), FIELDS);
    const streams = links.logs.flatMap((source) => source()).filter((stream) => mayMatch(stream, filter));
    const entries = await Promise.all(
      streams.map(async (stream) => toEntries(project.id, stream, await stream.log.since(earliest(filter)))),
    );
    const found = entries.flat().filter(matches);
    const scope = [request.resourceNames, filter, orderBy];
    const { items, nextPageToken } = page(found, request, orderOf(orderBy), ({ insertId }) => insertId, scope);
    return { entries: items, nextPageToken };
  };
  return {
    name: "logging",
    owns: ({ path }) => path === PATH,
    handle: async (request) => {
      try {
        if (request.method !== "POST")
          throw new CloudError("NOT_FOUND", `No method answers ${request.method} ${PATH}.`);
        return ok(await list(parse(request)));
      } catch (thrown) {
        return errorBody(CloudError.from(thrown), DOMAIN);
      }
    },
    grpc: [],
    start: async () => undefined,
    stop: async () => undefined,
  };
}

function ok(body: object): HttpResponse {
  return {
    status: 200,
    headers: { "content-type": "application/json; charset=UTF-8" },
    body: `${JSON.stringify(body, undefined, 2)}\n`,
  };
}

function parse({ body }: HttpRequest): ListRequest {
  const text = Buffer.from(body).toString("utf8").trim();
  try {
    return JSON.parse(text === "" ? "{}" : text) as ListRequest;
  } catch (cause) {
    throw new CloudError("INVALID_ARGUMENT", `Invalid JSON payload received. ${String(cause)}`, { cause });
  }
}

/** @throws CloudError INVALID_ARGUMENT without a resource, PERMISSION_DENIED for another project's. */
function checkNames(names: readonly string[], projects: readonly string[]): void {
  if (names.length === 0) throw new CloudError("INVALID_ARGUMENT", "At least one resource name must be provided.");
  const other = names.find((name) => !projects.includes(/^projects\/([^/]+)/.exec(name)?.[1] ?? ""));
  if (other !== undefined) throw new CloudError("PERMISSION_DENIED", `Permission denied on resource ${other}.`);
}

/** "resource.labels.job_id" and "resource.type" by what stands behind "resource." */
function resourceFields({ resource }: Pick<LogEntry, "resource">): Record<string, string> {
  const labels = Object.entries(resource.labels).map(([name, value]) => [`labels.${name}`, value] as const);
  return { type: resource.type, ...Object.fromEntries(labels) };
}

/** Severities have an order; the filter's text has none: `severity>=ERROR` becomes a choice of those that match. */
function withSeverities(filter: string): string {
  return filter.replace(/severity\s*(>=|>|<=|<)\s*"?([A-Za-z]+)"?/g, (_, operator: string, name: string) => {
    const limit = SEVERITIES.indexOf(name.toUpperCase());
    const kept = SEVERITIES.filter((_, index) =>
      operator === ">="
        ? index >= limit
        : operator === ">"
          ? index > limit
          : operator === "<="
            ? index <= limit
            : index < limit,
    );
    return `(${kept.map((severity) => `severity=${severity}`).join(" OR ")})`;
  });
}

/** Spares reading logs that a plain conjunction rules out; any other filter is decided entry by entry. */
function mayMatch({ resource }: LogStream, filter: string): boolean {
  if (/\b(OR|NOT)\b|-/.test(filter.replace(/"[^"]*"/g, ""))) return true;
  const wanted = [...filter.matchAll(/resource\.labels\.(\w+)\s*=\s*"?([^"\s]+)"?/g)];
  return wanted.every(([, name = "", value]) => resource.labels[name] === value);
}

function earliest(filter: string): number {
  const plain = /\b(OR|NOT)\b/.test(filter) ? undefined : /timestamp\s*>=?\s*"([^"]+)"/.exec(filter)?.[1];
  return plain === undefined ? 0 : Date.parse(plain);
}

/** @throws CloudError INVALID_ARGUMENT */
function orderOf(text: string): OrderTerm<LogEntry>[] {
  const found = /^timestamp(?:\s+(asc|desc))?$/.exec(text.trim());
  if (!found)
    throw new CloudError("INVALID_ARGUMENT", `order_by must be "timestamp asc" or "timestamp desc"; it is "${text}".`);
  return [{ read: ({ timestamp }) => timestamp, descending: found[1] === "desc" }];
}
