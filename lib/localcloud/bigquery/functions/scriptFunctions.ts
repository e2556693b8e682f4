import {
  type DuckDBConnection,
  type DuckDBDataChunk,
  DuckDBScalarFunction,
  type DuckDBType,
  type DuckDBVector,
} from "@duckdb/node-api";
import quickJs from "@jitl/quickjs-wasmfile-release-sync";
import {
  newQuickJSWASMModuleFromVariant,
  type QuickJSContext,
  type QuickJSHandle,
  type QuickJSWASMModule,
} from "quickjs-emscripten-core";
import { typeName } from "../googlesql/types.js";
import type { SqlType } from "../schema.js";
import { vectorType } from "./evaluatorValues.js";
import { DECODE, ENCODE, fromScript, type ScriptValue, toScript } from "./scriptValues.js";

/** A function in JavaScript as CREATE FUNCTION describes it. */
export interface ScriptFunction {
  readonly name: string;
  readonly args: readonly { readonly name: string; readonly type: SqlType }[];
  readonly returns: SqlType;
  readonly body: string;
  /** DETERMINISTIC was said: DuckDB may call it once for equal arguments. */
  readonly isDeterministic: boolean;
}

/** Of one function; the real service gives about as much. */
const MEMORY_BYTES_MAX = 64 * 1024 * 1024;
const STACK_BYTES_MAX = 256 * 1024;
/** Times that QuickJS asks whether to go on, for one call: about half a minute. */
const INTERRUPTS_MAX = 20_000;
/** Functions whose sandbox is kept open. */
const SANDBOXES_MAX = 32;
/** Rows that cross at once. */
const BATCH = 512;

/**
 * Functions in JavaScript, each in a sandbox of its own: QuickJS compiled to WebAssembly, which knows neither files nor
 * network nor this process. DuckDB calls them a chunk at a time, about 5 us a value.
 */
export class ScriptFunctions {
  readonly #quickJs: QuickJSWASMModule;
  readonly #connection: DuckDBConnection;
  readonly #names = new Map<string, string>();
  readonly #sandboxes = new Map<string, Sandbox>();

  private constructor(module: QuickJSWASMModule, connection: DuckDBConnection) {
    this.#quickJs = module;
    this.#connection = connection;
  }

  /** @param connection any of the instance: scalar functions belong to the instance; must outlive this object. */
  static async open(connection: DuckDBConnection): Promise<ScriptFunctions> {
    return new ScriptFunctions(await newQuickJSWASMModuleFromVariant(quickJs), connection);
  }

  /** DuckDB SQL of a call. */
  call(definition: ScriptFunction, args: readonly string[]): string {
    return `${this.#registered(definition)}(${args.join(", ")})`;
  }

  #registered(definition: ScriptFunction): string {
    const key = JSON.stringify(definition);
    const known = this.#names.get(key);
    if (known !== undefined) return known;
    const name = `bq_script_${this.#names.size + 1}`;
    this.#connection.registerScalarFunction(
      DuckDBScalarFunction.create({
        name,
        parameterTypes: definition.args.map(({ type }) => crossing(type)),
        returnType: crossing(definition.returns),
        specialHandling: true,
        volatile: !definition.isDeterministic,
        mainFunction: (_info, chunk, output) => this.#run(key, definition, chunk, output),
      }),
    );
    this.#names.set(key, name);
    return name;
  }

  #run(key: string, definition: ScriptFunction, chunk: DuckDBDataChunk, output: DuckDBVector): void {
    const sandbox = this.#sandbox(key, definition);
    const { args, returns } = definition;
    const vectors = args.map((_, index) => chunk.getColumnVector(index));
    for (let from = 0; from < chunk.rowCount; from += BATCH) {
      const to = Math.min(from + BATCH, chunk.rowCount);
      const rows: ScriptValue[] = [];
      for (let row = from; row < to; row += 1) {
        rows.push(args.map(({ type }, index) => toScript(vectors[index]?.getItem(row) ?? null, type)));
      }
      const results = this.#call(key, sandbox, rows);
      for (let row = from; row < to; row += 1) output.setItem(row, fromScript(results[row - from] ?? null, returns));
    }
    output.flush();
  }

  /** What failed may have left a sandbox without memory: it is not used again. */
  #call(key: string, sandbox: Sandbox, rows: readonly ScriptValue[]): readonly ScriptValue[] {
    try {
      return sandbox.call(rows);
    } catch (thrown) {
      this.#sandboxes.delete(key);
      sandbox.close();
      throw thrown;
    }
  }

  #sandbox(key: string, definition: ScriptFunction): Sandbox {
    const known = this.#sandboxes.get(key);
    if (known) return known;
    for (const [oldest, sandbox] of this.#sandboxes) {
      if (this.#sandboxes.size < SANDBOXES_MAX) break;
      this.#sandboxes.delete(oldest);
      sandbox.close();
    }
    const made = new Sandbox(this.#quickJs, definition);
    this.#sandboxes.set(key, made);
    return made;
  }
}

