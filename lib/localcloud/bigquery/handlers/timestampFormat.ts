import type { Call } from "../context.js";
import { invalid } from "../errors.js";
import { flagOf } from "../listing.js";

/** `formatOptions`. @throws CloudError for a form of timestamps that we do not write. */
export function wantsInt64Timestamps(call: Call): boolean {
  const body = call.body.formatOptions as
    | { readonly useInt64Timestamp?: boolean; readonly timestampOutputFormat?: string }
    | null
    | undefined;
  const format = body?.timestampOutputFormat ?? call.query.get("formatOptions.timestampOutputFormat");
  if (format === "INT64") return true;
  if (format && format !== "FLOAT64" && format !== "TIMESTAMP_OUTPUT_FORMAT_UNSPECIFIED") {
    throw invalid(
      `formatOptions.timestampOutputFormat ${format} is not supported by the local BigQuery; use FLOAT64 or INT64.`,
    );
  }
  return body?.useInt64Timestamp === true || flagOf(call, "formatOptions.useInt64Timestamp");
}
