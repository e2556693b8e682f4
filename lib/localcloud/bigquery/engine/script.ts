import type { CloudError } from "../../platform/errors.js";
import { invalidQuery } from "../errors.js";
import type { ParseNode } from "../googlesql/analyzer.js";
import type { Names } from "../googlesql/names.js";
import { dryRun } from "./dryRun.js";
import { runDynamic } from "./dynamicSql.js";
import type { RunResult, StatementResult } from "./engine.js";
import { analysisError, executionError, unsupportedStatement } from "./errors.js";
import type { Execution, Outcome } from "./execution.js";
import { callProcedure } from "./procedures.js";
import { ScriptExpressions } from "./scriptExpressions.js";
import { type Block, child, childList, identifier, LoopSignal, ReturnSignal, ScriptText } from "./scriptNodes.js";
import { OpenTransaction } from "./scriptTransaction.js";
import { runStatement } from "./statements/run.js";
import { dropTemporaryTables } from "./statements/temporary.js";

const SCRIPT_WORDS = new Set(
  "DECLARE SET IF LOOP WHILE FOR BEGIN REPEAT CASE CALL EXECUTE RAISE COMMIT ROLLBACK".split(" "),
);

/** More than one statement, or control flow. */
export function isScript(names: Names): boolean {
  return names.hasSeveralStatements || SCRIPT_WORDS.has(names.firstWord);
}

/** Runs a script statement by statement (procedural language: docs …/standard-sql/procedural-language). */
export async function runScript(execution: Execution): Promise<RunResult> {
  const text = new ScriptText(execution.request.sql);
  const root = parse(text, execution);
  const statements = childList(child(root, "statement_list_node"), "statement_list");
  // Temporary functions before one statement do not make it a script.
  const simple =
    statements.length > 0 &&
    statements.slice(0, -1).every((node) => node.node === "ASTCreateFunctionStatement") &&
    !isControlFlow(statements[statements.length - 1]);
  execution.isScript = !simple;
  const script = new Script(execution, text);
  if (execution.request.dryRun) return script.dryRun(statements, simple);
  try {
    // The variables of a session are still there for its next query.
    await script.runList(statements, execution.session.kept === undefined);
    await script.transaction.close();
  } catch (thrown) {
    await script.transaction.abandon();
    if (!(thrown instanceof ReturnSignal)) throw thrown;
  } finally {
    await dropTemporaryTables(execution);
  }
  return simple
    ? { isScript: false, statements: script.results.slice(-1) }
    : { isScript: true, statements: script.results };
}

function parse(text: ScriptText, execution: Execution): ParseNode {
  try {
    return execution.parts.planner.analysis.googleSql.parseScript(text.sql);
  } catch (thrown) {
    throw analysisError(thrown, execution.session.names, execution.location);
  }
}

const CONTROL_FLOW =
  /^AST(VariableDeclaration|SingleAssignment|AssignmentFromStruct|SystemVariableAssignment|BeginEndBlock|IfStatement|WhileStatement|RepeatStatement|ForInStatement|CaseStatement|RaiseStatement|BreakStatement|ContinueStatement|ReturnStatement|ExecuteImmediateStatement|CallStatement|BeginStatement|CommitStatement|RollbackStatement)$/;

function isControlFlow(node: ParseNode | undefined): boolean {
  return node === undefined || CONTROL_FLOW.test(node.node);
}

/** One running script. */
export class Script implements Block {
  readonly execution: Execution;
  readonly text: ScriptText;
  readonly results: StatementResult[];
  readonly transaction: OpenTransaction;
  readonly expressions: ScriptExpressions;
  #lastError: CloudError | undefined;

  constructor(execution: Execution, text: ScriptText, parent?: Script) {
    this.execution = execution;
    this.text = text;
    this.results = parent?.results ?? [];
    this.transaction = parent?.transaction ?? new OpenTransaction(execution);
    this.expressions = new ScriptExpressions(execution, text);
  }

  /** Only analyzed: a script's later statements rest on what the earlier do, so just a simple one says more. */
  async dryRun(statements: readonly ParseNode[], simple: boolean): Promise<RunResult> {
    if (!simple) return { isScript: true, statements: [] };
    for (const node of statements.slice(0, -1)) await this.#run(node);
    const last = statements[statements.length - 1];
    if (!last) return { isScript: false, statements: [] };
    const plan = this.execution.plan(this.text.padded(last));
    return { isScript: false, statements: [dryRun(plan, this.execution)] };
  }

