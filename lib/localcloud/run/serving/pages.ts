/** What Cloud Run's front end answers itself: HTML or plain text, never the JSON of the Admin API (contracts 6.6). */

export interface FrontAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  /** For the log, in Cloud Run's words. */
  readonly severity: "WARNING" | "ERROR";
  readonly log: string;
}

const HTML = "text/html; charset=UTF-8";
const TEXT = "text/plain; charset=utf-8";

const escaped = (path: string): string =>
  path.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;").replaceAll('"', "&quot;");

function page(status: string, heading: string, sentence: string): string {
  return `
<html><head>
<meta http-equiv="content-type" content="text/html;charset=utf-8">
<title>${status}</title>
</head>
<body text=#000000 bgcolor=#ffffff>
<h1>Error: ${heading}</h1>
<h2>${sentence}</h2>
<h2></h2>
</body></html>
`;
}

export function forbidden(path: string): FrontAnswer {
  return {
    status: 403,
    headers: { "content-type": HTML },
    body: page(
      "403 Forbidden",
      "Forbidden",
      `Your client does not have permission to get URL <code>${escaped(path)}</code> from this server.`,
    ),
    severity: "WARNING",
    log: "The request was not authenticated. Either allow unauthenticated invocations or set the proper Authorization header. Read more at https://cloud.google.com/run/docs/securing/authenticating",
  };
}

export function unauthorized(path: string): FrontAnswer {
  return {
    status: 401,
    headers: {
      "content-type": HTML,
      "www-authenticate": 'Bearer error="invalid_token" error_description="The access token could not be verified"',
    },
    body: page(
      "401 Unauthorized",
      "Unauthorized",
      `Your client does not have permission to the requested URL <code>${escaped(path)}</code>.`,
    ),
    severity: "WARNING",
    log: "The request was not authorized to invoke this service. The access token could not be verified.",
  };
}

export function notFoundPage(path: string): FrontAnswer {
  return {
    status: 404,
    headers: { "content-type": HTML },
    body: `<!DOCTYPE html>
<html lang=en>
  <meta charset=utf-8>
  <title>Error 404 (Not Found)!!1</title>
  <p><b>404.</b> <ins>That’s an error.</ins>
  <p>The requested URL <code>${escaped(path)}</code> was not found on this server.  <ins>That’s all we know.</ins>
`,
    severity: "WARNING",
    log: "The requested URL was not found on this server.",
  };
}

const NO_INSTANCE = "The request was aborted because there was no available instance.";

const text = (status: number, body: string, severity: FrontAnswer["severity"], log: string): FrontAnswer => ({
  status,
  headers: { "content-type": TEXT },
  body,
  severity,
  log,
});

export const rateExceeded = text(429, "Rate exceeded.", "WARNING", NO_INSTANCE);

export const noInstance = text(
  500,
  "Internal Server Error",
  "ERROR",
  `${NO_INSTANCE} Additional troubleshooting documentation can be found at: https://cloud.google.com/run/docs/troubleshooting#abort-request`,
);

export const instanceFailed = text(
  503,
  "Service Unavailable",
  "ERROR",
  "The request failed because either the HTTP response was malformed or connection to the instance had an error.",
);

export const notServing = text(503, "Service Unavailable", "ERROR", "No revision of the service is ready to serve.");

export const timedOut = text(
  504,
  "upstream request timeout",
  "ERROR",
  "The request has been terminated because it has reached the maximum request timeout.",
);

export const tooLarge = text(
  413,
  "Request Entity Too Large",
  "WARNING",
  "The request has been terminated because it was larger than 32 MiB.",
);

export const methodNotAllowed = text(405, "Method Not Allowed", "WARNING", "The method never reaches a container.");
