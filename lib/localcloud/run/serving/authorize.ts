import type { IncomingHttpHeaders } from "node:http";
import type { Identity, IdentityClaims } from "../../platform/identity.js";
import type { Policy } from "../contract/messages.js";

/** Roles with the permission run.routes.invoke (contracts 6.6). */
const INVOKER_ROLES = ["roles/run.invoker", "roles/run.admin", "roles/run.servicesInvoker"];
/** Verified tokens that are remembered: a signature costs more than all the rest of a request. */
const REMEMBERED_MAX = 1000;

export type Decision = "allowed" | "forbidden" | "unauthorized";

export interface Gate {
  /** Nobody needs a token (`invoker_iam_disabled`, or allUsers may invoke). */
  readonly open: boolean;
  readonly invokers: ReadonlySet<string>;
  /** What `aud` may be. */
  readonly audiences: ReadonlySet<string>;
}

export function gateOf(policy: Policy | undefined, invokerIamDisabled: boolean, audiences: readonly string[]): Gate {
  const invokers = new Set(
    (policy?.bindings ?? [])
      .filter(({ role }) => INVOKER_ROLES.includes(role ?? ""))
      .flatMap(({ members }) => members ?? []),
  );
  return { open: invokerIamDisabled || invokers.has("allUsers"), invokers, audiences: new Set(audiences) };
}

/** Who may call a service: a bearer of an identity token for its address whose account may invoke it. */
export class Authorizer {
  readonly #identity: Identity;
  readonly #now: () => number;
  readonly #verified = new Map<string, IdentityClaims>();

  constructor(identity: Identity, now: () => number) {
    this.#identity = identity;
    this.#now = now;
  }

  async decide(headers: IncomingHttpHeaders, gate: Gate): Promise<Decision> {
    if (gate.open) return "allowed";
    const header = headers["x-serverless-authorization"] ?? headers.authorization;
    if (header === undefined || Array.isArray(header)) return "forbidden";
    const token = /^bearer (.+)$/i.exec(header)?.[1];
    const claims = token === undefined ? undefined : await this.#verify(token);
    if (!claims || !gate.audiences.has(claims.aud)) return "unauthorized";
    const { invokers } = gate;
    const isInvoker =
      invokers.has(`serviceAccount:${claims.email}`) ||
      invokers.has(`user:${claims.email}`) ||
      invokers.has("allAuthenticatedUsers");
    return isInvoker ? "allowed" : "forbidden";
  }

  async #verify(token: string): Promise<IdentityClaims | undefined> {
    const known = this.#verified.get(token);
    if (known) return known.exp * 1000 > this.#now() ? known : undefined;
    const claims = await this.#identity.verify(token).catch(() => undefined);
    if (!claims) return undefined;
    if (this.#verified.size >= REMEMBERED_MAX) this.#verified.clear();
    this.#verified.set(token, claims);
    return claims;
  }
}

/** The container sees whose token it was, and cannot use it (cloud.google.com/run/docs/authenticating/service-to-service). */
export function withoutSignature(authorization: string): string {
  return authorization.replace(/^(bearer [\w-]+\.[\w-]+)\.[\w-]+$/i, "$1.SIGNATURE_REMOVED_BY_GOOGLE");
}
