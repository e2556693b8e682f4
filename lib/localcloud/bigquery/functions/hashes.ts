import { createHash } from "node:crypto";
import { kindOf, sqlOf } from "./arithmetic.js";
import type { Family, ScalarWriter } from "./call.js";
import { farmFingerprint } from "./farmFingerprint.js";

/** Hash functions over STRING (its UTF-8 bytes) and BYTES. */

const overBytes =
  (write: (sql: string) => string): ScalarWriter =>
  (call) =>
    write(kindOf(call, 0) === "STRING" ? `encode(${sqlOf(call, 0)})` : sqlOf(call, 0));

const digest = (algorithm: string) => (bytes: Uint8Array) => createHash(algorithm).update(bytes).digest();

export const hashes: Family = {
  scalars: {
    md5: overBytes((bytes) => `unhex(md5(${bytes}))`),
    sha1: overBytes((bytes) => `unhex(sha1(${bytes}))`),
    sha256: overBytes((bytes) => `unhex(sha256(${bytes}))`),
    sha512: overBytes((bytes) => `bq_sha512(${bytes})`),
    farm_fingerprint: overBytes((bytes) => `bq_farm_fingerprint(${bytes})`),
  },
  javascript: [
    { name: "bq_sha512", parameters: ["bytes"], returns: "bytes", call: digest("sha512") },
    { name: "bq_farm_fingerprint", parameters: ["bytes"], returns: "bigint", call: farmFingerprint },
  ],
};
