import { create, createFileRegistry, type FileRegistry } from "@bufbuild/protobuf";
import {
  type DescriptorProto,
  DescriptorProtoSchema,
  type EnumDescriptorProto,
  EnumDescriptorProtoSchema,
  type FieldDescriptorProto,
  FieldDescriptorProto_Label,
  FieldDescriptorProto_Type,
  FieldDescriptorProtoSchema,
  type FileDescriptorProto,
  FileDescriptorProtoSchema,
  FileDescriptorSetSchema,
  OneofDescriptorProtoSchema,
} from "@bufbuild/protobuf/wkt";
import type { Definitions, FieldJson, NodeJson } from "./source.js";

const SCALARS: Readonly<Record<string, FieldDescriptorProto_Type>> = {
  double: FieldDescriptorProto_Type.DOUBLE,
  float: FieldDescriptorProto_Type.FLOAT,
  int64: FieldDescriptorProto_Type.INT64,
  uint64: FieldDescriptorProto_Type.UINT64,
  int32: FieldDescriptorProto_Type.INT32,
  fixed64: FieldDescriptorProto_Type.FIXED64,
  fixed32: FieldDescriptorProto_Type.FIXED32,
  bool: FieldDescriptorProto_Type.BOOL,
  string: FieldDescriptorProto_Type.STRING,
  bytes: FieldDescriptorProto_Type.BYTES,
  uint32: FieldDescriptorProto_Type.UINT32,
  sfixed32: FieldDescriptorProto_Type.SFIXED32,
  sfixed64: FieldDescriptorProto_Type.SFIXED64,
  sint32: FieldDescriptorProto_Type.SINT32,
  sint64: FieldDescriptorProto_Type.SINT64,
};

/** Descriptors of the given types and of everything that they mention; nothing else of the contract is built. */
export function describeTypes(definitions: Definitions, typeNames: Iterable<string>): FileRegistry {
  const builder = new DescriptorBuilder(definitions);
  for (const name of typeNames) builder.add(name);
  return createFileRegistry(create(FileDescriptorSetSchema, { file: builder.files() }));
}

/** One descriptor file a package: packages of Google's APIs do not import one another in circles. */
class DescriptorBuilder {
  readonly #definitions: Definitions;
  readonly #files = new Map<string, FileDescriptorProto>();
  readonly #imports = new Map<string, Set<string>>();
  readonly #done = new Set<string>();

  constructor(definitions: Definitions) {
    this.#definitions = definitions;
  }

