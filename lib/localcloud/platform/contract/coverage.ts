/** Which methods of a contract have handlers, as a Markdown list by service: what a service's README shows between marks. */
export function describeCoverage(
  contract: { readonly methods: readonly { readonly key: string }[] },
  isServed: (key: string) => boolean,
): string {
  const services = new Map<string, { served: string[]; refused: string[] }>();
  for (const { key } of contract.methods) {
    const dot = key.lastIndexOf(".");
    const [service, name] = [key.slice(0, dot), key.slice(dot + 1)];
    const entry = services.get(service) ?? { served: [], refused: [] };
    (isServed(key) ? entry.served : entry.refused).push(name);
    services.set(service, entry);
  }
  const rows = [...services].map(
    ([service, { served, refused }]) => `| ${service} | ${served.join(", ")} | ${refused.join(", ") || "none"} |`,
  );
  return ["| service | served | answers UNIMPLEMENTED |", "|---|---|---|", ...rows].join("\n");
}
