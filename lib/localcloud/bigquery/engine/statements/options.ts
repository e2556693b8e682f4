import { invalidQuery } from "../../errors.js";
import type { ResolvedOption } from "../../googlesql/contract/resolved.js";
import type { SqlType } from "../../schema.js";
import type { WireValue } from "../engine.js";
import type { Execution } from "../execution.js";
import type { ModelOption, OptionValue } from "../modelHook.js";
import type { Plan } from "../planner.js";
import { ByteOffsets, placeOf } from "../spans.js";

/** An option of OPTIONS(…), evaluated; its name in upper case. */
export type EvaluatedOption = ModelOption;

export async function evaluateOptions(
  options: readonly ResolvedOption[],
  plan: Plan,
  execution: Execution,
): Promise<EvaluatedOption[]> {
  const evaluated: EvaluatedOption[] = [];
  const offsets = new ByteOffsets(plan.sql);
  for (const option of options) {
    if (!option.value) throw invalidQuery(`Option ${option.name} has no value`);
    const { type, wire } = await execution.evaluate(option.value, plan);
    const start = option.parse_location_range?.start;
    const place = start === undefined ? {} : { place: placeOf(plan.sql, offsets.toIndex(start)) };
    evaluated.push({ name: option.name.toUpperCase(), value: plainValue(wire, type), type, ...place });
  }
  return evaluated;
}

/** Wire form to plain values: INT64 bigint, FLOAT64 number, BOOL boolean, structs by field name. */
export function plainValue(wire: WireValue, type: SqlType): OptionValue {
  if (wire === null) return null;
  if (typeof wire === "string") {
    if (type.kind === "INT64") return BigInt(wire);
    if (type.kind === "FLOAT64" || type.kind === "NUMERIC") return Number(wire);
    return type.kind === "BOOL" ? wire === "true" : wire;
  }
  if (type.kind === "ARRAY" && !("f" in wire)) return wire.map((item) => plainValue(item.v, type.element));
  if (type.kind === "STRUCT" && "f" in wire) {
    return Object.fromEntries(
      type.fields.map((field, index) => [
        field.name === "" ? `_${index + 1}` : field.name,
        plainValue(wire.f[index]?.v ?? null, field.type),
      ]),
    );
  }
  throw new TypeError(`a value of type ${type.kind} in an unknown form`);
}

/** `labels = [('key', 'value')]`, as the REST API keeps them. @throws CloudError invalidQuery. */
export function labelsOf(option: EvaluatedOption): Record<string, string> {
  if (!Array.isArray(option.value)) throw invalidQuery("Option labels must be an array of pairs of strings");
  const pairs = option.value.map((pair): [string, string] => {
    const [key, value] = Object.values(pair as Readonly<Record<string, OptionValue>>);
    return [String(key), String(value)];
  });
  return Object.fromEntries(pairs);
}

export function textOf(option: EvaluatedOption): string | undefined {
  if (option.value === null) return undefined;
  if (typeof option.value === "string") return option.value;
  throw invalidQuery(`Option ${option.name.toLowerCase()} must be a string`);
}

/** Wire microseconds of a TIMESTAMP option as the REST API's milliseconds. */
export function millisOf(option: EvaluatedOption): string | undefined {
  const text = textOf(option);
  return text === undefined ? undefined : String(BigInt(text) / 1000n);
}

/** Days, whole or not, as milliseconds. */
export function daysAsMillis(option: EvaluatedOption): string | undefined {
  if (option.value === null) return undefined;
  return String(Math.round(Number(option.value) * 86_400_000));
}

export function unknownOption(name: string, statement: string): Error {
  return invalidQuery(`Unknown option: ${name.toLowerCase()} in ${statement}`);
}
