import { type BodyRules, Discovery } from "../platform/discovery.js";
import document from "./contract/storage.v1.json";
import { GCP_INSTEAD, invalid, notSupported } from "./errors.js";

/** Google's Discovery document of Cloud Storage v1 (PyPI google-api-python-client, descriptions left out). */
export const discovery = new Discovery(document);

/** What is known and not honoured; refused by name wherever it says anything. */
export const REFUSED: ReadonlySet<string> = new Set([
  "Bucket.encryption.defaultKmsKeyName",
  "Bucket.hierarchicalNamespace.enabled",
  "Bucket.ipFilter",
  "Object.kmsKeyName",
  "Object.contexts",
]);

export const bodyRules: BodyRules = {
  refused: REFUSED,
  invalid: (message) => invalid(message),
  refuse: (path) => notSupported(`Field '${path}'`, GCP_INSTEAD),
};

/** The document as this server answers it: the addresses are those by which the caller reached us. */
export function discoveryDocument(origin: string): string {
  return JSON.stringify({ ...document, rootUrl: `${origin}/`, baseUrl: `${origin}/storage/v1/` });
}
