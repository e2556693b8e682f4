import type { Connections } from "./connections.js";
import { ActivateError } from "./errors.js";
import { reach } from "./googleRest.js";
import { AccessManagement, type AccountName } from "./iam.js";
import type { Json } from "./value.js";

/** Tokens are good for an hour; used for fifty minutes. */
const TOKEN_MS = 50 * 60_000;

/** Canonical status words of the answers of Cloud Run's front end and of our programs. */
const STATUS_OF: Readonly<Record<number, string>> = {
  401: "UNAUTHENTICATED",
  403: "PERMISSION_DENIED",
  404: "NOT_FOUND",
  429: "RESOURCE_EXHAUSTED",
  500: "INTERNAL",
  502: "UNAVAILABLE",
  503: "UNAVAILABLE",
  504: "DEADLINE_EXCEEDED",
};

/** Calls a private Cloud Run service from inside a container, as the account that the container runs as. */
export class ServiceCaller {
  readonly #connections: Connections;
  readonly #account: AccountName;
  #token: { readonly text: Promise<string>; readonly untilMs: number } | undefined;

  /** @param account whose container this is: the local cloud has no metadata server that would tell. */
  constructor(connections: Connections, account: AccountName) {
    this.#connections = connections;
    this.#account = account;
  }

  /**
   * One POST of JSON, not repeated.
   * @throws ActivateError with the status and the beginning of the service's answer.
   */
  async post(url: string, body: object, timeoutMs: number): Promise<Json> {
    const response = await reach(
      fetch(url, {
        method: "POST",
        headers: { "content-type": "application/json", authorization: `Bearer ${await this.#tokenFor(url)}` },
        body: JSON.stringify(body),
        signal: AbortSignal.timeout(Math.max(1, Math.ceil(timeoutMs))),
      }),
    );
    const text = await response.text();
    if (response.ok) return JSON.parse(text) as Json;
    const status = STATUS_OF[response.status] ?? "INVALID_ARGUMENT";
    throw new ActivateError("REFUSED", `Call ${url}: HTTP ${response.status}: ${text.slice(0, 500)}`, status);
  }

  #tokenFor(url: string): Promise<string> {
    const now = performance.now();
    if (this.#token && now < this.#token.untilMs) return this.#token.text;
    const text = this.#issue(new URL(url).origin);
    this.#token = { text, untilMs: now + TOKEN_MS };
    text.catch(() => {
      this.#token = undefined;
    });
    return text;
  }

  async #issue(audience: string): Promise<string> {
    if (this.#connections.address.credentials === "none") {
      const access = new AccessManagement(this.#connections);
      return access.identityToken(access.address(this.#account), audience);
    }
    const { GoogleAuth } = await import("google-auth-library");
    const client = await new GoogleAuth().getIdTokenClient(audience);
    return client.idTokenProvider.fetchIdToken(audience);
  }
}
