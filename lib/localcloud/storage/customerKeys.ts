import { createHash } from "node:crypto";
import { CloudError } from "../platform/errors.js";
import type { ObjectRecord } from "./records.js";

/**
 * Customer-supplied encryption keys (docs.cloud.google.com/storage/docs/encryption/customer-supplied-keys). The local
 * cloud asks for the key wherever the real service does; the bytes on this machine's disk are not encrypted with it.
 */

function wrong(message: string, reason: string): CloudError {
  return new CloudError("INVALID_ARGUMENT", message, { reason });
}

/**
 * SHA-256 of the key that a request carries, base64; undefined when it carries none.
 * @param source of a copy's source object instead.
 */
export function keyOf(headers: Readonly<Record<string, string>>, source = false): string | undefined {
  const prefix = source ? "x-goog-copy-source-encryption" : "x-goog-encryption";
  const [algorithm, key, sha] = [
    headers[`${prefix}-algorithm`],
    headers[`${prefix}-key`],
    headers[`${prefix}-key-sha256`],
  ];
  if (algorithm === undefined && key === undefined && sha === undefined) return undefined;
  if (algorithm !== "AES256") {
    throw wrong(
      `The encryption algorithm '${algorithm ?? ""}' is not valid: it must be AES256.`,
      "customerEncryptionAlgorithmIsInvalid",
    );
  }
  const bytes = Buffer.from(key ?? "", "base64");
  if (bytes.length !== 32) {
    throw wrong(
      "Missing an encryption key, or it is not base64 encoded, or it does not meet the required length of the encryption algorithm.",
      "customerEncryptionKeyFormatIsInvalid",
    );
  }
  const actual = createHash("sha256").update(bytes).digest("base64");
  if (sha !== actual) {
    throw wrong(
      "Missing a SHA256 hash of the encryption key, or it is not base64 encoded, or it does not match the encryption key.",
      "customerEncryptionKeySha256IsInvalid",
    );
  }
  return actual;
}

/** @throws CloudError when the object's bytes cannot be read with what the request carries. */
export function checkKey(record: ObjectRecord, key: string | undefined): void {
  if (record.keySha256 === key) return;
  if (key === undefined) {
    throw wrong(
      "The target object is encrypted by a customer-supplied encryption key.",
      "resourceIsEncryptedWithCustomerEncryptionKey",
    );
  }
  if (record.keySha256 === undefined) {
    throw wrong(
      "The target object is not encrypted by a customer-supplied encryption key.",
      "resourceNotEncryptedWithCustomerEncryptionKey",
    );
  }
  throw wrong("The provided encryption key is incorrect.", "customerEncryptionKeyIsIncorrect");
}
