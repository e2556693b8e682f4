import { type DescEnum, type DescField, type DescMessage, ScalarType } from "@bufbuild/protobuf";
import type { Contract } from "./contract.js";

/** TypeScript of messages with a JSON form of their own. */
const WELL_KNOWN: Readonly<Record<string, string>> = {
  "google.protobuf.Timestamp": "string",
  "google.protobuf.Duration": "string",
  "google.protobuf.FieldMask": "string",
  "google.protobuf.Struct": "{ readonly [name: string]: JsonValue }",
  "google.protobuf.Value": "JsonValue",
  "google.protobuf.ListValue": "readonly JsonValue[]",
  "google.protobuf.Any": "TypedValue",
  "google.protobuf.Empty": "Readonly<Record<string, never>>",
  "google.protobuf.DoubleValue": "number",
  "google.protobuf.FloatValue": "number",
  "google.protobuf.Int32Value": "number",
  "google.protobuf.UInt32Value": "number",
  "google.protobuf.Int64Value": "string",
  "google.protobuf.UInt64Value": "string",
  "google.protobuf.BoolValue": "boolean",
  "google.protobuf.StringValue": "string",
  "google.protobuf.BytesValue": "string",
};

const PRELUDE = `export type JsonValue =
  | string
  | number
  | boolean
  | null
  | readonly JsonValue[]
  | { readonly [name: string]: JsonValue };

/** google.protobuf.Any in JSON. */
export interface TypedValue {
  readonly "@type": string;
  readonly [name: string]: unknown;
}
`;

/**
 * The messages of the given methods as TypeScript, in proto3 JSON form, and a type `Methods` that maps
 * "Service.Method" to its request and response: what handlers are typed by.
 * @param keys methods by "Service.Method"
 * @param origin said in the head of the file
 */
export function describeTypeScript(contract: Contract, keys: readonly string[], origin: string): string {
  const writer = new TypeWriter();
  const methods = keys.map((key) => {
    const method = contract.methods.find((candidate) => candidate.key === key);
    if (!method) throw new Error(`The contract has no method ${key}.`);
    const request = writer.messageType(method.input);
    const response = writer.messageType(method.output);
    if (method.operation) {
      writer.messageType(contract.message(method.operation.responseType));
      writer.messageType(contract.message(method.operation.metadataType));
    }
    return `  readonly "${key}": { readonly request: ${request}; readonly response: ${response} };`;
  });
  return [
    `// Generated from ${origin}; do not edit. Written and checked by platform/contract/typeScript.ts.\n`,
    PRELUDE,
    ...writer.definitions(),
    `export type Methods = {\n${methods.join("\n")}\n};\n`,
  ].join("\n");
}

class TypeWriter {
  readonly #definitions = new Map<string, string>();

  /** In alphabetical order. */
  definitions(): string[] {
    return [...this.#definitions].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, text]) => text);
  }

  messageType(message: DescMessage): string {
    const wellKnown = WELL_KNOWN[message.typeName];
    if (wellKnown !== undefined) return wellKnown;
    const name = localName(message);
    if (!this.#definitions.has(name)) {
      this.#definitions.set(name, "");
      const fields = message.fields.map(
        (field) => `  readonly ${field.jsonName}?: ${this.#fieldType(field)} | undefined;`,
      );
      this.#definitions.set(name, `/** ${message.typeName} */\nexport interface ${name} {\n${fields.join("\n")}\n}\n`);
    }
    return name;
  }

  #fieldType(field: DescField): string {
    const single = this.#singleType(field);
    if (field.fieldKind === "list") return `readonly ${single.includes("|") ? `(${single})` : single}[]`;
    if (field.fieldKind === "map") return `Readonly<Record<string, ${single}>>`;
    return single;
  }

  #singleType(field: DescField): string {
    if (field.message) return this.messageType(field.message);
    if (field.enum) return this.#enumType(field.enum);
    switch (field.scalar) {
      case ScalarType.BOOL:
        return "boolean";
      case ScalarType.STRING:
      case ScalarType.BYTES:
      case ScalarType.INT64:
      case ScalarType.UINT64:
      case ScalarType.FIXED64:
      case ScalarType.SFIXED64:
      case ScalarType.SINT64:
        return "string";
      default:
        return "number";
    }
  }

  #enumType(description: DescEnum): string {
    if (description.typeName === "google.protobuf.NullValue") return "null";
    const name = localName(description);
    if (!this.#definitions.has(name)) {
      const values = description.values.map((value) => `  | "${value.name}"`);
      this.#definitions.set(name, `/** ${description.typeName} */\nexport type ${name} =\n${values.join("\n")};\n`);
    }
    return name;
  }
}

/** "google.cloud.aiplatform.v1.Model.OriginalModelInfo" is "ModelOriginalModelInfo". */
function localName(description: DescMessage | DescEnum): string {
  return description.typeName.slice(description.file.proto.package.length + 1).replaceAll(".", "");
}
