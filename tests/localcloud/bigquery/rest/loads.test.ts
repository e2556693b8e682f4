import assert from "node:assert/strict";
import { createReadStream, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { JobLoadMetadata } from "@google-cloud/bigquery";
import { startServer, type TestServer } from "./server.js";

/** A flat schema: "name:TYPE", one a column. */
const columns = (...list: readonly string[]) => ({
  fields: list.map((column) => {
    const [name = "", type = ""] = column.split(":");
    return { name, type };
  }),
});

describe("load jobs", function () {
  this.timeout(60_000);
  let server: TestServer;
  let folder: string;
  let files = 0;
  before(async () => {
    server = await startServer();
    await server.client.createDataset("d", { location: "asia-northeast1" });
    folder = mkdtempSync(join(tmpdir(), "load-"));
  });
  after(async () => {
    rmSync(folder, { recursive: true });
    await server.stop();
  });

  const file = (name: string, text: string): string => {
    const path = join(folder, `${++files}${name}`);
    writeFileSync(path, text);
    return path;
  };
  const load = (table: string, path: string, options: JobLoadMetadata) =>
    server.client.dataset("d", { location: "asia-northeast1" }).table(table).load(path, options);
  const rows = async (table: string) => (await server.client.dataset("d").table(table).getRows())[0];
  /** The reasons of a load that must fail. */
  const failure = (attempt: Promise<unknown>): Promise<readonly string[]> =>
    attempt.then(
      () => assert.fail("the load must fail"),
      (error: { errors?: readonly { message: string }[]; message: string }) =>
        error.errors?.map(({ message }) => message) ?? [error.message],
    );

  it("take newline-delimited JSON with nested and repeated fields, in the dataset's location", async () => {
    const path = file("a.json", '{"id":1,"items":[{"p":1.5},{"p":2}],"j":{"k":[1]}}\n\n{"id":"2"}\n');
    const schema = {
      fields: [
        { name: "id", type: "INTEGER" },
        { name: "items", type: "RECORD", mode: "REPEATED", fields: [{ name: "p", type: "FLOAT" }] },
        { name: "j", type: "JSON" },
      ],
    };
    const [job] = await server.client
      .dataset("d")
      .table("json")
      .createLoadJob(path, { schema, location: "asia-northeast1" });
    assert.equal(job.location ?? job.metadata.jobReference.location, "asia-northeast1");
    await job.promise();
    const [done] = await job.getMetadata();
    assert.deepEqual(done.statistics.load, {
      inputFiles: "1",
      inputFileBytes: "63",
      outputRows: "2",
      outputBytes: "63",
      badRecords: "0",
    });
    assert.deepEqual(await rows("json"), [
      { id: 1, items: [{ p: 1.5 }, { p: 2 }], j: '{"k":[1]}' },
      { id: 2, items: [], j: null },
    ]);
  });

  it("take CSV with quotes, line breaks, null markers and rows that are too short", async () => {
    const path = file("b.csv", 'id|name|ok|at\n1|"a|""b""\nc"|yes|2024-01-02 03:04:05\n2|NULL|f|\n3\n');
    await load("csv", path, {
      schema: columns("id:INTEGER", "name:STRING", "ok:BOOLEAN", "at:TIMESTAMP"),
      skipLeadingRows: 1,
      fieldDelimiter: "|",
      allowQuotedNewlines: true,
      allowJaggedRows: true,
      nullMarker: "NULL",
      maxBadRecords: 1,
    });
    assert.deepEqual(
      (await rows("csv")).map(({ id, name, ok, at }) => [id, name, ok, at?.value]),
      [
        [1, 'a|"b"\nc', true, "2024-01-02T03:04:05.000Z"],
        [3, null, null, undefined],
      ],
    );
  });

  it("detect a schema: names from the head, types from the rows", async () => {
    const path = file("c.csv", "day,n,x,flag,text\n2024-01-02,1,1.5,true,a\n2024-01-03,2,,false,b\n");
    await load("detected", path, { autodetect: true });
    const [metadata] = await server.client.dataset("d").table("detected").getMetadata();
    assert.deepEqual(
      metadata.schema.fields.map(({ name, type }: { name: string; type: string }) => `${name}:${type}`),
      ["day:DATE", "n:INTEGER", "x:FLOAT", "flag:BOOLEAN", "text:STRING"],
    );
    assert.equal((await rows("detected")).length, 2);
    await load("detectedJson", file("d.json", '{"a":1,"b":[{"c":"x"}]}\n{"a":2.5,"b":[]}\n'), { autodetect: true });
    assert.deepEqual(await rows("detectedJson"), [
      { a: 1, b: [{ c: "x" }] },
      { a: 2.5, b: [] },
    ]);
  });

  // Wordings recorded from the service in public traces (contracts 2.9).
  const problems: readonly (readonly [string, string, RegExp])[] = [
    [
      "json",
      '{"x":"y"}',
      /JSON parsing error in row starting at position 0: Could not convert value 'string_value: "y"' to integer\. Field: x; Value: y/,
    ],
    ["json", '{"z":1}', /No such field: z\./],
    ["json", '{"x":1', /Parser terminated before end of string/],
    ["csv", "1,2", /Too many values in line/],
    [
      "csv",
      "abc",
      /Could not parse 'abc' as INT64.*line_number: 1 byte_offset_to_start_of_line: 0 column_index: 0 column_name: "x" column_type: INT64 value: "abc"/,
    ],
  ];
  for (const [extension, text, message] of problems) {
    it(`fail whole with the row behind it: ${text}`, async () => {
      const table = `bad${files}`;
      const errors = await failure(load(table, file(`x.${extension}`, `${text}\n`), { schema: columns("x:INTEGER") }));
      assert.match(
        errors[0] ?? "",
        /Error while reading data, error message: (JSON|CSV) processing encountered too many errors, giving up\. Rows: 1; errors: 1; max bad: 0/,
      );
      assert.match(errors[1] ?? "", message);
      assert.deepEqual(await server.client.dataset("d").table(table).exists(), [false]);
    });
  }

  it("append by default, replace with WRITE_TRUNCATE, and keep what is there when they fail", async () => {
    const good = file("g.json", '{"x":1}\n');
    await load("modes", good, { schema: columns("x:INTEGER") });
    await load("modes", good, {});
    assert.equal((await rows("modes")).length, 2);
    await failure(load("modes", file("h.json", '{"x":1}\n{"x":"no"}\n'), { writeDisposition: "WRITE_TRUNCATE" }));
    assert.equal((await rows("modes")).length, 2);
    await load("modes", good, { writeDisposition: "WRITE_TRUNCATE" });
    assert.equal((await rows("modes")).length, 1);
    const [error] = await failure(load("modes", good, { writeDisposition: "WRITE_EMPTY" }));
    assert.match(error ?? "", /Already Exists: Table/);
  });

  it("add columns only when they are allowed to", async () => {
    await load("wider", file("i.json", '{"x":1}\n'), { schema: columns("x:INTEGER") });
    const more = file("j.json", '{"x":2,"y":"z"}\n');
    const [error] = await failure(load("wider", more, { schema: columns("x:INTEGER", "y:STRING") }));
    assert.match(error ?? "", /Cannot add fields \(field: y\)/);
    await load("wider", more, {
      schema: columns("x:INTEGER", "y:STRING"),
      schemaUpdateOptions: ["ALLOW_FIELD_ADDITION"],
    });
    assert.deepEqual(await rows("wider"), [
      { x: 1, y: null },
      { x: 2, y: "z" },
    ]);
  });

  it("say at once what can never be: no schema, no dataset, another format", async () => {
    const path = file("k.csv", "1\n");
    const [schema] = await failure(load("noschema", path, {}));
    assert.match(schema ?? "", /No schema specified on job or table\./);
    await assert.rejects(server.client.dataset("nowhere").table("t").load(path, {}), { code: 404 });
    await assert.rejects(load("t", path, { sourceFormat: "AVRO" }), { code: 501 });
  });

  it("take a stream", async () => {
    await server.client.dataset("d").createTable("streamed", { schema: "x:INTEGER" });
    const table = server.client.dataset("d").table("streamed");
    await new Promise((resolve, reject) => {
      createReadStream(file("l.json", '{"x":1}\n{"x":2}\n'))
        .pipe(table.createWriteStream("json"))
        .on("error", reject)
        .on("complete", resolve);
    });
    assert.equal((await rows("streamed")).length, 2);
  });

  it("take a resumable upload in pieces", async () => {
    const base = `${server.cloud.rest}/upload/bigquery/v2/projects/${server.cloud.project}/jobs?uploadType=resumable`;
    const configuration = {
      load: {
        destinationTable: { projectId: server.cloud.project, datasetId: "d", tableId: "pieces" },
        sourceFormat: "NEWLINE_DELIMITED_JSON",
        schema: { fields: [{ name: "x", type: "INTEGER" }] },
        // What the command line sends for options that nobody gave.
        nullMarker: null,
        schemaUpdateOptions: [],
      },
    };
    const begun = await fetch(base, { method: "POST", body: JSON.stringify({ configuration }) });
    const location = begun.headers.get("location") ?? assert.fail("no Location");
    const data = '{"x":1}\n{"x":2}\n';
    const put = (from: number, to: number) =>
      fetch(location, {
        method: "PUT",
        headers: { "content-range": `bytes ${from}-${to - 1}/${data.length}` },
        body: data.slice(from, to),
        redirect: "manual",
      });
    const partial = await put(0, 5);
    assert.deepEqual([partial.status, partial.headers.get("range")], [308, "bytes=0-4"]);
    const job = (await (await put(5, data.length)).json()) as { status: { state: string } };
    assert.equal(job.status.state, "DONE");
    assert.deepEqual(await rows("pieces"), [{ x: 1 }, { x: 2 }]);
  });
});
