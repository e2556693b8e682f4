/**
 * A writer of small WebAssembly modules over shared memory: expressions are lists of bytes, made by functions that take their
 * operands (webassembly.github.io/spec/core/binary). Only the instructions that our kernels use: no relaxed ones,
 * so that results are the same on every machine.
 */
export type Code = readonly number[];

export const TYPE = { i32: 0x7f, f64: 0x7c, v128: 0x7b } as const;
export type Type = (typeof TYPE)[keyof typeof TYPE];

export interface Local {
  readonly get: Code;
  set(value: Code): Code;
  /** Sets, and is the value. */
  tee(value: Code): Code;
}

/** A function of addresses and such that returns nothing; locals are added as they are needed. */
export class FunctionWriter<Parameter extends string = string> {
  readonly name: string;
  readonly #parameters: readonly Parameter[];
  readonly #locals: Type[] = [];
  readonly #body: number[] = [];

  constructor(name: string, parameters: readonly Parameter[]) {
    this.name = name;
    this.#parameters = parameters;
  }

  /** An i32. */
  parameter(name: Parameter): Local {
    return local(this.#parameters.indexOf(name));
  }

  local(type: Type): Local {
    this.#locals.push(type);
    return local(this.#parameters.length + this.#locals.length - 1);
  }

  write(...statements: readonly Code[]): void {
    for (const statement of statements) this.#body.push(...statement);
  }

  get type(): Code {
    return [0x60, ...vector(this.#parameters.map(() => [TYPE.i32])), 0];
  }

  get code(): Code {
    const code = [...vector(this.#locals.map((type) => [1, type])), ...this.#body, 0x0b];
    return [...unsigned(code.length), ...code];
  }
}

/** A module of functions that import their memory as `host.memory` and are exported by name. */
export function moduleOf(functions: readonly FunctionWriter[]): Uint8Array {
  const memory = [...text("host"), ...text("memory"), 0x02, 0x03, 0, ...unsigned(PAGES_MAX)];
  return Uint8Array.from([
    ...[0x00, 0x61, 0x73, 0x6d, 0x01, 0x00, 0x00, 0x00],
    ...section(1, vector(functions.map((each) => each.type))),
    ...section(2, vector([memory])),
    ...section(3, vector(functions.map((_, index) => unsigned(index)))),
    ...section(7, vector(functions.map((each, index) => [...text(each.name), 0, ...unsigned(index)]))),
    ...section(10, vector(functions.map((each) => each.code))),
  ]);
}

export const PAGE = 65_536;
/** 4 GB: what 32-bit addresses reach. */
export const PAGES_MAX = 65_536;

type Binary = (a: Code, b: Code) => Code;
const binary =
  (...operation: Code): Binary =>
  (a, b) => [...a, ...b, ...operation];

export const i32 = {
  const: (value: number): Code => [0x41, ...signed(value)],
  add: binary(0x6a),
  mul: binary(0x6c),
  and: binary(0x71),
  shiftLeft: binary(0x74),
  /** 1 or 0. */
  equal: binary(0x46),
  lessUnsigned: binary(0x49),
  load: (at: Code, offset = 0): Code => [...at, 0x28, 2, ...unsigned(offset)],
  store: (at: Code, value: Code, offset = 0): Code => [...at, ...value, 0x36, 2, ...unsigned(offset)],
  store8: (at: Code, value: Code): Code => [...at, ...value, 0x3a, 0, 0],
  /** `a` where the condition holds, else `b`. */
  select: (condition: Code, a: Code, b: Code): Code => [...a, ...b, ...condition, 0x1b],
};

export const f64 = {
  const: (value: number): Code => [0x44, ...new Uint8Array(Float64Array.of(value).buffer)],
  add: binary(0xa0),
  sub: binary(0xa1),
  min: binary(0xa4),
  less: binary(0x63),
  load: (at: Code, offset = 0): Code => [...at, 0x2b, 3, ...unsigned(offset)],
  store: (at: Code, value: Code, offset = 0): Code => [...at, ...value, 0x39, 3, ...unsigned(offset)],
};

const simd = (operation: number, ...immediate: Code): Code => [0xfd, ...unsigned(operation), ...immediate];
const vectorBinary = (operation: number): Binary => binary(...simd(operation));

/** Two doubles at once. */
export const f64x2 = {
  const: (low: number, high: number): Code => simd(0x0c, ...new Uint8Array(Float64Array.of(low, high).buffer)),
  load: (at: Code, offset = 0): Code => [...at, ...simd(0x00, 3, ...unsigned(offset))],
  store: (at: Code, value: Code, offset = 0): Code => [...at, ...value, ...simd(0x0b, 3, ...unsigned(offset))],
  /** The same double twice. */
  loadBoth: (at: Code, offset = 0): Code => [...at, ...simd(0x0a, 3, ...unsigned(offset))],
  loadLane: (at: Code, value: Code, lane: 0 | 1, offset = 0): Code => [
    ...at,
    ...value,
    ...simd(0x57, 3, ...unsigned(offset), lane),
  ],
  lane: (value: Code, lane: 0 | 1): Code => [...value, ...simd(0x21, lane)],
  add: vectorBinary(0xf0),
  sub: vectorBinary(0xf1),
  mul: vectorBinary(0xf2),
  div: vectorBinary(0xf3),
  /** `b` where `b < a`, else `a`. */
  least: vectorBinary(0xf6),
  /** `b` where `a < b`, else `a`. */
  greatest: vectorBinary(0xf7),
  sqrt: (value: Code): Code => [...value, ...simd(0xef)],
  /** All bits where it holds, none elsewhere. */
  equal: vectorBinary(0x47),
  less: vectorBinary(0x49),
  differs: vectorBinary(0x48),
  and: vectorBinary(0x4e),
  /** Bits of `a` where the mask has them, else of `b`. */
  choose: (mask: Code, a: Code, b: Code): Code => [...a, ...b, ...mask, ...simd(0x52)],
};

/** Two whole numbers, each beside one of two doubles. */
export const i64x2 = {
  const: (low: number, high: number): Code =>
    simd(0x0c, ...new Uint8Array(BigInt64Array.of(BigInt(low), BigInt(high)).buffer)),
  lane: (value: Code, lane: 0 | 1): Code => [...value, ...simd(0x1b, 2 * lane)],
};

/** Four whole numbers of 32 bits, not negative. */
export const i32x4 = {
  const: (value: number): Code => simd(0x0c, ...new Uint8Array(Uint32Array.of(value, value, value, value).buffer)),
  /** Two doubles without their fractions, then two zeros; NaN and what is negative is 0. */
  truncate: (value: Code): Code => [...value, ...simd(0xfd)],
  least: vectorBinary(0xb7),
  lane: (value: Code, lane: 0 | 1 | 2 | 3): Code => [...value, ...simd(0x1b, lane)],
};

/** Runs the body, and again as long as the condition holds after it. */
export const repeatWhile = (body: readonly Code[], condition: Code): Code => [
  0x03,
  0x40,
  ...body.flat(),
  ...condition,
  0x0d,
  0,
  0x0b,
];

function local(index: number): Local {
  return {
    get: [0x20, ...unsigned(index)],
    set: (value) => [...value, 0x21, ...unsigned(index)],
    tee: (value) => [...value, 0x22, ...unsigned(index)],
  };
}

function section(id: number, content: Code): Code {
  return [id, ...unsigned(content.length), ...content];
}

function vector(items: readonly Code[]): Code {
  return [...unsigned(items.length), ...items.flat()];
}

function text(value: string): Code {
  return [...unsigned(value.length), ...Buffer.from(value)];
}

/** LEB128. */
function unsigned(value: number): Code {
  return value < 0x80 ? [value] : [(value & 0x7f) | 0x80, ...unsigned(value >>> 7)];
}

function signed(value: number): Code {
  return value >= -0x40 && value < 0x40 ? [value & 0x7f] : [(value & 0x7f) | 0x80, ...signed(value >> 7)];
}
