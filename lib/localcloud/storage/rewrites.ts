import { randomBytes } from "node:crypto";
import { invalid } from "./errors.js";

/**
 * Copies that take several calls. The client repeats nothing but the token (contracts 5.6), so what it asked for first is
 * kept with it; a restart forgets them, and the client begins anew.
 */
export class Rewrites {
  readonly #sessions = new Map<string, Rewrite>();

  /** @param path what is copied to where: a token of another copy is refused. */
  begin(rewrite: Rewrite): string {
    const token = randomBytes(24).toString("base64url");
    this.#sessions.set(token, rewrite);
    const [oldest] = this.#sessions.keys();
    if (this.#sessions.size > REWRITES_MAX && oldest !== undefined) this.#sessions.delete(oldest);
    return token;
  }

  /** @throws CloudError invalid */
  find(token: string, path: string): Rewrite {
    const found = this.#sessions.get(token);
    if (!found || found.path !== path) throw invalid("Invalid rewrite token.", "rewriteToken");
    return found;
  }

  end(token: string): void {
    this.#sessions.delete(token);
  }
}

const REWRITES_MAX = 1_000;

export interface Rewrite {
  readonly path: string;
  /** Which generation of the source is copied. */
  readonly generation: string;
  readonly query: URLSearchParams;
  readonly body: { readonly [name: string]: unknown };
  /** Bytes that count as copied. */
  done: number;
}
