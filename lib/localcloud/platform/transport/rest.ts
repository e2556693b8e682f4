import type { MethodContract } from "../contract/contract.js";
import { CloudError } from "../errors.js";
import type { HttpRequest, HttpResponse } from "../service.js";
import { decodeJson, dispatch, dispatchBinaryJson, printJson, unimplemented } from "./dispatch.js";
import { errorBody } from "./errorBody.js";
import type { CallContext, ServedContract } from "./handler.js";
import { findField, isObject, type JsonObject } from "./protoJson.js";
import { assign, queryToJson } from "./query.js";
import { type RouteMatch, RouteTable } from "./routes.js";

/** The REST twins of a contract's methods. */
export interface RestTransport {
  owns(request: HttpRequest): boolean;
  handle(request: HttpRequest): Promise<HttpResponse>;
  /** Key of the method that the request calls. */
  methodOf(request: HttpRequest): string | undefined;
}

/** What a route leads to: a method that is served, or the name of one that is not. */
type Target = { readonly served: MethodContract } | { readonly known: string };

const HTTP_BODY = "google.api.HttpBody";

export function createRest(served: ServedContract): RestTransport {
  const table = new RouteTable<Target>();
  for (const method of served.contract.methods) {
    for (const rule of method.httpRules) table.add(rule, { served: method });
  }
  for (const method of served.contract.knownMethods) {
    for (const rule of method.httpRules) table.add(rule, { known: method.key });
  }
  return {
    owns: (request) => table.hasPath(request.path),
    methodOf: (request) => {
      const target = table.match(request.method, request.path)?.target;
      return target && "served" in target ? target.served.key : undefined;
    },
    handle: async (request) => {
      try {
        const match = table.match(request.method, request.path);
        if (!match) {
          throw new CloudError("NOT_FOUND", `No method answers ${request.method} ${request.path}.`);
        }
        if ("known" in match.target) throw unimplemented(match.target.known);
        return await call(served, match.target.served, match, request);
      } catch (thrown) {
        return errorBody(CloudError.from(thrown), served.domain);
      }
    },
  };
}

async function call(
  served: ServedContract,
  method: MethodContract,
  match: RouteMatch<Target>,
  request: HttpRequest,
): Promise<HttpResponse> {
  if (method.streaming) throw unimplemented(method.key);
  const json = { ...queryToJson(method.input, request.query), ...readBody(method, match.body, request) };
  for (const [path, value] of match.variables) assign(method.input, json, path, path.split("."), [value]);
  const headers: Record<string, string> = {};
  const context: CallContext = {
    method,
    deadlineMs: undefined,
    signal: request.signal,
    metadata: request.headers,
    requestBytes: request.body.byteLength,
    setHeader: (name, value) => {
      headers[name] = value;
    },
  };
  const direct = await served.json?.[method.key]?.(json, context);
  if (direct) return jsonAnswer(request, headers, direct);
  const decoded = decodeJson(served, method.input, json);
  const response = (await dispatchBinaryJson(served, decoded, context)) ?? (await dispatch(served, decoded, context));
  if (method.output.typeName === HTTP_BODY) return rawAnswer(served, method, response, headers);
  const enumAsInteger = /enum-encoding=int/.test(request.query.get("$alt") ?? request.query.get("alt") ?? "");
  return jsonAnswer(request, headers, printJson(served, method, response, enumAsInteger));
}

function jsonAnswer({ query }: HttpRequest, headers: Readonly<Record<string, string>>, answer: unknown): HttpResponse {
  const indent = query.get("prettyPrint") === "false" ? undefined : 2;
  return {
    status: 200,
    headers: { ...headers, "content-type": "application/json; charset=UTF-8" },
    body: `${JSON.stringify(answer, undefined, indent)}\n`,
  };
}

/** What Google's own clients send where nothing belongs, or where nothing is to be said. */
const NOTHING: readonly string[] = ["", "{}", "null", '""'];

function readBody(method: MethodContract, selector: string | undefined, request: HttpRequest): JsonObject {
  if (selector === undefined) {
    if (!NOTHING.includes(Buffer.from(request.body).toString("utf8").trim())) {
      throw new CloudError("INVALID_ARGUMENT", `${method.key} takes no request body.`);
    }
    return {};
  }
  const rawField = method.input.fields.find((field) => field.message?.typeName === HTTP_BODY);
  if (rawField) {
    // The payload travels as it is, whatever its type.
    return {
      [rawField.jsonName]: {
        contentType: request.headers["content-type"] ?? "",
        data: Buffer.from(request.body).toString("base64"),
      },
    };
  }
  const json = parseBody(request);
  if (selector === "*") {
    if (!isObject(json)) throw notAnObject();
    return json as JsonObject;
  }
  const field = findField(method.input, selector);
  return { [field?.jsonName ?? selector]: json as JsonObject };
}

function parseBody(request: HttpRequest): unknown {
  const text = Buffer.from(request.body).toString("utf8");
  if (NOTHING.includes(text.trim())) return {};
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new CloudError(
      "INVALID_ARGUMENT",
      `Invalid JSON payload received. ${cause instanceof Error ? cause.message : String(cause)}`,
      { cause },
    );
  }
}

function notAnObject(): CloudError {
  return new CloudError("INVALID_ARGUMENT", "Invalid JSON payload received. Root element must be a message.");
}

function rawAnswer(
  served: ServedContract,
  method: MethodContract,
  response: Awaited<ReturnType<typeof dispatch>>,
  headers: Record<string, string>,
): HttpResponse {
  const body = printJson(served, method, response, false) as { readonly contentType?: string; readonly data?: string };
  return {
    status: 200,
    headers: { ...headers, "content-type": body.contentType ?? "application/octet-stream" },
    body: Buffer.from(body.data ?? "", "base64"),
  };
}
