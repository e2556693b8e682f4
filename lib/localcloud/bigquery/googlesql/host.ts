import { WASI } from "node:wasi";
import type { GoogleSqlArtifact } from "./artifact.js";

/** What the module exports beside one function per RPC of GoogleSQL's local service. */
interface ModuleExports {
  readonly memory: WebAssembly.Memory;
  wasm_malloc(size: number): number;
  wasm_free(pointer: number): void;
  wasm_get_last_error(): number;
  wasm_get_last_error_size(): number;
}
type Rpc = (request: number, size: number, sizeOfAnswer: number) => number;

/** An error that GoogleSQL itself answered: its text, ending in `[at line:column]` where it has a position. */
export class GoogleSqlError extends Error {
  override readonly name = "GoogleSqlError";
}

/** The module died (a failed internal CHECK, an exhausted stack); a new instance has taken over, registrations are gone. */
export class GoogleSqlTrap extends Error {
  override readonly name = "GoogleSqlTrap";
}

/** One instance of GoogleSQL's WebAssembly module and how bytes go in and out of it. Synchronous, one call at a time. */
export class GoogleSqlHost {
  readonly #module: WebAssembly.Module;
  readonly #zoneinfo: string;
  #exports: ModuleExports & Readonly<Record<string, unknown>>;
  #generation = 0;

  private constructor(module: WebAssembly.Module, zoneinfo: string, instance: WebAssembly.Instance, wasi: WASI) {
    this.#module = module;
    this.#zoneinfo = zoneinfo;
    wasi.initialize(instance);
    this.#exports = exportsOf(instance);
  }

  static async open(artifact: GoogleSqlArtifact): Promise<GoogleSqlHost> {
    const module = await WebAssembly.compile(artifact.module);
    const wasi = wasiFor(artifact.zoneinfo);
    const instance = await WebAssembly.instantiate(module, wasi.getImportObject() as WebAssembly.Imports);
    return new GoogleSqlHost(module, artifact.zoneinfo, instance, wasi);
  }

  /** Grows when a trap has cost an instance: whatever was registered with the former one must be registered again. */
  get generation(): number {
    return this.#generation;
  }

  /**
   * Calls one RPC of the local service.
   * @throws GoogleSqlError what GoogleSQL answers. @throws GoogleSqlTrap when the module died.
   */
  call(method: string, request: Uint8Array): Uint8Array {
    const wasm = this.#exports;
    const rpc = wasm[`ZetaSqlLocalService_${method}`];
    if (typeof rpc !== "function") throw new Error(`GoogleSQL's module has no method ${method}`);
    try {
      const at = wasm.wasm_malloc(request.length || 1);
      const sizeAt = wasm.wasm_malloc(4);
      new Uint8Array(wasm.memory.buffer).set(request, at);
      const answer = (rpc as Rpc)(at, request.length, sizeAt);
      let bytes: Uint8Array | undefined;
      let error = "";
      if (answer) {
        const size = new DataView(wasm.memory.buffer).getUint32(sizeAt, true);
        bytes = new Uint8Array(wasm.memory.buffer, answer, size).slice();
        wasm.wasm_free(answer);
      } else {
        error = Buffer.from(wasm.memory.buffer, wasm.wasm_get_last_error(), wasm.wasm_get_last_error_size()).toString();
      }
      wasm.wasm_free(at);
      wasm.wasm_free(sizeAt);
      if (!bytes) throw new GoogleSqlError(error);
      return bytes;
    } catch (thrown) {
      if (thrown instanceof GoogleSqlError) throw thrown;
      this.#restart();
      const text = thrown instanceof Error ? thrown.message : String(thrown);
      throw new GoogleSqlTrap(`GoogleSQL's analyzer failed inside on this statement (${text})`, { cause: thrown });
    }
  }

  #restart(): void {
    const wasi = wasiFor(this.#zoneinfo);
    const instance = new WebAssembly.Instance(this.#module, wasi.getImportObject() as WebAssembly.Imports);
    wasi.initialize(instance);
    this.#exports = exportsOf(instance);
    this.#generation += 1;
  }
}

function wasiFor(zoneinfo: string): WASI {
  return new WASI({ version: "preview1", preopens: { "/usr/share/zoneinfo": zoneinfo } });
}

function exportsOf(instance: WebAssembly.Instance): ModuleExports & Readonly<Record<string, unknown>> {
  return instance.exports as unknown as ModuleExports & Readonly<Record<string, unknown>>;
}
