import type { HttpRequest, HttpResponse } from "../../platform/service.js";
import type { Call, StorageState } from "../call.js";
import { invalid, required } from "../errors.js";
import type { ObjectRecord } from "../records.js";
import { etagOf } from "../resources.js";
import { boundaryOf, MultipartReader, readAll } from "../transfer/multipart.js";
import { announce, finish } from "../transfer/newObject.js";
import { bytesOf } from "../transfer/uploads.js";
import { escapeXml } from "./errors.js";
import { checkPolicy, dispositionOf, type FormFields, withinRange } from "./postPolicy.js";

const FIELD_BYTES_MAX = 1024 * 1024;

/** Is it what a browser sends for a form with a file? */
export function isForm({ method, headers }: HttpRequest): boolean {
  return method === "POST" && /^multipart\/form-data/i.test(headers["content-type"] ?? "");
}

/**
 * A POST of an HTML form with its policy (docs.cloud.google.com/storage/docs/xml-api/post-object-forms): fields first,
 * then the file, which passes through.
 * @param addressed the bucket of the address; "" where the policy alone names it, as the Node client's do on an endpoint.
 */
export async function uploadForm(
  request: HttpRequest,
  addressed: string,
  put: (headers: HttpRequest["headers"], bucket: string, name: string) => Call,
  state: StorageState,
): Promise<HttpResponse> {
  const reader = new MultipartReader(bytesOf(request), boundaryOf(request.headers["content-type"]));
  const fields = new Map<string, string>();
  const tooLong = () => invalid("A field of the form is too long.");
  for (let part = await reader.next(); part; part = await reader.next()) {
    const { name, filename } = dispositionOf(part.headers["content-disposition"]);
    if (name !== "file") {
      fields.set(name, (await readAll(part.body, FIELD_BYTES_MAX, tooLong)).toString("utf8"));
      continue;
    }
    const policy = checkPolicy(fields, addressed, state.clock.now());
    const bucket = addressed === "" ? policy.bucket : addressed;
    if (!bucket) throw required("bucket");
    const key = fields.get("key")?.replaceAll("$" + "{filename}", filename);
    if (!key) throw required("key");
    const type = fields.get("content-type") ?? part.headers["content-type"];
    const call = put(headersOf(fields), bucket, key);
    call.query.set("contentEncoding", fields.get("content-encoding") ?? "");
    const announced = announce(call, state, type);
    const blob = await state.blobs.write(withinRange(part.body, policy));
    return answer(request, fields, await finish(state, announced, blob));
  }
  throw required("file");
}

/** The form's fields as a PUT's headers: `acl` alone has another name there. */
function headersOf(fields: FormFields): Readonly<Record<string, string>> {
  const acl = fields.get("acl");
  return { ...Object.fromEntries(fields), ...(acl === undefined ? {} : { "x-goog-acl": acl }) };
}

function answer({ origin }: HttpRequest, fields: FormFields, record: ObjectRecord): HttpResponse {
  const { bucket, name } = record;
  const etag = `"${etagOf(record)}"`;
  const redirect = fields.get("success_action_redirect");
  if (redirect && URL.canParse(redirect)) {
    const location = new URL(redirect);
    for (const [key, value] of Object.entries({ bucket, key: name, etag })) location.searchParams.set(key, value);
    return { status: 303, headers: { location: String(location) }, body: "" };
  }
  const location = `${origin}/${bucket}/${encodeURIComponent(name)}`;
  const headers = { etag, location, "x-goog-generation": record.generation };
  switch (fields.get("success_action_status")) {
    case "200":
      return { status: 200, headers, body: "" };
    case "201":
      return {
        status: 201,
        headers: { ...headers, "content-type": "application/xml; charset=UTF-8" },
        body: `<?xml version='1.0' encoding='UTF-8'?><PostResponse><Location>${escapeXml(location)}</Location><Bucket>${bucket}</Bucket><Key>${escapeXml(name)}</Key><ETag>${etag}</ETag></PostResponse>`,
      };
    default:
      return { status: 204, headers };
  }
}