  /** Adds the outermost type around `typeName`, whole. */
  add(typeName: string): void {
    const packageName = this.#definitions.packageOf(typeName);
    const outermost = typeName.slice(packageName.length + 1).split(".")[0] ?? typeName;
    const fullName = `${packageName}.${outermost}`;
    if (this.#done.has(fullName)) return;
    this.#done.add(fullName);
    const node = this.#definitions.get(fullName);
    const file = this.#file(packageName);
    if (node.values) file.enumType.push(describeEnum(outermost, node.values));
    else file.messageType.push(this.#message(outermost, fullName, packageName, node));
  }

  /** In order of import. */
  files(): FileDescriptorProto[] {
    const sorted: FileDescriptorProto[] = [];
    const visit = (packageName: string): void => {
      const file = this.#files.get(packageName);
      if (!file || sorted.includes(file)) return;
      const imports = [...(this.#imports.get(packageName) ?? [])];
      for (const imported of imports) visit(imported);
      file.dependency = imports.map((imported) => `${imported}.proto`);
      sorted.push(file);
    };
    for (const packageName of this.#files.keys()) visit(packageName);
    return sorted;
  }

  #file(packageName: string): FileDescriptorProto {
    let file = this.#files.get(packageName);
    if (!file) {
      file = create(FileDescriptorProtoSchema, {
        name: `${packageName}.proto`,
        package: packageName,
        syntax: "proto3",
      });
      this.#files.set(packageName, file);
      this.#imports.set(packageName, new Set());
    }
    return file;
  }

  #message(name: string, fullName: string, packageName: string, node: NodeJson): DescriptorProto {
    const message = create(DescriptorProtoSchema, { name });
    // Synthetic oneofs of proto3 `optional` fields must stand after the real ones (descriptor.proto).
    const oneofs = Object.entries(node.oneofs ?? {});
    const isSynthetic = ([, { oneof }]: (typeof oneofs)[number]): boolean =>
      oneof.length === 1 && node.fields?.[oneof[0] ?? ""]?.options?.proto3_optional === true;
    const ordered = [...oneofs.filter((entry) => !isSynthetic(entry)), ...oneofs.filter(isSynthetic)];
    message.oneofDecl = ordered.map(([oneofName]) => create(OneofDescriptorProtoSchema, { name: oneofName }));
    for (const [fieldName, json] of Object.entries(node.fields ?? {})) {
      const field = this.#field(fieldName, json, fullName, packageName, message);
      const oneofIndex = ordered.findIndex(([, { oneof }]) => oneof.includes(fieldName));
      if (oneofIndex >= 0) field.oneofIndex = oneofIndex;
      if (json.options?.proto3_optional === true) field.proto3Optional = true;
      message.field.push(field);
    }
    for (const [nestedName, nested] of Object.entries(node.nested ?? {})) {
      if (nested.values) message.enumType.push(describeEnum(nestedName, nested.values));
      else if (nested.fields) {
        message.nestedType.push(this.#message(nestedName, `${fullName}.${nestedName}`, packageName, nested));
      }
    }
    return message;
  }

  #field(
    camelName: string,
    json: FieldJson,
    scope: string,
    packageName: string,
    message: DescriptorProto,
  ): FieldDescriptorProto {
    const field = create(FieldDescriptorProtoSchema, {
      name: snakeCase(camelName),
      jsonName: camelName,
      number: json.id,
      label: json.rule === "repeated" ? FieldDescriptorProto_Label.REPEATED : FieldDescriptorProto_Label.OPTIONAL,
    });
    if (json.keyType === undefined) {
      this.#setType(field, json.type, scope, packageName);
      return field;
    }
    const entryName = `${camelName.charAt(0).toUpperCase()}${camelName.slice(1)}Entry`;
    const key = create(FieldDescriptorProtoSchema, {
      name: "key",
      jsonName: "key",
      number: 1,
      label: FieldDescriptorProto_Label.OPTIONAL,
    });
    const value = create(FieldDescriptorProtoSchema, {
      name: "value",
      jsonName: "value",
      number: 2,
      label: FieldDescriptorProto_Label.OPTIONAL,
    });
    this.#setType(key, json.keyType, scope, packageName);
    this.#setType(value, json.type, scope, packageName);
    message.nestedType.push(
      create(DescriptorProtoSchema, { name: entryName, field: [key, value], options: { mapEntry: true } }),
    );
    field.label = FieldDescriptorProto_Label.REPEATED;
    field.type = FieldDescriptorProto_Type.MESSAGE;
    field.typeName = `.${scope}.${entryName}`;
    return field;
  }

  #setType(field: FieldDescriptorProto, type: string, scope: string, packageName: string): void {
    const scalar = SCALARS[type];
    if (scalar !== undefined) {
      field.type = scalar;
      return;
    }
    const typeName = this.#definitions.resolve(type, scope);
    field.type = this.#definitions.get(typeName).values
      ? FieldDescriptorProto_Type.ENUM
      : FieldDescriptorProto_Type.MESSAGE;
    field.typeName = `.${typeName}`;
    this.add(typeName);
    const imported = this.#definitions.packageOf(typeName);
    if (imported !== packageName) this.#imports.get(packageName)?.add(imported);
  }
}

function describeEnum(name: string, values: Readonly<Record<string, number>>): EnumDescriptorProto {
  const entries = Object.entries(values).map(([valueName, number]) => ({ name: valueName, number }));
  // The zero value comes first in proto3; protobufjs keeps the file's order, which may differ where aliases exist.
  entries.sort((a, b) => Number(b.number === 0) - Number(a.number === 0));
  const allowAlias = new Set(entries.map((entry) => entry.number)).size < entries.length;
  return create(EnumDescriptorProtoSchema, { name, value: entries, options: { allowAlias } });
}

/** "satisfiesPzs" is "satisfies_pzs". protobufjs' JSON keeps only the camel form. */
export function snakeCase(camelName: string): string {
  return camelName.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
}
