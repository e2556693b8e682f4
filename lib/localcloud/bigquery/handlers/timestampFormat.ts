import type { Call } from "../context.js";
import { invalid } from "../errors.js";
import { flagOf } from "../listing.js";
import type { TimestampFormat } from "../timestampFormats.js";

const FORMATS: readonly TimestampFormat[] = ["FLOAT64", "INT64", "ISO8601_STRING"];

/**
 * `formatOptions`: in the body of a query, in the address of whatever reads rows.
 * @throws CloudError invalid for an unknown form, and for two forms at once.
 */
export function timestampFormat(call: Call): TimestampFormat {
  const body = call.body.formatOptions as
    | { readonly useInt64Timestamp?: boolean; readonly timestampOutputFormat?: string }
    | null
    | undefined;
  const named = body?.timestampOutputFormat ?? call.query.get("formatOptions.timestampOutputFormat");
  const int64 = body?.useInt64Timestamp === true || flagOf(call, "formatOptions.useInt64Timestamp");
  if (!named || named === "TIMESTAMP_OUTPUT_FORMAT_UNSPECIFIED") return int64 ? "INT64" : "FLOAT64";
  const format = FORMATS.find((known) => known === named);
  if (!format) throw invalid(`Invalid value for formatOptions.timestampOutputFormat: "${named}" is none of ${FORMATS}`);
  if (int64)
    throw invalid("formatOptions.useInt64Timestamp and formatOptions.timestampOutputFormat exclude each other.");
  return format;
}
