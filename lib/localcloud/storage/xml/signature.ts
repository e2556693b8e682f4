import { CloudError } from "../../platform/errors.js";
import { forbidden, invalid } from "../errors.js";
import { SIGNED_URL_SECONDS_MAX } from "../limits.js";

/**
 * Signed URLs (docs.cloud.google.com/storage/docs/access-control/signed-urls). Whoever signs has a key of a service
 * account of Google's, whose public half this cloud cannot know: form and times are checked, the signature is taken for
 * good.
 */

export function isSigned(query: URLSearchParams): boolean {
  return query.has("X-Goog-Signature") || (query.has("Signature") && query.has("GoogleAccessId"));
}

/** @throws CloudError invalid, forbidden */
export function checkSignature(query: URLSearchParams, now: number): void {
  if (query.has("X-Goog-Signature")) checkV4(query, now);
  else checkV2(query, now);
}

function checkV2(query: URLSearchParams, now: number): void {
  const expires = query.get("Expires") ?? "";
  if (!/^\d+$/.test(expires))
    throw invalid("The Expires parameter of a signed URL is in seconds since 1970.", "Expires");
  if (Number(expires) * 1000 < now) throw expired();
}

function checkV4(query: URLSearchParams, now: number): void {
  const algorithm = query.get("X-Goog-Algorithm") ?? "";
  if (!["GOOG4-RSA-SHA256", "GOOG4-HMAC-SHA256"].includes(algorithm)) {
    throw invalid(`Invalid algorithm: '${algorithm}'`, "X-Goog-Algorithm");
  }
  if (!/^[^/]+(?:\/[^/]+)*\/\d{8}\/[^/]+\/storage\/goog4_request$/.test(query.get("X-Goog-Credential") ?? "")) {
    throw invalid("Invalid credential scope.", "X-Goog-Credential");
  }
  if (!/^[0-9a-f]+$/i.test(query.get("X-Goog-Signature") ?? "")) {
    throw new CloudError(
      "PERMISSION_DENIED",
      "The request signature we calculated does not match the signature you provided.",
      {
        reason: "forbidden",
      },
    );
  }
  const parts = /^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/.exec(query.get("X-Goog-Date") ?? "");
  if (!parts) throw invalid("Invalid date: it is written YYYYMMDDTHHMMSSZ.", "X-Goog-Date");
  const [, year, month, day, hour, minute, second] = parts.map(Number) as [
    number,
    number,
    number,
    number,
    number,
    number,
    number,
  ];
  const signed = Date.UTC(year, month - 1, day, hour, minute, second);
  const seconds = Number(query.get("X-Goog-Expires"));
  if (!Number.isInteger(seconds) || seconds < 1 || seconds > SIGNED_URL_SECONDS_MAX) {
    throw invalid(`X-Goog-Expires must be between 1 and ${SIGNED_URL_SECONDS_MAX} seconds.`, "X-Goog-Expires");
  }
  // Clocks differ a little; the service allows fifteen minutes.
  if (signed > now + CLOCK_SKEW_MS) throw forbidden("Request is not valid yet.");
  if (signed + seconds * 1000 < now) throw expired();
}

const CLOCK_SKEW_MS = 15 * 60 * 1000;

function expired(): CloudError {
  return new CloudError("INVALID_ARGUMENT", "The provided token has expired.", { reason: "expired" });
}
