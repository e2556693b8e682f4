import assert from "node:assert/strict";
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { ActivateError } from "activate/cloud";
import { repositoryRoot } from "activate/cloud/paths.js";
import { parseSql, readSql, renderSql } from "activate/cloud/sql.js";

describe("parseSql", () => {
  it("reads the types of parameters from the head, with notes and over several lines", () => {
    const file = parseSql(
      "x.sql",
      "-- What: a test, Parameters are below.\n-- Parameters: start TIMESTAMP, end TIMESTAMP (excluded), share FLOAT64 (0 to 1, or so),\n" +
        "--             rows ARRAY<STRUCT<id INT64, tags ARRAY<STRING>>>\n-- Placeholders: project, dataset\n" +
        `SELECT @start FROM \`\${project}.\${dataset}.t\`\n`,
    );
    assert.deepEqual(
      [...file.params],
      [
        ["start", "TIMESTAMP"],
        ["end", "TIMESTAMP"],
        ["share", "FLOAT64"],
        ["rows", [{ id: "INT64", tags: ["STRING"] }]],
      ],
    );
    assert.deepEqual([...file.placeholders], ["project", "dataset"]);
  });
});

describe("renderSql", () => {
  const file = parseSql("x.sql", `-- What: \${not} touched\nSELECT * FROM \`\${project}.\${table}\``);
  const message = (values: Record<string, string>): string => {
    try {
      return renderSql(file, values);
    } catch (thrown) {
      assert.ok(thrown instanceof ActivateError);
      return thrown.message;
    }
  };

  it("fills placeholders below the head only", () => {
    assert.equal(message({ project: "p-1", table: "t_2" }), `-- What: \${not} touched\nSELECT * FROM \`p-1.t_2\``);
  });
  it("refuses what could end the backticks", () => {
    assert.match(message({ project: "p", table: "t` WHERE TRUE; --" }), /cannot be/);
  });
  it("refuses a missing and an unknown value by name", () => {
    assert.match(message({ project: "p" }), /needs a value for \$\{table\}/);
    assert.match(message({ project: "p", tabel: "t" }), /no placeholder \$\{tabel\}. Did you mean table\?/);
  });
});

describe("sql/", () => {
  const paths = readdirSync(join(repositoryRoot(), "sql"), { recursive: true, encoding: "utf8" });
  for (const path of paths.filter((name) => name.endsWith(".sql"))) {
    it(`${path} declares exactly the parameters that it uses`, () => {
      const file = readSql(path);
      const body = file.text.replace(/--[^\n]*/g, "");
      const used = new Set([...body.matchAll(/@(\w+)/g)].map((match) => match[1]));
      assert.deepEqual([...file.params.keys()].sort(), [...used].sort());
    });
  }

  it("names the nearest file when there is none of that path", () => {
    assert.throws(() => readSql("bqml/centroid.sql"), /Did you mean bqml\/centroids.sql\?/);
  });
});
