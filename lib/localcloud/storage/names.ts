import { invalid } from "./errors.js";
import { CUSTOM_METADATA_BYTES_MAX, OBJECT_NAME_BYTES_MAX } from "./limits.js";

/** docs.cloud.google.com/storage/docs/buckets#naming and objects#naming. @throws CloudError invalid */
export function checkBucketName(name: string): void {
  if (!isBucketName(name)) throw invalid(`Invalid bucket name: '${name}'`);
}

export function isBucketName(name: string): boolean {
  if (!/^[a-z0-9][a-z0-9._-]*[a-z0-9]$/.test(name)) return false;
  const dotted = name.includes(".");
  if (name.length < 3 || name.length > (dotted ? 222 : 63)) return false;
  if (name.split(".").some((part) => part === "" || part.length > 63 || /^-|-$/.test(part))) return false;
  return !/^\d+\.\d+\.\d+\.\d+$/.test(name) && !name.startsWith("goog") && !/google|g00gle/.test(name);
}

/** @throws CloudError invalid */
export function checkObjectName(name: string): void {
  const problem =
    name === ""
      ? "it is empty"
      : Buffer.byteLength(name) > OBJECT_NAME_BYTES_MAX
        ? `it is longer than ${OBJECT_NAME_BYTES_MAX} bytes`
        : /[\r\n]/.test(name)
          ? "it holds a line break"
          : name === "." || name === ".."
            ? `it must not be "${name}"`
            : name.startsWith(".well-known/acme-challenge/")
              ? 'it must not start with ".well-known/acme-challenge/"'
              : undefined;
  if (problem) throw invalid(`Invalid object name: '${name.slice(0, 100)}': ${problem}.`);
}

/** @throws CloudError invalid */
export function checkCustomMetadata(metadata: Readonly<Record<string, string>>): void {
  let bytes = 0;
  for (const [key, value] of Object.entries(metadata)) bytes += Buffer.byteLength(key) + Buffer.byteLength(value);
  if (bytes > CUSTOM_METADATA_BYTES_MAX) {
    throw invalid(
      `The combined size of all user-defined metadata (${bytes} bytes) exceeds the maximum allowed size (${CUSTOM_METADATA_BYTES_MAX} bytes).`,
    );
  }
}
