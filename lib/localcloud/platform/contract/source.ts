/**
 * Google's published contracts as the official npm packages carry them: protobufjs' JSON form of the `.proto` files
 * (`build/protos/protos.json`). Read as plain JSON: 30 ms for the 4 MB of `@google-cloud/aiplatform`, where protobufjs'
 * own reflection takes a second.
 */

import { existsSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";

export interface ContractSource {
  /** Files of npm packages, or definitions at hand; an earlier one wins where two define the same name. */
  readonly files: readonly ({ readonly package: string; readonly path: string } | { readonly definitions: NodeJson })[];
  /** Fully qualified names of the gRPC services served. */
  readonly services: readonly string[];
  /** Services whose REST routes are known, so that a call there is answered by UNIMPLEMENTED and the method's name. */
  readonly knownServices: readonly string[];
  /** `google.api.http` rules that replace those of the proto, by "package.Service.Method"; the reason stands where they are written. */
  readonly routes: Readonly<Record<string, readonly HttpRule[]>>;
  /** Required fields, "package.Message.jsonName", that the JSON form does not know: of a field's behaviours it keeps the last. */
  readonly required?: readonly string[];
}

/** `google.api.HttpRule`, one binding. */
export interface HttpRule {
  readonly verb: "GET" | "POST" | "PUT" | "PATCH" | "DELETE";
  readonly template: string;
  readonly body?: string;
}

export interface FieldJson {
  readonly type: string;
  readonly id: number;
  readonly rule?: "repeated" | "required";
  readonly keyType?: string;
  readonly options?: Readonly<Record<string, unknown>>;
}

export interface MethodJson {
  readonly requestType: string;
  readonly responseType: string;
  readonly requestStream?: boolean;
  readonly responseStream?: boolean;
  readonly parsedOptions?: readonly Readonly<Record<string, unknown>>[];
}

/** A node of protobufjs' JSON: a namespace, message, enum or service, told apart by what it has. */
export interface NodeJson {
  readonly nested?: Readonly<Record<string, NodeJson>>;
  readonly fields?: Readonly<Record<string, FieldJson>>;
  readonly oneofs?: Readonly<Record<string, { readonly oneof: readonly string[] }>>;
  readonly values?: Readonly<Record<string, number>>;
  readonly methods?: Readonly<Record<string, MethodJson>>;
  readonly options?: Readonly<Record<string, unknown>>;
}

/** Every definition of the source's files, found by its fully qualified name. */
export class Definitions {
  readonly #roots: readonly NodeJson[];

  constructor(source: ContractSource) {
    this.#roots = source.files.map((file) =>
      "definitions" in file
        ? file.definitions
        : (JSON.parse(readFileSync(join(packageFolder(file.package), file.path), "utf8")) as NodeJson),
    );
  }

  find(fullName: string): NodeJson | undefined {
    for (const root of this.#roots) {
      let node: NodeJson | undefined = root;
      for (const part of fullName.split(".")) node = node?.nested?.[part];
      if (node) return node;
    }
    return undefined;
  }

  /** @throws Error when nothing has that name: the source lists a file too few. */
  get(fullName: string): NodeJson {
    const node = this.find(fullName);
    if (!node) throw new Error(`The contract has no definition named ${fullName}.`);
    return node;
  }

  /** A type's full name as written inside `scope`: looked for from the innermost scope outwards, as protobuf does. */
  resolve(name: string, scope: string): string {
    const scopes = scope.split(".");
    for (let depth = scopes.length; depth >= 0; depth--) {
      const candidate = [...scopes.slice(0, depth), name].join(".");
      const node = this.find(candidate);
      if (node?.fields || node?.values) return candidate;
    }
    throw new Error(`The contract has no type ${name} (used in ${scope}).`);
  }

  /** The package of a definition: the longest prefix that is a plain namespace. */
  packageOf(fullName: string): string {
    const parts = fullName.split(".");
    for (let length = 1; length < parts.length; length++) {
      const node = this.find(parts.slice(0, length + 1).join("."));
      if (node?.fields || node?.values || node?.methods) return parts.slice(0, length).join(".");
    }
    return fullName;
  }
}

/** Found by walking up from the package's entry: some packages do not export their package.json. */
function packageFolder(name: string): string {
  let folder = dirname(require.resolve(name));
  while (!(folder.endsWith(join("node_modules", name)) && existsSync(join(folder, "package.json")))) {
    const parent = dirname(folder);
    if (parent === folder) throw new Error(`The folder of the npm package ${name} was not found.`);
    folder = parent;
  }
  return folder;
}
