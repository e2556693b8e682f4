/**
 * OIDC tokens of service accounts as Google issues them (docs.cloud.google.com/pubsub/docs/authenticate-push-subscriptions,
 * docs.cloud.google.com/run/docs/authenticating/service-to-service), signed by a key that this cloud has made for itself.
 */

import {
  createHash,
  createPrivateKey,
  createPublicKey,
  createSign,
  createVerify,
  generateKeyPair,
  type KeyObject,
} from "node:crypto";
import { promisify } from "node:util";
import type { Clock } from "./clock.js";
import { CloudError } from "./errors.js";
import { Mutex } from "./mutex.js";
import type { DocumentStore } from "./store.js";

/** Claims of a token, as its receiver finds them. */
export interface IdentityClaims {
  readonly iss: string;
  readonly aud: string;
  /** The service account's address. */
  readonly email: string;
  readonly email_verified: boolean;
  /** The service account's numeric id; `azp` is the same. */
  readonly sub: string;
  readonly azp: string;
  /** Seconds since 1970. */
  readonly iat: number;
  readonly exp: number;
}

/** Where the token's receiver finds the public key (RFC 7517), here as at www.googleapis.com. */
export const CERTIFICATES_PATH = "/oauth2/v3/certs";

const ISSUER = "https://accounts.google.com";
const TOKEN_SECONDS = 3600;
/** A token is given out again while at least this much of its life is left. */
const REUSE_SECONDS_MIN = 600;
const CACHED_TOKENS_MAX = 1000;
const COLLECTION = "platform/identity";

interface Key {
  readonly id: string;
  readonly privateKey: KeyObject;
  readonly publicKey: KeyObject;
}

/** Issues and verifies identity tokens. The key is made at the first use and kept with the state. */
export class Identity {
  readonly #store: DocumentStore;
  readonly #clock: Clock;
  readonly #mutex = new Mutex();
  readonly #issued = new Map<string, { readonly token: string; readonly exp: number }>();
  #key: Key | undefined;

  constructor(store: DocumentStore, clock: Clock) {
    this.#store = store;
    this.#clock = clock;
  }

  /** An RS256 JWT for an audience in the name of a service account; good for an hour, the same one while it lasts. */
  async issue({ audience, email }: { readonly audience: string; readonly email: string }): Promise<string> {
    const iat = Math.floor(this.#clock.now() / 1000);
    const cacheKey = `${email} ${audience}`;
    const cached = this.#issued.get(cacheKey);
    if (cached && cached.exp - iat >= REUSE_SECONDS_MIN) return cached.token;
    const key = await this.#getKey();
    const sub = accountId(email);
    const exp = iat + TOKEN_SECONDS;
    const claims: IdentityClaims = {
      iss: ISSUER,
      aud: audience,
      azp: sub,
      sub,
      email,
      email_verified: true,
      iat,
      exp,
    };
    const signed = `${encode({ alg: "RS256", kid: key.id, typ: "JWT" })}.${encode(claims)}`;
    const token = `${signed}.${createSign("RSA-SHA256").update(signed).sign(key.privateKey, "base64url")}`;
    if (this.#issued.size >= CACHED_TOKENS_MAX) this.#issued.clear();
    this.#issued.set(cacheKey, { token, exp });
    return token;
  }

  /**
   * The claims of a token that this cloud has issued and that is still good.
   * @throws CloudError UNAUTHENTICATED that says what is wrong with it.
   */
  async verify(token: string): Promise<IdentityClaims> {
    const [header = "", payload = "", signature = "", ...rest] = token.split(".");
    const key = await this.#getKey();
    const isSigned =
      rest.length === 0 &&
      createVerify("RSA-SHA256").update(`${header}.${payload}`).verify(key.publicKey, signature, "base64url");
    if (!isSigned) throw unauthenticated("The identity token was not issued by this local cloud.");
    const claims = JSON.parse(Buffer.from(payload, "base64url").toString("utf8")) as IdentityClaims;
    if (claims.exp * 1000 <= this.#clock.now()) throw unauthenticated("The identity token has expired.");
    return claims;
  }

  /** The public key as a JSON Web Key Set. */
  async keySet(): Promise<object> {
    const key = await this.#getKey();
    return { keys: [{ ...key.publicKey.export({ format: "jwk" }), kid: key.id, alg: "RS256", use: "sig" }] };
  }

  #getKey(): Promise<Key> {
    return this.#mutex.run(async () => {
      this.#key ??= await this.#openKey();
      return this.#key;
    });
  }

  async #openKey(): Promise<Key> {
    const kept = this.#store.get<{ readonly pem: string }>(COLLECTION, "key");
    if (kept) return describeKey(createPrivateKey(kept.pem));
    const { privateKey } = await promisify(generateKeyPair)("rsa", { modulusLength: 2048 });
    const pem = privateKey.export({ type: "pkcs8", format: "pem" });
    await this.#store.write([{ collection: COLLECTION, key: "key", value: { pem } }]);
    return describeKey(privateKey);
  }
}

function describeKey(privateKey: KeyObject): Key {
  const publicKey = createPublicKey(privateKey);
  const id = createHash("sha256")
    .update(publicKey.export({ type: "spki", format: "der" }))
    .digest("hex")
    .slice(0, 40);
  return { id, privateKey, publicKey };
}

function encode(value: unknown): string {
  return Buffer.from(JSON.stringify(value)).toString("base64url");
}

/** Google numbers its service accounts by 21 digits; ours come from the address. */
export function accountId(email: string): string {
  const digest = createHash("sha256").update(email).digest();
  return `1${String(digest.readBigUInt64BE(0) % 10n ** 20n).padStart(20, "0")}`;
}

function unauthenticated(message: string): CloudError {
  return new CloudError("UNAUTHENTICATED", message, { reason: "ACCESS_TOKEN_INVALID" });
}
