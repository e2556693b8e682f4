import { CloudError } from "../../platform/errors.js";
import { forbidden, invalid } from "../errors.js";

/**
 * Policy documents of HTML forms (docs.cloud.google.com/storage/docs/xml-api/post-object-forms and
 * …/authentication/signatures#policy-document): what a form may bring, of either version of signatures. As with signed
 * URLs the signature itself is taken for good.
 */

/** Fields of a form, names in lower case. */
export type FormFields = ReadonlyMap<string, string>;

export interface PostPolicy {
  /** The bucket that the policy names, for a form that is sent to no bucket's address. */
  readonly bucket: string | undefined;
  readonly lengthMin: number;
  readonly lengthMax: number;
}

type Condition = Readonly<Record<string, unknown>> | readonly unknown[];

/** Fields that need no condition: `bucket` stands in the address, `file` has its length. */
const UNCONDITIONED = /^(?:policy|signature|x-goog-signature|googleaccessid|file|bucket|x-ignore-.*)$/;

/** @throws CloudError forbidden without a policy, InvalidPolicyDocument when it is broken, over or not kept. */
export function checkPolicy(fields: FormFields, bucket: string, now: number): PostPolicy {
  const encoded = fields.get("policy");
  const signature = fields.get("x-goog-signature") ?? fields.get("signature");
  if (encoded === undefined || !signature) {
    throw forbidden(
      "Anonymous caller does not have storage.objects.create access: the form has no policy and signature.",
    );
  }
  const { expiration, conditions } = parse(encoded);
  if (!(Date.parse(expiration) > now)) throw unmet("Policy expired.");
  const named = bucketOf(conditions);
  const values = new Map(fields).set("bucket", bucket === "" ? (named ?? "") : bucket);
  const seen = new Set<string>();
  const policy = { bucket: named, lengthMin: 0, lengthMax: Number.POSITIVE_INFINITY };
  for (const condition of conditions) {
    if (Array.isArray(condition) && String(condition[0]).toLowerCase() === "content-length-range") {
      policy.lengthMin = Number(condition[1]);
      policy.lengthMax = Number(condition[2]);
    } else {
      for (const [kind, field, value] of tests(condition)) {
        seen.add(field);
        const sent = values.get(field) ?? "";
        if (kind === "eq" ? sent !== value : !sent.startsWith(value)) {
          throw unmet(`Failed condition: ${JSON.stringify(condition)}`);
        }
      }
    }
  }
  for (const field of fields.keys()) {
    if (!UNCONDITIONED.test(field) && !seen.has(field)) throw unmet(`Extra input field: ${field}`);
  }
  return policy;
}

function parse(encoded: string): { readonly expiration: string; readonly conditions: readonly Condition[] } {
  let policy: { readonly expiration?: unknown; readonly conditions?: unknown };
  try {
    policy = JSON.parse(Buffer.from(encoded, "base64").toString("utf8")) as object;
  } catch {
    throw unmet("The policy is no JSON in base64.");
  }
  const { expiration, conditions } = policy;
  if (typeof expiration !== "string" || !Array.isArray(conditions)) {
    throw unmet("A policy has an expiration and a list of conditions.");
  }
  return { expiration, conditions: conditions as readonly Condition[] };
}

/** `{field: value}`, or `["eq" | "starts-with", "$field", value]`. */
function tests(condition: Condition): readonly (readonly [kind: string, field: string, value: string])[] {
  if (!Array.isArray(condition)) {
    return Object.entries(condition).map(([field, value]) => ["eq", field.toLowerCase(), String(value)]);
  }
  const [kind, field, value] = condition.map(String);
  if (!["eq", "starts-with"].includes(kind?.toLowerCase() ?? "") || !field?.startsWith("$") || value === undefined) {
    throw unmet(`Unknown condition: ${JSON.stringify(condition)}`);
  }
  return [[kind?.toLowerCase() ?? "", field.slice(1).toLowerCase(), value]];
}

function bucketOf(conditions: readonly Condition[]): string | undefined {
  for (const condition of conditions) {
    if (Array.isArray(condition) && String(condition[0]).toLowerCase() === "content-length-range") continue;
    for (const [kind, field, value] of tests(condition)) if (kind === "eq" && field === "bucket") return value;
  }
  return undefined;
}

function unmet(detail: string): CloudError {
  return new CloudError(
    "INVALID_ARGUMENT",
    `The content of the form does not meet the conditions specified in the policy document. ${detail}`,
    { reason: "invalidPolicyDocument" },
  );
}

/** Passes the file's bytes on and holds them to the policy's `content-length-range`. @throws CloudError */
export async function* withinRange(
  source: AsyncIterable<Uint8Array>,
  { lengthMin, lengthMax }: PostPolicy,
): AsyncIterable<Uint8Array> {
  let bytes = 0;
  const refuse = (reason: string, word: string): CloudError =>
    new CloudError("INVALID_ARGUMENT", `Your proposed upload is ${word} than the policy allows.`, { reason });
  for await (const part of source) {
    bytes += part.length;
    if (bytes > lengthMax) throw refuse("entityTooLarge", "larger");
    yield part;
  }
  if (bytes < lengthMin) throw refuse("entityTooSmall", "smaller");
}

/** Name and file name of a form's part. @throws CloudError invalid */
export function dispositionOf(header: string | undefined): { readonly name: string; readonly filename: string } {
  const name = /[;\s]name="([^"]*)"/i.exec(header ?? "")?.[1];
  if (!name) throw invalid("Every part of a form needs a name in its Content-Disposition.");
  return { name: name.toLowerCase(), filename: /[;\s]filename="([^"]*)"/i.exec(header ?? "")?.[1] ?? "" };
}
