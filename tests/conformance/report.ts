import { startLocalCloud } from "activate/localcloud";
import { BigQueryClient } from "./client.js";
import { corpusCases, prepareCorpus, runCorpus } from "./corpus.js";
import { recordedCases, runRecorded } from "./recorded.js";

/**
 * Runs the recorded answers and our own corpus, and says which fail:
 * `node build/tests/conformance/report.js [pattern]`, with ACTIVATE_SQL_ENGINE=duckdb without Google's evaluator.
 */
async function main(pattern: RegExp): Promise<void> {
  const cloud = await startLocalCloud();
  const client = new BigQueryClient(cloud.rest, cloud.project);
  const groups = new Map<string, { passed: number; native: number; all: number }>();
  const count = async (name: string, run: () => Promise<{ wrong: string | undefined; native: boolean }>) => {
    if (!pattern.test(name)) return;
    const group = name.split("/")[0] ?? "";
    const counts = groups.get(group) ?? { passed: 0, native: 0, all: 0 };
    groups.set(group, counts);
    const { wrong, native } = await run().catch((thrown: unknown) => ({ wrong: String(thrown), native: false }));
    counts.all += 1;
    if (native) counts.native += 1;
    if (wrong === undefined) counts.passed += 1;
    else console.log(`${name}: ${wrong.slice(0, 400)}`);
  };
  try {
    for (const [index, recorded] of recordedCases().entries()) {
      await count(recorded.name, () => runRecorded(recorded, client, `case_${index}`));
    }
    await prepareCorpus(client);
    for (const one of corpusCases()) await count(one.name, () => runCorpus(one, client));
  } finally {
    await cloud.stop();
  }
  for (const [group, { passed, native, all }] of groups) {
    console.log(`${group}: ${passed} of ${all} as recorded, ${native} without Google's evaluator`);
  }
}

void main(new RegExp(process.argv[2] ?? ""));