function crossing(type: SqlType): DuckDBType {
  const found = vectorType(type);
  if (!found) throw new TypeError(`values of type ${typeName(type)} cannot cross to JavaScript`);
  return found;
}

/** One function within QuickJS. */
class Sandbox {
  readonly #context: QuickJSContext;
  readonly #function: QuickJSHandle;
  readonly #signature: string;
  #interruptsLeft = INTERRUPTS_MAX;

  /** @throws Error for a body that is not JavaScript. */
  constructor(module: QuickJSWASMModule, { name, args, returns, body }: ScriptFunction) {
    const runtime = module.newRuntime();
    runtime.setMemoryLimit(MEMORY_BYTES_MAX);
    runtime.setMaxStackSize(STACK_BYTES_MAX);
    runtime.setInterruptHandler(() => --this.#interruptsLeft < 0);
    this.#context = runtime.newContext();
    this.#signature = `${name}(${args.map(({ type }) => typeName(type)).join(", ")})`;
    const types = JSON.stringify(args.map(({ type }) => type));
    const code = `(() => {
      ${DECODE}
      ${ENCODE}
      const types = ${types};
      const returns = ${JSON.stringify(returns)};
      const user = new Function(${[...args.map((argument) => argument.name), body].map((text) => JSON.stringify(text)).join(", ")});
      return (rows) => JSON.stringify(
        JSON.parse(rows).map((row) => encode(returns, user(...row.map((value, index) => decode(types[index], value))))),
      );
    })()`;
    this.#function = this.#unwrapped(this.#context.evalCode(code));
  }

  call(rows: readonly ScriptValue[]): readonly ScriptValue[] {
    this.#interruptsLeft = INTERRUPTS_MAX;
    const text = this.#context.newString(JSON.stringify(rows));
    const result = this.#unwrapped(this.#context.callFunction(this.#function, this.#context.undefined, text));
    const answer = this.#context.getString(result);
    result.dispose();
    text.dispose();
    return JSON.parse(answer) as readonly ScriptValue[];
  }

  close(): void {
    this.#function.dispose();
    const { runtime } = this.#context;
    this.#context.dispose();
    runtime.dispose();
  }

  #unwrapped(result: ReturnType<QuickJSContext["evalCode"]>): QuickJSHandle {
    if (!result.error) return result.value;
    const error = this.#context.dump(result.error) as { readonly name?: string; readonly message?: string } | string;
    result.error.dispose();
    if (this.#interruptsLeft < 0) throw new Error(`UDF worker timed out during execution. at ${this.#signature}`);
    const text = typeof error === "object" ? `${error.name ?? "Error"}: ${error.message ?? ""}` : String(error);
    throw new Error(`${text} at ${this.#signature}`);
  }
}