  /** Statements in a scope of variables of their own. */
  async runList(statements: readonly ParseNode[], newScope: boolean): Promise<void> {
    this.#checkDeclarations(statements);
    const { scopes } = this.execution.session;
    if (newScope) scopes.push(new Map());
    try {
      for (const statement of statements) {
        this.execution.request.signal.throwIfAborted();
        await this.#run(statement);
      }
    } finally {
      if (newScope) scopes.pop();
    }
  }

  #checkDeclarations(statements: readonly ParseNode[]): void {
    const isDeclaration = (node: ParseNode): boolean => node.node === "ASTVariableDeclaration";
    const first = statements.findIndex((node) => !isDeclaration(node));
    const late = first < 0 ? undefined : statements.slice(first).find(isDeclaration);
    if (!late) return;
    const { startLine, startColumn } = this.text.spanOf(late);
    throw invalidQuery(
      `Variable declarations are allowed only at the start of a block or script at [${startLine}:${startColumn}]`,
    );
  }

  async #run(node: ParseNode): Promise<void> {
    switch (node.node) {
      case "ASTVariableDeclaration":
        return this.expressions.declare(node);
      case "ASTSingleAssignment":
        return this.expressions.assign([identifier(child(node, "variable"))], child(node, "expression"));
      case "ASTAssignmentFromStruct": {
        const names = childList(child(node, "variables"), "identifier_list").map(identifier);
        return this.expressions.assignStruct(names, child(node, "struct_expression"));
      }
      case "ASTSystemVariableAssignment":
        return this.expressions.assignSystem(node);
      case "ASTBeginEndBlock":
        return this.#block(node);
      case "ASTIfStatement":
        return this.#if(node);
      case "ASTCaseStatement":
        return this.#case(node);
      case "ASTWhileStatement":
        return this.#loop(node, async () => {
          const condition = node.condition as ParseNode | undefined;
          return condition === undefined || (await this.expressions.isTrue(condition));
        });
      case "ASTRepeatStatement":
        return this.#repeat(node);
      case "ASTForInStatement":
        return this.#for(node);
      case "ASTBreakStatement":
      case "ASTContinueStatement":
        throw new LoopSignal(node.node === "ASTBreakStatement" ? "break" : "continue", labelOf(node));
      case "ASTReturnStatement":
        throw new ReturnSignal();
      case "ASTRaiseStatement":
        return this.#raise(node);
      case "ASTExecuteImmediateStatement":
        return runDynamic(node, this);
      case "ASTCallStatement":
        return callProcedure(node, this);
      case "ASTBeginStatement":
      case "ASTCommitStatement":
      case "ASTRollbackStatement":
        return this.#transactionStatement(node);
      default:
        return this.runSql(this.text.padded(node), node);
    }
  }

  /** Runs one SQL statement; its rows go to a sink of its own. */
  async runSql(
    sql: string,
    node: ParseNode,
    capture?: (plan: ReturnType<Execution["plan"]>) => Promise<Outcome>,
  ): Promise<void> {
    const { execution } = this;
    const startMs = execution.parts.clock.now();
    execution.exact.clear();
    const plan = execution.plan(sql);
    const index = execution.isScript ? this.results.length : 0;
    const span = this.text.spanOf(node);
    execution.finish = (outcome) => ({
      ...execution.route,
      ...outcome,
      referencedTables: plan.referencedTables,
      reads: plan.reads,
      bytesProcessed: 0,
      span,
      evaluationKind: "STATEMENT",
      startMs,
      endMs: execution.parts.clock.now(),
    });
    const outcome = capture
      ? await capture(plan)
      : await runStatement(plan, execution, () => execution.request.sink(index));
    const result = execution.finish(outcome);
    this.results.push(result);
    const { dmlStats } = result;
    const rows = dmlStats
      ? dmlStats.insertedRowCount + dmlStats.updatedRowCount + dmlStats.deletedRowCount
      : (result.totalRows ?? 0);
    this.expressions.rowCount = rows;
  }

  async #block(node: ParseNode): Promise<void> {
    const statements = childList(child(node, "statement_list_node"), "statement_list");
    const label = labelOf(node);
    const handlers = node.handler_list ? childList(child(node, "handler_list"), "exception_handler_list") : [];
    try {
      await this.runList(statements, true);
    } catch (thrown) {
      if (thrown instanceof LoopSignal && label !== "" && thrown.label === label && thrown.kind === "break") return;
      if (thrown instanceof LoopSignal || thrown instanceof ReturnSignal || handlers.length === 0) throw thrown;
      const error = executionError(thrown, this.execution.parts.errorText);
      if (error.status === "CANCELLED") throw error;
      const before = this.#lastError;
      this.#lastError = error;
      this.expressions.error = error.message;
      try {
        const handler = handlers[0];
        if (handler) await this.runList(childList(child(handler, "statement_list"), "statement_list"), true);
      } finally {
        this.#lastError = before;
        this.expressions.error = before?.message;
      }
    }
  }

  async #if(node: ParseNode): Promise<void> {
    if (await this.expressions.isTrue(child(node, "condition"))) return this.#body(node, "then_list");
    const clauses = node.elseif_clauses ? childList(child(node, "elseif_clauses"), "elseif_clauses") : [];
    for (const clause of clauses) {
      if (await this.expressions.isTrue(child(clause, "condition"))) return this.#body(clause, "body");
    }
    if (node.else_list) await this.#body(node, "else_list");
  }

  async #case(node: ParseNode): Promise<void> {
    const subject = node.expression as ParseNode | undefined;
    for (const clause of childList(child(node, "when_then_clauses"), "when_then_clauses")) {
      const condition = child(clause, "condition");
      const holds = subject
        ? await this.expressions.areEqual(subject, condition)
        : await this.expressions.isTrue(condition);
      if (holds) return this.#body(clause, "body");
    }
    if (node.else_list) await this.#body(node, "else_list");
  }

  #body(node: ParseNode, field: string): Promise<void> {
    return this.runList(childList(child(node, field), "statement_list"), false);
  }

  /** Runs the body while `goesOn` says so. */
  async #loop(node: ParseNode, goesOn: () => Promise<boolean>): Promise<void> {
    const label = labelOf(node);
    while (await goesOn()) {
      if (await this.#isBroken(node, label)) return;
    }
  }

  async #repeat(node: ParseNode): Promise<void> {
    const label = labelOf(node);
    const condition = child(child(node, "until_clause"), "condition");
    do {
      if (await this.#isBroken(node, label)) return;
    } while (!(await this.expressions.isTrue(condition)));
  }

  /** One run of a loop's body. @returns whether the loop ends. */
  async #isBroken(node: ParseNode, label: string): Promise<boolean> {
    this.execution.request.signal.throwIfAborted();
    try {
      await this.#body(node, "body");
      return false;
    } catch (thrown) {
      if (!(thrown instanceof LoopSignal) || (thrown.label !== "" && thrown.label !== label)) throw thrown;
      return thrown.kind === "break";
    }
  }

  async #for(node: ParseNode): Promise<void> {
    const rows = await this.expressions.rowsOf(child(node, "query"));
    const scope = new Map();
    this.execution.session.scopes.push(scope);
    try {
      const name = identifier(child(node, "variable"));
      for (const sql of rows.values) {
        scope.set(name, { type: rows.type, sql });
        if (await this.#isBroken(node, labelOf(node))) return;
      }
    } finally {
      this.execution.session.scopes.pop();
    }
  }

  async #raise(node: ParseNode): Promise<void> {
    const message = node.message as ParseNode | undefined;
    if (message) throw invalidQuery((await this.expressions.text(message)) ?? "NULL");
    if (!this.#lastError) throw invalidQuery("Cannot re-raise an existing exception outside of an exception handler");
    throw this.#lastError;
  }

  async #transactionStatement(node: ParseNode): Promise<void> {
    const startMs = this.execution.parts.clock.now();
    const word =
      node.node === "ASTBeginStatement" ? "BEGIN" : node.node === "ASTCommitStatement" ? "COMMIT" : "ROLLBACK";
    const result = (): StatementResult => ({
      statementType: `${word}_TRANSACTION`,
      route: "native",
      referencedTables: [],
      bytesProcessed: 0,
      span: this.text.spanOf(node),
      evaluationKind: "STATEMENT",
      startMs,
      endMs: this.execution.parts.clock.now(),
    });
    if (word === "BEGIN") await this.transaction.begin();
    else if (word === "COMMIT") await this.transaction.commit(result);
    else await this.transaction.rollback();
    this.results.push(result());
  }

  unsupported(what: string): CloudError {
    return unsupportedStatement(what);
  }
}

function labelOf(node: ParseNode): string {
  const label = node.label as ParseNode | undefined;
  return label ? identifier(child(label, "name")) : "";
}
