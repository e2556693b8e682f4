import { startLocalCloud } from "activate/localcloud";
import { BigQueryClient } from "./client.js";
import { recordedCases, runRecorded } from "./recorded.js";

/**
 * Runs the recorded answers and says which fail: `node build/tests/conformance/report.js [pattern]`, with
 * ACTIVATE_SQL_ENGINE=duckdb without Google's evaluator.
 */
async function main(pattern: string): Promise<void> {
  const cloud = await startLocalCloud();
  const client = new BigQueryClient(cloud.rest, cloud.project);
  const groups = new Map<string, { passed: number; all: number }>();
  try {
    for (const [index, recorded] of recordedCases().entries()) {
      if (!new RegExp(pattern).test(recorded.name)) continue;
      const group = recorded.name.split("/")[0] ?? "";
      const count = groups.get(group) ?? { passed: 0, all: 0 };
      groups.set(group, count);
      const wrong = await runRecorded(recorded, client, `case_${index}`).catch((thrown: unknown) => String(thrown));
      count.all += 1;
      if (wrong === undefined) count.passed += 1;
      else console.log(`${recorded.name}: ${wrong.slice(0, 400)}`);
    }
  } finally {
    await cloud.stop();
  }
  for (const [group, { passed, all }] of groups) console.log(`${group}: ${passed} of ${all}`);
}

void main(process.argv[2] ?? "");
