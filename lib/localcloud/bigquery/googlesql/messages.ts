import { readFileSync } from "node:fs";
import path from "node:path";
import { gunzipSync } from "node:zlib";
import protobuf from "protobufjs";
import descriptor from "protobufjs/ext/descriptor/index.js";

/**
 * GoogleSQL's protobuf messages. Requests are plain objects with the protos' field names. Answers are decoded into the
 * shapes of `contract/resolved.ts`: an `Any…` message becomes the node inside it, a node carries its name in `node` and
 * its base classes' fields as its own, enums are their names, absent lists are empty, absent members of a oneof and
 * absent messages are undefined, other absent scalars have their default. INT64 values are bigint, other integers number.
 */
export class Messages {
  readonly #root: protobuf.Root;
  readonly #plans = new Map<protobuf.Type, Plan>();

  constructor() {
    const file = path.resolve(__dirname, "../../../../localcloud/bigquery/googlesql/contract/googlesql.desc.gz");
    const bytes = gunzipSync(readFileSync(file));
    this.#root = (protobuf.Root as unknown as RootFromDescriptor).fromDescriptor(
      descriptor.FileDescriptorSet.decode(bytes),
    );
    this.#root.resolveAll();
  }

  encode(typeName: string, fields: Readonly<Record<string, unknown>>): Uint8Array {
    const type = this.#root.lookupType(typeName);
    return type.encode(type.fromObject(fields)).finish();
  }

  decode<T>(typeName: string, bytes: Uint8Array): T {
    const reader = protobuf.Reader.create(bytes);
    return this.#read(this.#root.lookupType(typeName), reader, bytes.length, undefined) as T;
  }

  #read(type: protobuf.Type, reader: protobuf.Reader, end: number, into: Fields | undefined): Fields {
    const plan = this.#plan(type);
    let target: Fields | undefined = into;
    if (!target && !plan.isAny) target = plan.fresh();
    else if (into) plan.fill(into);
    let inner: Fields | undefined;
    while (reader.pos < end) {
      const tag = reader.uint32();
      const field = plan.fields[tag >>> 3];
      if (!field) {
        reader.skipType(tag & 7);
        continue;
      }
      if (field.message) {
        const length = reader.uint32();
        const stop = reader.pos + length;
        if (plan.isAny) inner = this.#read(field.message, reader, stop, undefined);
        else if (field.name === "parent") this.#read(field.message, reader, stop, target);
        else store(target, field, this.#read(field.message, reader, stop, undefined));
      } else if (field.repeated && (tag & 7) === 2 && field.packable) {
        const stop = reader.uint32() + reader.pos;
        while (reader.pos < stop) store(target, field, field.read(reader));
      } else {
        store(target, field, field.read(reader));
      }
    }
    return inner ?? target ?? {};
  }

  #plan(type: protobuf.Type): Plan {
    let plan = this.#plans.get(type);
    if (!plan) {
      plan = planOf(type);
      this.#plans.set(type, plan);
    }
    return plan;
  }
}

type Fields = Record<string, unknown>;
interface RootFromDescriptor {
  fromDescriptor(set: protobuf.Message): protobuf.Root;
}

interface FieldPlan {
  readonly name: string;
  readonly repeated: boolean;
  readonly packable: boolean;
  readonly message: protobuf.Type | undefined;
  readonly read: (reader: protobuf.Reader) => unknown;
}

interface Plan {
  readonly isAny: boolean;
  readonly fields: readonly (FieldPlan | undefined)[];
  fresh(): Fields;
  fill(into: Fields): void;
}

function store(target: Fields | undefined, field: FieldPlan, value: unknown): void {
  if (!target) return;
  if (field.repeated) (target[field.name] as unknown[]).push(value);
  else target[field.name] = value;
}

function planOf(type: protobuf.Type): Plan {
  const fields: (FieldPlan | undefined)[] = [];
  const scalars: [string, unknown][] = [];
  const lists: string[] = [];
  for (const field of type.fieldsArray) {
    fields[field.id] = fieldPlan(type, field);
    if (field.repeated) lists.push(field.name);
    else if (!(field.resolvedType instanceof protobuf.Type) && !field.partOf) {
      scalars.push([field.name, defaultOf(field)]);
    }
  }
  const fill = (into: Fields) => {
    for (const [name, value] of scalars) into[name] = value;
    for (const name of lists) into[name] = [];
  };
  const node = /^(Resolved|AST)/.test(type.name) ? type.name.replace(/Proto$/, "") : undefined;
  return {
    isAny: /^Any(Resolved|AST)/.test(type.name),
    fields,
    fill,
    fresh: () => {
      const into: Fields = node ? { node } : {};
      fill(into);
      return into;
    },
  };
}

function fieldPlan(type: protobuf.Type, field: protobuf.Field): FieldPlan {
  const message = field.resolvedType instanceof protobuf.Type ? field.resolvedType : undefined;
  const kept64 = type.name === "ValueProto" && field.name === "int64_value";
  return {
    name: field.name,
    repeated: field.repeated,
    packable: field.type !== "string" && field.type !== "bytes",
    message,
    read: message ? () => undefined : scalarReader(field, kept64),
  };
}

function scalarReader(field: protobuf.Field, asBigint: boolean): (reader: protobuf.Reader) => unknown {
  if (field.resolvedType instanceof protobuf.Enum) {
    const names = field.resolvedType.valuesById;
    return (reader) => {
      const value = reader.int32();
      return names[value] ?? String(value);
    };
  }
  switch (field.type) {
    case "int64":
      if (asBigint) return (reader) => bigintOf(reader.int64());
      return (reader) => Number(reader.int64());
    case "uint64":
      return (reader) => Number(reader.uint64());
    case "int32":
      return (reader) => reader.int32();
    case "uint32":
      return (reader) => reader.uint32();
    case "bool":
      return (reader) => reader.bool();
    case "float":
      return (reader) => reader.float();
    case "double":
      return (reader) => reader.double();
    case "string":
      return (reader) => reader.string();
    case "bytes":
      return (reader) => Uint8Array.from(reader.bytes());
    default:
      throw new Error(`GoogleSQL's message field ${field.fullName} has type ${field.type}, which nobody reads yet`);
  }
}

function bigintOf(value: number | { readonly low: number; readonly high: number }): bigint {
  if (typeof value === "number") return BigInt(value);
  return (BigInt(value.high) << 32n) | BigInt(value.low >>> 0);
}

function defaultOf(field: protobuf.Field): unknown {
  if (field.resolvedType instanceof protobuf.Enum) {
    const value = Number(field.defaultValue);
    return field.resolvedType.valuesById[value] ?? Object.keys(field.resolvedType.values)[0];
  }
  if (field.type === "bool") return field.defaultValue === true || field.defaultValue === "true";
  if (field.type === "string") return typeof field.defaultValue === "string" ? field.defaultValue : "";
  if (field.type === "bytes") return new Uint8Array();
  return Number(field.defaultValue ?? 0);
}
