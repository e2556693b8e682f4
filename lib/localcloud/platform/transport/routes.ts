import type { HttpRule } from "../contract/source.js";

/** A REST route of `google.api.http` (googleapis/googleapis google/api/http.proto), ready to match. */
interface Route<Target> {
  readonly pattern: RegExp;
  /** Field paths of the template's variables, in order of the pattern's groups. */
  readonly variables: readonly string[];
  readonly body: string | undefined;
  readonly target: Target;
}

export interface RouteMatch<Target> {
  readonly target: Target;
  /** Values of the template's variables by field path, percent-decoded. */
  readonly variables: readonly (readonly [fieldPath: string, value: string])[];
  /** "*", a field's name, or undefined for methods without a body. */
  readonly body: string | undefined;
}

/** Finds the method that a request names: by HTTP verb and custom verb (":predict") first, then by pattern. */
export class RouteTable<Target> {
  readonly #routes = new Map<string, Route<Target>[]>();

  add(rule: HttpRule, target: Target): void {
    const key = `${rule.verb}:${splitVerb(rule.template).customVerb}`;
    const { pattern, variables } = compileTemplate(rule.template);
    const route = { pattern, variables: variables.map(({ name }) => name), body: rule.body, target };
    const bucket = this.#routes.get(key);
    if (bucket) bucket.push(route);
    else this.#routes.set(key, [route]);
  }

  /** @param path as sent, percent-encoded, without the query string. */
  match(verb: string, path: string): RouteMatch<Target> | undefined {
    const split = splitVerb(path);
    for (const route of this.#routes.get(`${verb}:${split.customVerb}`) ?? []) {
      const groups = route.pattern.exec(split.path);
      if (!groups) continue;
      return {
        target: route.target,
        variables: route.variables.map((name, index) => [name, decode(groups[index + 1] ?? "")] as const),
        body: route.body,
      };
    }
    return undefined;
  }

  /** Does any route, whatever its HTTP verb, have this path? */
  hasPath(path: string): boolean {
    const { path: plain, customVerb } = splitVerb(path);
    for (const [key, routes] of this.#routes) {
      if (!key.endsWith(`:${customVerb}`)) continue;
      if (routes.some((route) => route.pattern.test(plain))) return true;
    }
    return false;
  }
}

/** The custom verb stands behind the last colon of the last segment. */
function splitVerb(path: string): { path: string; customVerb: string } {
  const found = /^(.*):([A-Za-z]+)$/.exec(path);
  return found ? { path: found[1] ?? "", customVerb: found[2] ?? "" } : { path, customVerb: "" };
}

/** `/v1/{name=projects/*}/locations` as a regular expression with a group for each variable, and the variables. */
export function compileTemplate(template: string): {
  readonly pattern: RegExp;
  readonly variables: readonly { readonly name: string; readonly pattern: RegExp }[];
} {
  const variables: { name: string; pattern: RegExp }[] = [];
  const source = splitVerb(template).path.replace(
    /\{([^=}]+)(?:=([^}]*))?\}|\*\*|\*|[^{*]+/g,
    (part, name?: string, inner?: string) => {
      if (name === undefined) return segments(part);
      const inside = (inner ?? "*").replace(/\*\*|\*|[^*]+/g, segments);
      variables.push({ name, pattern: new RegExp(`^${inside}$`) });
      return `(${inside})`;
    },
  );
  return { pattern: new RegExp(`^${source}$`), variables };
}

function segments(part: string): string {
  if (part === "**") return ".+";
  if (part === "*") return "[^/]+";
  return part.replace(/[.+?^$()[\]\\|]/g, "\\$&");
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
