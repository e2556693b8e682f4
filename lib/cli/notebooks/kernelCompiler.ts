import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import ts from "@tslab/typescript-for-tslab";
import { BUILD } from "../paths.js";
import type { Found } from "./types.js";

/** How tslab's kernel compiles a cell (its converter.ts), apart from strictness and skipLibCheck, which we add. */
const KERNEL_OPTIONS: ts.CompilerOptions = {
  module: ts.ModuleKind.ESNext,
  target: ts.ScriptTarget.ES2022,
  lib: ["lib.es2022.d.ts"],
  moduleResolution: ts.ModuleResolutionKind.Node10,
  esModuleInterop: true,
  resolveJsonModule: true,
  types: ["node"],
  noEmit: true,
  strict: true,
};

/** The version of TypeScript that the kernel carries. */
export const kernelTypeScript: string = ts.version;

/**
 * Checks what a notebook sees when it imports `specifiers`: with the kernel's compiler, strictly, and looking into the
 * declaration files themselves, which the kernel does not.
 */
export function checkDeclarations(specifiers: readonly string[]): string[] {
  const folder = join(BUILD, "declarations");
  mkdirSync(folder, { recursive: true });
  const file = join(folder, "imports.ts");
  const lines = specifiers.map((name, index) => `import * as module${index} from "${name}";\nvoid module${index};`);
  writeFileSync(file, `${lines.join("\n")}\n`);
  const program = ts.createProgram([file], { ...KERNEL_OPTIONS, skipLibCheck: false });
  return ts.getPreEmitDiagnostics(program).map((diagnostic) => {
    const text = ts.flattenDiagnosticMessageText(diagnostic.messageText, " ");
    if (!diagnostic.file || diagnostic.start === undefined) return text;
    const { line } = diagnostic.file.getLineAndCharacterOfPosition(diagnostic.start);
    return `${diagnostic.file.fileName}:${line + 1}: ${text}`;
  });
}

/** Statements that make a promise and let it go: in the kernel such a cell succeeds whatever becomes of the promise. */
export function floatingPromises(files: readonly string[]): Found[] {
  const program = ts.createProgram([...files], { ...KERNEL_OPTIONS, skipLibCheck: true });
  const checker = program.getTypeChecker();
  const found: Found[] = [];
  for (const file of files) {
    const source = program.getSourceFile(file);
    if (!source) continue;
    const visit = (node: ts.Node): void => {
      if (ts.isExpressionStatement(node) && isPromise(checker, node.expression)) {
        const { line } = source.getLineAndCharacterOfPosition(node.getStart(source));
        found.push({ file, line: line + 1, text: "a promise that nobody awaits" });
      }
      ts.forEachChild(node, visit);
    };
    visit(source);
  }
  return found;
}

function isPromise(checker: ts.TypeChecker, expression: ts.Expression): boolean {
  return checker.getTypeAtLocation(expression).getProperty("then") !== undefined;
}

/**
 * Shorthand properties (`{ threshold }`) of variables that another cell declares: they pass the type check, but the kernel
 * rewrites top-level names and forgets these, so that the cell fails with "threshold is not defined".
 */
export function shorthandAcrossCells(
  cells: readonly { readonly id: string; readonly source: string }[],
): ShorthandUse[] {
  const parsed = cells.map(({ id, source }) => ({
    id,
    file: ts.createSourceFile(`${id}.ts`, source, ts.ScriptTarget.ES2022, true),
  }));
  const declaredIn = new Map<string, string>();
  for (const { id, file } of parsed) for (const name of topLevelNames(file)) declaredIn.set(name, id);
  return parsed.flatMap(({ id, file }) => {
    const found: ShorthandUse[] = [];
    const visit = (node: ts.Node): void => {
      if (ts.isShorthandPropertyAssignment(node)) {
        const home = declaredIn.get(node.name.text);
        if (home !== undefined && home !== id) found.push({ id, name: node.name.text, home });
      }
      ts.forEachChild(node, visit);
    };
    visit(file);
    return found;
  });
}

export interface ShorthandUse {
  readonly id: string;
  readonly name: string;
  /** The cell that declares the variable. */
  readonly home: string;
}

function topLevelNames(file: ts.SourceFile): string[] {
  const names: string[] = [];
  const bind = (name: ts.BindingName): void => {
    if (ts.isIdentifier(name)) names.push(name.text);
    else for (const element of name.elements) if (ts.isBindingElement(element)) bind(element.name);
  };
  for (const statement of file.statements) {
    if (ts.isVariableStatement(statement)) for (const { name } of statement.declarationList.declarations) bind(name);
    if (ts.isFunctionDeclaration(statement) && statement.name) names.push(statement.name.text);
  }
  return names;
}
