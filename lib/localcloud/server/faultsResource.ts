import { CloudError } from "../platform/errors.js";
import type { Faults } from "../platform/faults.js";
import type { HttpRequest, HttpResponse, Service } from "../platform/service.js";
import { errorBody } from "../platform/transport/errorBody.js";

const PATH = "/_activate/faults";

/** The planned faults as a REST resource of the local cloud itself; Google has none such, hence the path of our own. */
export function faultsResource(faults: Faults): Pick<Service, "owns" | "handle"> {
  return {
    owns: ({ path }) => path === PATH || path.startsWith(`${PATH}/`),
    handle: async (request) => {
      try {
        return answer(faults, request);
      } catch (thrown) {
        return errorBody(CloudError.from(thrown));
      }
    },
  };
}

function answer(faults: Faults, { method, path, body }: HttpRequest): HttpResponse {
  const id = path === PATH ? undefined : decodeURIComponent(path.slice(PATH.length + 1));
  if (method === "GET") return json(id === undefined ? { faults: faults.list() } : faults.get(id));
  if (method === "POST" && id === undefined) return json(faults.plan(parse(body)));
  if (method === "DELETE") {
    if (id === undefined) faults.clear();
    else faults.remove(id);
    return json({});
  }
  throw new CloudError("NOT_FOUND", `${PATH} takes GET, POST and DELETE, ${PATH}/ID takes GET and DELETE.`);
}

function parse(body: Uint8Array): unknown {
  try {
    return JSON.parse(Buffer.from(body).toString("utf8"));
  } catch (cause) {
    throw new CloudError("INVALID_ARGUMENT", "A fault is planned by a JSON object.", { cause });
  }
}

function json(value: object): HttpResponse {
  return {
    status: 200,
    headers: { "content-type": "application/json; charset=UTF-8" },
    body: `${JSON.stringify(value, undefined, 2)}\n`,
  };
}
