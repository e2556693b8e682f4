import { isIPv6 } from "node:net";
import { getPublicSuffix } from "tldts";
import { named } from "./arithmetic.js";
import type { Family } from "./call.js";

/** NET functions. The Public Suffix List (publicsuffix.org) is the one that package `tldts` brings. */

function addressOf(text: string): Uint8Array | undefined {
  const four = /^(\d{1,3})\.(\d{1,3})\.(\d{1,3})\.(\d{1,3})$/.exec(text);
  if (four) {
    const bytes = four.slice(1).map(Number);
    return bytes.every((byte) => byte < 256) ? Uint8Array.from(bytes) : undefined;
  }
  if (!isIPv6(text) || text.includes("%")) return undefined;
  const tail = /^(.*:)(\d+\.\d+\.\d+\.\d+)$/.exec(text);
  const mapped = tail ? addressOf(tail[2] ?? "") : undefined;
  const groups = mapped
    ? `${tail?.[1]}${((mapped[0] ?? 0) * 256 + (mapped[1] ?? 0)).toString(16)}:${((mapped[2] ?? 0) * 256 + (mapped[3] ?? 0)).toString(16)}`
    : text;
  const [head = "", rest] = groups.split("::");
  const left = head === "" ? [] : head.split(":");
  const right = rest === undefined || rest === "" ? [] : rest.split(":");
  const zeros = rest === undefined ? 0 : 8 - left.length - right.length;
  const all = [...left, ...Array.from({ length: zeros }, () => "0"), ...right].map((group) =>
    Number.parseInt(group, 16),
  );
  return Uint8Array.from(all.flatMap((group) => [group >> 8, group & 255]));
}

function addressText(bytes: Uint8Array): string {
  if (bytes.length === 4) return bytes.join(".");
  if (bytes.length !== 16) throw new Error("NET.IP_TO_STRING() requires a 4- or 16-byte argument");
  const groups: number[] = [];
  for (let at = 0; at < 16; at += 2) groups.push(((bytes[at] ?? 0) << 8) | (bytes[at + 1] ?? 0));
  return compressed(groups.map((group) => group.toString(16)));
}

/** The longest run of zeros (two or more, the first of equals) becomes "::" (RFC 5952). */
function compressed(groups: readonly string[]): string {
  let best = { at: -1, size: 1 };
  for (let at = 0; at < groups.length; at += 1) {
    let size = 0;
    while (groups[at + size] === "0") size += 1;
    if (size > best.size) best = { at, size };
  }
  if (best.at < 0) return groups.join(":");
  return `${groups.slice(0, best.at).join(":")}::${groups.slice(best.at + best.size).join(":")}`;
}

function host(url: string): string | null {
  const match =
    /^\s*(?:[a-z][a-z0-9+.-]*:)?\/\/(?:[^/?#]*@)?([^/?#:]+|\[[^\]]*\])/i.exec(url) ??
    /^\s*(?:[^/?#@]*@)?([^/?#:\s]+)/.exec(url);
  const name = match?.[1]?.trim();
  return name === undefined || name === "" ? null : name;
}

/** The public suffix of a URL's host as written, `further` labels more; NULL where there are not as many. */
function lastLabels(url: string, further: number): string | null {
  const name = host(url);
  const known =
    name === null ? null : getPublicSuffix(name.toLowerCase(), { allowPrivateDomains: false, extractHostname: false });
  if (name === null || known === null) return null;
  const labels = name.split(".");
  const count = known.split(".").length + further;
  // A host of one label has no suffix of its own.
  return labels.length < 2 || labels.length < count ? null : labels.slice(-count).join(".");
}

function truncated(address: Uint8Array, bits: bigint): Uint8Array {
  if (address.length !== 4 && address.length !== 16) throw new Error("NET.IP_TRUNC() requires a 4- or 16-byte address");
  if (bits < 0n || bits > BigInt(address.length * 8))
    throw new Error("NET.IP_TRUNC() length must be between 0 and the address size");
  return masked(address, Number(bits));
}

function masked(address: Uint8Array, bits: number): Uint8Array {
  return Uint8Array.from(address, (byte, index) => {
    const kept = Math.min(Math.max(bits - index * 8, 0), 8);
    return byte & (0xff << (8 - kept)) & 0xff;
  });
}

export const net: Family = {
  scalars: {
    "net.host": named("bq_net_host"),
    "net.ip_from_string": named("bq_net_ip_from_string"),
    "net.safe_ip_from_string": named("bq_net_safe_ip_from_string"),
    "net.ip_to_string": named("bq_net_ip_to_string"),
    "net.ip_trunc": named("bq_net_ip_trunc"),
    "net.ip_net_mask": named("bq_net_ip_net_mask"),
    "net.ipv4_to_int64": named("bq_net_ipv4_to_int64"),
    "net.ipv4_from_int64": named("bq_net_ipv4_from_int64"),
    "net.reg_domain": named("bq_net_reg_domain"),
    "net.public_suffix": named("bq_net_public_suffix"),
  },
  javascript: [
    { name: "bq_net_host", parameters: ["string"], returns: "string", call: host },
    {
      name: "bq_net_public_suffix",
      parameters: ["string"],
      returns: "string",
      call: (url: string) => lastLabels(url, 0),
    },
    { name: "bq_net_reg_domain", parameters: ["string"], returns: "string", call: (url: string) => lastLabels(url, 1) },
    {
      name: "bq_net_ip_from_string",
      parameters: ["string"],
      returns: "bytes",
      call: (text: string) => {
        const bytes = addressOf(text);
        if (!bytes) throw new Error(`NET.IP_FROM_STRING() encountered an unparseable IP-address: ${text}`);
        return bytes;
      },
    },
    { name: "bq_net_safe_ip_from_string", parameters: ["string"], returns: "bytes", call: addressOf },
    { name: "bq_net_ip_to_string", parameters: ["bytes"], returns: "string", call: addressText },
    { name: "bq_net_ip_trunc", parameters: ["bytes", "bigint"], returns: "bytes", call: truncated },
    {
      name: "bq_net_ip_net_mask",
      parameters: ["bigint", "bigint"],
      returns: "bytes",
      call: (size: bigint, bits: bigint) => {
        if (size !== 4n && size !== 16n)
          throw new Error("The first argument to NET.IP_NET_MASK() must be either 4 or 16");
        return truncated(new Uint8Array(Number(size)).fill(255), bits);
      },
    },
    {
      name: "bq_net_ipv4_to_int64",
      parameters: ["bytes"],
      returns: "bigint",
      call: (bytes: Uint8Array) => {
        if (bytes.length !== 4) throw new Error("NET.IPV4_TO_INT64() requires a 4-byte address");
        return BigInt(Buffer.from(bytes).readUInt32BE());
      },
    },
    {
      name: "bq_net_ipv4_from_int64",
      parameters: ["bigint"],
      returns: "bytes",
      call: (value: bigint) => {
        if (value < -0x80000000n || value > 0xffffffffn)
          throw new Error("NET.IPV4_FROM_INT64() requires a 32-bit value");
        const bytes = Buffer.alloc(4);
        bytes.writeUInt32BE(Number(BigInt.asUintN(32, value)));
        return bytes;
      },
    },
  ],
};
