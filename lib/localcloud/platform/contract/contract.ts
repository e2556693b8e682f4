import type { DescMessage, FileRegistry } from "@bufbuild/protobuf";
import { describeTypes } from "./descriptors.js";
import { type ContractSource, Definitions, type HttpRule, type MethodJson } from "./source.js";

/** A method of a gRPC service, with its REST twins. */
export interface MethodContract {
  /** "google.cloud.aiplatform.v1.EndpointService" */
  readonly service: string;
  /** "CreateEndpoint" */
  readonly name: string;
  /** "EndpointService.CreateEndpoint", the key of a handler. */
  readonly key: string;
  readonly input: DescMessage;
  readonly output: DescMessage;
  readonly streaming: boolean;
  /** `google.longrunning.operation_info`, full type names. */
  readonly operation: { readonly responseType: string; readonly metadataType: string } | undefined;
  readonly httpRules: readonly HttpRule[];
}

/** A method that the contract has and that is not served: enough to name it in a refusal. */
export interface KnownMethod {
  readonly key: string;
  readonly httpRules: readonly HttpRule[];
}

/** A field's `google.api.field_behavior`s (AIP-203). */
export type FieldBehavior = "REQUIRED" | "OUTPUT_ONLY" | "INPUT_ONLY" | "IMMUTABLE" | "OPTIONAL" | "IDENTIFIER";

const BEHAVIORS: readonly string[] = ["REQUIRED", "OUTPUT_ONLY", "INPUT_ONLY", "IMMUTABLE", "OPTIONAL", "IDENTIFIER"];

function isBehavior(value: unknown): value is FieldBehavior {
  return typeof value === "string" && BEHAVIORS.includes(value);
}

/** Types, methods and routes of one service of the local cloud, as Google publishes them. */
export class Contract {
  readonly registry: FileRegistry;
  readonly methods: readonly MethodContract[];
  readonly knownMethods: readonly KnownMethod[];
  /** By "package.Message.jsonName"; kept apart, so that the 4 MB of definitions can go once this is built. */
  readonly #behaviors = new Map<string, readonly FieldBehavior[]>();

  constructor(source: ContractSource) {
    const definitions = new Definitions(source);
    const found = source.services.flatMap((service) => methodsOf(definitions, source, service));
    this.registry = describeTypes(
      definitions,
      found.flatMap((method) => [
        method.inputType,
        method.outputType,
        ...(method.operation ? [method.operation.responseType, method.operation.metadataType] : []),
      ]),
    );
    this.methods = found.map(({ inputType, outputType, ...rest }) => ({
      ...rest,
      input: this.message(inputType),
      output: this.message(outputType),
    }));
    this.knownMethods = source.knownServices.flatMap((service) =>
      methodsOf(definitions, source, service).map(({ key, httpRules }) => ({ key, httpRules })),
    );
    for (const type of this.registry) {
      if (type.kind === "message") this.#readBehaviors(definitions, type);
    }
    for (const field of source.required ?? []) this.#behaviors.set(field, ["REQUIRED"]);
  }

  /** @throws Error when the contract has no such message. */
  message(typeName: string): DescMessage {
    const description = this.registry.getMessage(typeName);
    if (!description) throw new Error(`The contract has no message ${typeName}.`);
    return description;
  }

  /** Behaviours of a field by its JSON name. */
  behaviors(typeName: string, field: string): readonly FieldBehavior[] {
    return this.#behaviors.get(`${typeName}.${field}`) ?? [];
  }

  #readBehaviors(definitions: Definitions, { typeName }: DescMessage): void {
    for (const [name, field] of Object.entries(definitions.find(typeName)?.fields ?? {})) {
      const behaviors = [field.options?.["(google.api.field_behavior)"]].flat().filter(isBehavior);
      if (behaviors.length > 0) this.#behaviors.set(`${typeName}.${name}`, behaviors);
    }
  }
}

interface FoundMethod extends Omit<MethodContract, "input" | "output"> {
  readonly inputType: string;
  readonly outputType: string;
}

function methodsOf(definitions: Definitions, source: ContractSource, service: string): FoundMethod[] {
  const { methods } = definitions.get(service);
  const shortName = service.slice(service.lastIndexOf(".") + 1);
  return Object.entries(methods ?? {}).map(([name, json]) => ({
    service,
    name,
    key: `${shortName}.${name}`,
    inputType: definitions.resolve(json.requestType, service),
    outputType: definitions.resolve(json.responseType, service),
    streaming: json.requestStream === true || json.responseStream === true,
    operation: operationInfo(definitions, service, json),
    httpRules: source.routes[`${service}.${name}`] ?? httpRules(json),
  }));
}

function option(json: MethodJson, name: string): Record<string, unknown> | undefined {
  const holder = json.parsedOptions?.find((options) => name in options);
  return holder?.[name] as Record<string, unknown> | undefined;
}

function operationInfo(definitions: Definitions, service: string, json: MethodJson): MethodContract["operation"] {
  const info = option(json, "(google.longrunning.operation_info)");
  if (!info) return undefined;
  return {
    responseType: definitions.resolve(String(info.response_type), service),
    metadataType: definitions.resolve(String(info.metadata_type), service),
  };
}

const VERBS = ["get", "post", "put", "patch", "delete"] as const;

function httpRules(json: MethodJson): HttpRule[] {
  const first = option(json, "(google.api.http)");
  if (!first) return [];
  const additional = [first.additional_bindings ?? []].flat() as Record<string, unknown>[];
  return [first, ...additional].flatMap((rule) =>
    VERBS.filter((verb) => typeof rule[verb] === "string").map((verb) => ({
      verb: verb.toUpperCase() as HttpRule["verb"],
      template: String(rule[verb]),
      ...(typeof rule.body === "string" ? { body: rule.body } : {}),
    })),
  );
}
