import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import { type LocalCloud, startLocalCloud } from "activate/localcloud";
import { BigQueryClient } from "./client.js";
import { corpusCases, prepareCorpus, runCorpus } from "./corpus.js";
import { BUCKET, type Outcome, recordedCases, runRecorded } from "./recorded.js";

/**
 * Every case of the corpus, and of the recorded answers where their file is there: as users meet the local cloud, and once
 * more without Google's evaluator (only the cases that it had a hand in). What `knownGaps.json` lists must fail.
 */

type Gaps = Readonly<Record<string, string>>;
const GAPS = JSON.parse(readFileSync(resolve(process.cwd(), "tests/conformance/knownGaps.json"), "utf8")) as {
  readonly always: Gaps;
  readonly withoutEvaluator: Gaps;
};

interface Case {
  readonly name: string;
  run(client: BigQueryClient): Promise<Outcome>;
}

const CASES: readonly Case[] = [
  ...recordedCases().map((recorded, index) => ({
    name: recorded.name,
    run: (client: BigQueryClient) => runRecorded(recorded, client, `case_${index}`),
  })),
  ...corpusCases().map((one) => ({ name: one.name, run: (client: BigQueryClient) => runCorpus(one, client) })),
];
const GROUPS = [...new Set(CASES.map(({ name }) => groupOf(name)))];

describe("conformance", () => {
  const native = new Set<string>();
  const passed = new Set<string>();

  describe("as users meet it", () => {
    const cloud = cloudOf(undefined);
    for (const group of GROUPS) {
      it(`answers ${group} as recorded, known gaps apart`, async function () {
        this.timeout(300_000);
        const wrong = new Map<string, string>();
        for (const one of casesOf(group)) {
          const outcome = await one.run(cloud());
          if (outcome.wrong === undefined) passed.add(one.name);
          else wrong.set(one.name, outcome.wrong);
          if (outcome.native && outcome.wrong === undefined) native.add(one.name);
        }
        report(group, wrong.size);
        check(wrong, group, GAPS.always);
      });
    }
  });

  describe("without Google's evaluator", () => {
    const cloud = cloudOf("duckdb");
    for (const group of GROUPS) {
      it(`answers ${group} as recorded, known gaps apart`, async function () {
        this.timeout(300_000);
        const wrong = new Map<string, string>();
        for (const one of casesOf(group)) {
          if (native.has(one.name)) continue;
          // A case that fails with the evaluator at hand fails without it too.
          const outcome = passed.has(one.name) ? await one.run(cloud()) : { wrong: "fails with the evaluator, too" };
          if (outcome.wrong !== undefined) wrong.set(one.name, outcome.wrong);
        }
        report(group, wrong.size);
        check(wrong, group, { ...GAPS.always, ...GAPS.withoutEvaluator });
      });
    }
  });
});

/** A local cloud for the suite around the call, its corpus tables made. */
function cloudOf(engine: string | undefined): () => BigQueryClient {
  let cloud: LocalCloud | undefined;
  let client: BigQueryClient | undefined;
  const before = process.env.ACTIVATE_SQL_ENGINE;
  beforeAll(async () => {
    setEngine(engine);
    cloud = await startLocalCloud();
    client = new BigQueryClient(cloud.rest, cloud.project);
    await prepareCorpus(client);
    await client.createBucket(BUCKET);
  });
  afterAll(async () => {
    setEngine(before);
    await cloud?.stop();
  });
  return () => {
    assert.ok(client, "the local cloud did not start");
    return client;
  };
}

function beforeAll(work: () => Promise<void>): void {
  before(async function () {
    this.timeout(60_000);
    await work();
  });
}

function afterAll(work: () => Promise<void>): void {
  after(async function () {
    this.timeout(20_000);
    await work();
  });
}

function setEngine(engine: string | undefined): void {
  if (engine === undefined) delete process.env.ACTIVATE_SQL_ENGINE;
  else process.env.ACTIVATE_SQL_ENGINE = engine;
}

function groupOf(name: string): string {
  return name.split("/")[0] ?? "";
}

function casesOf(group: string): readonly Case[] {
  return CASES.filter(({ name }) => groupOf(name) === group);
}

function report(group: string, wrong: number): void {
  const all = casesOf(group).length;
  console.log(`      ${group}: ${all - wrong} of ${all}`);
}

function check(wrong: ReadonlyMap<string, string>, group: string, gaps: Gaps): void {
  const news = [...wrong].filter(([name]) => !(name in gaps)).map(([name, what]) => `${name}: ${what}`);
  assert.deepEqual(news, [], "cases that fail and are no known gap");
  const ran = new Set(casesOf(group).map(({ name }) => name));
  const closed = Object.keys(gaps).filter((name) => ran.has(name) && !wrong.has(name));
  assert.deepEqual(closed, [], "known gaps that pass now: take them out of knownGaps.json");
}
