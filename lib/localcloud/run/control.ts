/** What no API of Google's shows, for lessons and tests: the instances of a service, its lines, scaling down at once. */

import { CloudError } from "../platform/errors.js";
import type { HttpRequest, HttpResponse } from "../platform/service.js";
import { errorBody } from "../platform/transport/errorBody.js";
import type { ServiceReference } from "./names.js";
import type { Run } from "./run.js";
import { requestLogName } from "./serving/fleet.js";
import { logName } from "./serving/instance.js";

const PATH = /^\/_activate\/run\/([^/]+)\/([^/]+)(?:\/(logs|idle))?$/;
const LINES_DEFAULT = 200;

export const isControl = (request: HttpRequest): boolean => PATH.test(request.path);

/**
 * `GET /_activate/run/LOCATION/SERVICE`: `{revisions: {ID: {instances, active, waiting}}}`.
 * `GET …/logs?lines=N`: `{lines: [{timeMs, stream, text, instanceId, revision}]}`, oldest first; the request log is the revision "".
 * `POST …/idle`: idle instances end now, as if they had been idle for long.
 */
export async function handleControl(run: Run, request: HttpRequest): Promise<HttpResponse> {
  try {
    const [, location = "", service = "", action] = PATH.exec(request.path) ?? [];
    const reference = { location, service };
    run.store.service(reference);
    if (action === "logs" && request.method === "GET") return json({ lines: await lines(run, reference, request) });
    if (action === "idle" && request.method === "POST") run.fleet.endIdle(reference);
    else if (action !== undefined || request.method !== "GET") {
      throw new CloudError("INVALID_ARGUMENT", `${request.method} ${request.path} is not served.`);
    }
    return json({ revisions: run.fleet.instances(reference) });
  } catch (thrown) {
    return errorBody(CloudError.from(thrown));
  }
}

async function lines({ containers, store }: Run, reference: ServiceReference, request: HttpRequest): Promise<object[]> {
  const count = Number(request.query.get("lines") ?? LINES_DEFAULT);
  if (!Number.isInteger(count) || count < 1) {
    throw new CloudError("INVALID_ARGUMENT", `lines must be a whole number of at least 1; it is ${count}.`);
  }
  const logs = [
    { revision: "", name: requestLogName(reference) },
    ...store.revisions(reference).map(({ revision }) => ({ revision, name: logName({ ...reference, revision }) })),
  ];
  const read = await Promise.all(
    logs.map(async ({ revision, name }) =>
      (await containers.log(name).tail(count)).map((line) => ({ ...line, revision })),
    ),
  );
  return read
    .flat()
    .sort((a, b) => a.timeMs - b.timeMs)
    .slice(-count);
}

function json(value: object): HttpResponse {
  return {
    status: 200,
    headers: { "content-type": "application/json; charset=UTF-8" },
    body: `${JSON.stringify(value)}\n`,
  };
}
