import { CloudError } from "../platform/errors.js";
import type { Topics } from "../platform/links.js";
import type { HttpRequest, HttpResponse } from "../platform/service.js";

/** Publishing for other services of the local cloud, by the method that everybody calls. */
export function topicLink(handle: (request: HttpRequest) => Promise<HttpResponse>): Topics {
  const call = async (method: string, path: string, body: object | undefined): Promise<void> => {
    const response = await handle({
      method,
      path: `/v1/${path}`,
      query: new URLSearchParams(),
      headers: { "content-type": "application/json" },
      body: Buffer.from(body === undefined ? "" : JSON.stringify(body)),
      origin: "http://127.0.0.1",
      signal: new AbortController().signal,
    });
    if (response.status === 200) return;
    const { error } = JSON.parse(String(response.body)) as { readonly error?: { readonly message?: string } };
    const status = response.status === 404 ? "NOT_FOUND" : "INVALID_ARGUMENT";
    throw new CloudError(status, error?.message ?? `Pub/Sub answered ${response.status}.`);
  };
  return {
    check: (topic) => call("GET", topic, undefined),
    publish: (topic, { data, attributes }) =>
      call("POST", `${topic}:publish`, { messages: [{ data: Buffer.from(data).toString("base64"), attributes }] }),
  };
}
