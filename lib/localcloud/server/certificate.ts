import { createSign, generateKeyPairSync, randomBytes } from "node:crypto";

/** A key and a certificate for it, both in PEM. */
export interface Certificate {
  readonly key: string;
  readonly cert: string;
}

const VALID_MS = 10 * 365 * 24 * 3600 * 1000;

/**
 * A self-signed certificate for 127.0.0.1 and localhost (RFC 5280, ECDSA with SHA-256 on P-256). Node.js can make keys,
 * but no certificates: the few DER elements that one needs are written here.
 */
export function selfSigned(now: number): Certificate {
  const { privateKey, publicKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
  const ecdsaWithSha256 = sequence(objectId("2a8648ce3d040302"));
  const name = sequence(set(sequence(objectId("550403"), text("localhost"))));
  const addresses = sequence(element(0x82, Buffer.from("localhost")), element(0x87, Buffer.from([127, 0, 0, 1])));
  const alternativeNames = sequence(objectId("551d11"), element(0x04, addresses));
  const toBeSigned = sequence(
    element(0xa0, integer(Buffer.from([2]))),
    integer(Buffer.concat([Buffer.from([1]), randomBytes(15)])),
    ecdsaWithSha256,
    name,
    sequence(time(now - 24 * 3600 * 1000), time(now + VALID_MS)),
    name,
    publicKey.export({ type: "spki", format: "der" }),
    element(0xa3, sequence(alternativeNames)),
  );
  const signature = createSign("SHA256").update(toBeSigned).sign(privateKey);
  const der = sequence(toBeSigned, ecdsaWithSha256, element(0x03, Buffer.concat([Buffer.from([0]), signature])));
  const lines = der.toString("base64").replace(/.{64}/g, "$&\n");
  return {
    key: privateKey.export({ type: "pkcs8", format: "pem" }) as string,
    cert: `-----BEGIN CERTIFICATE-----\n${lines}\n-----END CERTIFICATE-----\n`,
  };
}

function element(tag: number, content: Buffer): Buffer {
  const { length } = content;
  const head = length < 0x80 ? [length] : length < 0x100 ? [0x81, length] : [0x82, length >> 8, length & 0xff];
  return Buffer.concat([Buffer.from([tag, ...head]), content]);
}

const sequence = (...parts: readonly Buffer[]): Buffer => element(0x30, Buffer.concat(parts));
const set = (...parts: readonly Buffer[]): Buffer => element(0x31, Buffer.concat(parts));
const integer = (value: Buffer): Buffer => element(0x02, value);
const objectId = (hex: string): Buffer => element(0x06, Buffer.from(hex, "hex"));
const text = (value: string): Buffer => element(0x0c, Buffer.from(value));

/** GeneralizedTime, which has four digits for the year. */
function time(ms: number): Buffer {
  return element(0x18, Buffer.from(new Date(ms).toISOString().replace(/[-:T]|\.\d+/g, "")));
}
