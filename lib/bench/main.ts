import { nearestName } from "../anomaly/nearestName.js";
import { BENCHES, type Measurement, PeerAbsent, runBench, type Scale } from "./index.js";

const USAGE = `npm run bench -- [NAME ...] [--json] [--small]
  --json   one line a row: {"name","unit","ours","peer","peerName","ratio","hash"}
  --small  seconds instead of minutes: shows that a benchmark runs, its numbers mean nothing
${BENCHES.map(({ name, what }) => `  ${name.padEnd(14)} ${what}`).join("\n")}`;

/** @returns the exit code: 0, 1 when a benchmark failed, 2 for a wrong call. A row whose peer is absent is skipped, not failed. */
export async function main(words: readonly string[]): Promise<number> {
  const options = words.filter((word) => word.startsWith("-"));
  const names = words.filter((word) => !word.startsWith("-"));
  if (options.includes("--help")) {
    console.log(USAGE);
    return 0;
  }
  const known = BENCHES.map(({ name }) => name);
  const wrong =
    options.find((word) => word !== "--json" && word !== "--small") ?? names.find((name) => !known.includes(name));
  if (wrong !== undefined) {
    const near = nearestName(wrong, known);
    console.error(`Unknown: ${wrong}.${near === undefined ? "" : ` Did you mean ${near}?`}\n${USAGE}`);
    return 2;
  }
  const json = options.includes("--json");
  const scale: Scale = options.includes("--small") ? "small" : "full";
  let failed = false;
  if (!json) console.log(tableLine("name", "ours", "peer", "ratio", "hash", "against"));
  for (const bench of BENCHES.filter(({ name }) => names.length === 0 || names.includes(name))) {
    const log = (line: string): void => console.error(`${bench.name}: ${line}`);
    try {
      const found = await runBench(bench, scale, log);
      console.log(json ? jsonLine(bench.name, found) : row(bench.name, found));
    } catch (error) {
      if (error instanceof PeerAbsent) log(`skipped. ${error.message}`);
      else {
        failed = true;
        log(`failed. ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`);
      }
    }
  }
  return failed ? 1 : 0;
}

function jsonLine(name: string, { unit, ours, peer, peerName, hash }: Measurement): string {
  return JSON.stringify({ name, unit, ours, peer, peerName, ratio: ours / peer, hash });
}

function row(name: string, { unit, ours, peer, peerName, hash }: Measurement): string {
  const amount = (value: number) => `${value >= 100 ? value.toFixed(0) : value.toPrecision(3)} ${unit}`;
  return tableLine(name, amount(ours), amount(peer), (ours / peer).toFixed(2), hash, peerName);
}

function tableLine(name: string, ours: string, peer: string, ratio: string, hash: string, against: string): string {
  return `${name.padEnd(14)} ${ours.padStart(10)} ${peer.padStart(10)} ${ratio.padStart(6)}  ${hash.padEnd(12)}  ${against}`;
}

if (require.main === module) {
  main(process.argv.slice(2)).then(
    (code) => {
      process.exitCode = code;
    },
    (error: unknown) => {
      console.error(error);
      process.exitCode = 1;
    },
  );
}
