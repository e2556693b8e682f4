import {
  type DuckDBConnection,
  type DuckDBDataChunk,
  DuckDBScalarFunction,
  type DuckDBType,
  type DuckDBVector,
  VARCHAR,
} from "@duckdb/node-api";
import { quoteText } from "../engine/duckTypes.js";
import type { GoogleSql } from "../googlesql/analyzer.js";
import { typeName, typeProtoOf } from "../googlesql/types.js";
import type { SqlType } from "../schema.js";
import type { Argument, CastCall, ScalarCall } from "./call.js";
import { fromProto, toProto, vectorType } from "./evaluatorValues.js";
import { callText, castText, enumText, literalText } from "./surface.js";

/** Functions that hand their values, a chunk at a time, to Google's reference evaluator: right by construction. */
export interface ExactFunctions {
  /** DuckDB SQL of the call, or undefined when its types cannot cross. */
  scalar(call: ScalarCall): string | undefined;
  cast(call: CastCall): string | undefined;
}

/** Functions that the evaluator does not have, or whose data its module lacks (a call would cost the instance). */
const NOT_EVALUATED =
  /^(?:hll_count\.|kll_quantiles\.|net\.(?:reg_domain|public_suffix)|keys\.|aead\.|deterministic_|st_|s2_|collate|rand$|generate_uuid|new_uuid|session_user|current_|to_base32|from_base32|contains_substr|error$)/;

/** How many values the evaluator gets in one query. */
const BATCH = 2048;

/**
 * One DuckDB function for each combination of argument types and result type: its first argument is GoogleSQL text in
 * which `x.a0`, `x.a1` … stand for the others. About 50 us a value.
 */
export class EvaluatorFunctions implements ExactFunctions {
  readonly #googleSql: GoogleSql;
  readonly #connection: DuckDBConnection;
  readonly #names = new Map<string, string>();

  /** @param connection any of the instance: scalar functions belong to the instance; must outlive this object. */
  constructor(googleSql: GoogleSql, connection: DuckDBConnection) {
    this.#googleSql = googleSql;
    this.#connection = connection;
  }

  scalar(call: ScalarCall): string | undefined {
    if (NOT_EVALUATED.test(call.name)) return undefined;
    const crossing = new Crossing();
    const operands = call.args.map((arg) => crossing.operand(arg));
    if (operands.includes(undefined)) return undefined;
    const text = callText(call, (index) => operands[index] ?? "NULL");
    return text === undefined ? undefined : this.#written(text, crossing, call.returnType);
  }

  cast(call: CastCall): string | undefined {
    const crossing = new Crossing();
    const operand = crossing.operand(call.arg);
    const format = call.format ? crossing.operand(call.format) : "";
    const timeZone = call.timeZone ? crossing.operand(call.timeZone) : "";
    if (operand === undefined || format === undefined || timeZone === undefined) return undefined;
    if (call.typeParameters && call.typeParameters.length > 0) return undefined;
    return this.#written(castText(call, operand, format, timeZone), crossing, call.to);
  }

  #written(text: string, crossing: Crossing, result: SqlType): string | undefined {
    const name = this.#functionFor(crossing.types, result);
    return name && `${name}(${[quoteText(text), ...crossing.sql].join(", ")})`;
  }

  #functionFor(types: readonly SqlType[], result: SqlType): string | undefined {
    const key = [...types, result].map(typeName).join("|");
    const known = this.#names.get(key);
    if (known !== undefined) return known;
    const parameters = types.map(vectorType);
    const returnType = vectorType(result);
    if (returnType === undefined || parameters.includes(undefined)) return undefined;
    const name = `bq_exact_${this.#names.size + 1}`;
    this.#connection.registerScalarFunction(
      DuckDBScalarFunction.create({
        name,
        parameterTypes: [VARCHAR, ...(parameters as DuckDBType[])],
        returnType,
        specialHandling: true,
        mainFunction: (_info, chunk, output) => this.#run(chunk, output, types, result),
      }),
    );
    this.#names.set(key, name);
    return name;
  }

  #run(chunk: DuckDBDataChunk, output: DuckDBVector, types: readonly SqlType[], result: SqlType): void {
    const text = String(chunk.getColumnVector(0).getItem(0) ?? "NULL");
    const vectors = types.map((_, index) => chunk.getColumnVector(index + 1));
    for (let from = 0; from < chunk.rowCount; from += BATCH) {
      const to = Math.min(from + BATCH, chunk.rowCount);
      const rows: unknown[] = [];
      for (let row = from; row < to; row += 1) {
        rows.push({
          struct_value: { field: types.map((type, index) => toProto(vectors[index]?.getItem(row) ?? null, type)) },
        });
      }
      const answers = this.#evaluate(text, rows, types);
      for (let row = from; row < to; row += 1) output.setItem(row, fromProto(answers[row - from] ?? {}, result));
    }
    output.flush();
  }

  /** @throws Error with the evaluator's text. */
  #evaluate(text: string, rows: readonly unknown[], types: readonly SqlType[]): readonly EvaluatedValue[] {
    // A struct needs a field where every argument is written into the text.
    const fields = types.length > 0 ? types : ([{ kind: "INT64" }] as const);
    const filled = types.length > 0 ? rows : rows.map(() => ({ struct_value: { field: [{}] } }));
    const struct: SqlType = { kind: "STRUCT", fields: fields.map((type, index) => ({ name: `a${index}`, type })) };
    const parameter = {
      name: "xs",
      value: { array_value: { element: filled } },
      type: typeProtoOf({ kind: "ARRAY", element: struct }),
    };
    const sql = `SELECT ARRAY(SELECT AS STRUCT ${text} AS r FROM UNNEST(@xs) AS x WITH OFFSET AS o ORDER BY o)`;
    try {
      const answer = this.#googleSql.evaluatePrepared(sql, [parameter]);
      const elements = answer.rows[0]?.cell[0]?.array_value?.element ?? [];
      return elements.map((element) => element.struct_value?.field[0] ?? {});
    } catch (thrown) {
      const message = thrown instanceof Error ? thrown.message : String(thrown);
      throw new Error(message.replace(/^Code: \d+, Message: /, "").replace(/ \[at \d+:\d+\]$/, ""), { cause: thrown });
    }
  }
}

type EvaluatedValue = Parameters<typeof fromProto>[0];

/** Collects what must cross; literals are written into the text. */
class Crossing {
  readonly sql: string[] = [];
  readonly types: SqlType[] = [];

  operand(arg: Argument): string | undefined {
    if (arg.lambda) return undefined;
    if (arg.type.kind === "ENUM") return enumText(arg);
    // JSON's literals are text too, and no STRING.
    const written = ["STRING", "INT64", "BOOL"].includes(arg.type.kind) ? arg.literal : undefined;
    const literal = written === undefined ? undefined : literalText(written);
    if (literal !== undefined) return literal;
    if (arg.sql === "") return undefined;
    this.sql.push(arg.sql);
    this.types.push(arg.type);
    return `x.a${this.sql.length - 1}`;
  }
}
