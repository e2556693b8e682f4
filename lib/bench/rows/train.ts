import { join } from "node:path";
import { type Epoch, fitDetector } from "../../anomaly/index.js";
import { ROOT } from "../../cli/paths.js";
import type { Bench } from "../bench.js";
import { alternate, digest, timed } from "../measure.js";
import { startProgram } from "../processes.js";
import { benchPython } from "../python.js";

const NETWORK = { networks: 1, hiddenUnits: 48, noise: 0.2, batchSize: 256 } as const;

/** Seven features of three numbers, so that there is something to learn; the rows of peers/autoencoder.py, by the same arithmetic. */
function features(rows: number): Record<string, Float64Array> {
  const share = (multiplier: number, modulus: number) =>
    Float64Array.from({ length: rows }, (_, row) => (((row + 1) * multiplier) % modulus) / modulus);
  const [a, b, c] = [share(48271, 1000003), share(69621, 998244), share(16807, 999983)];
  const of = (formula: (a: number, b: number, c: number) => number) =>
    a.map((value, row) => formula(value, b[row] ?? 0, c[row] ?? 0));
  return {
    a,
    b,
    c,
    d: of((x, y) => x + y),
    e: of((x, y) => x * y),
    f: of((_, y, z) => y - z),
    g: of((x, y, z) => x * y * z),
  };
}

export const train: Bench = {
  name: "train",
  what: "an autoencoder 7-48-48-7 on 100k rows, 10 epochs of batches of 256, against the same network in Keras (tensorflow-cpu)",
  async run(context) {
    const { rows, epochs, rounds } =
      context.scale === "full" ? { rows: 100_000, epochs: 10, rounds: 3 } : { rows: 2000, epochs: 1, rounds: 1 };
    const python = benchPython(context);
    const script = join(ROOT, "lib", "bench", "peers", "autoencoder.py");
    const { batchSize, hiddenUnits, noise } = NETWORK;
    const words = [script, ...[rows, epochs, batchSize, hiddenUnits, noise].map(String)];
    const peer = await startProgram(python.interpreter, words);
    context.afterwards(() => peer.stop());
    await peer.line();
    const columns = features(rows);
    let ours: Epoch | undefined;
    let theirs = { seconds: 0, loss: 0, peakMegabytes: 0 };
    const found = await alternate(
      { rounds },
      () =>
        timed(async () => {
          // No row is left out, as in Keras; scores and a threshold are computed as well.
          const settings = { ...NETWORK, epochs, trim: 0 };
          fitDetector("autoencoder", columns, { settings, report: (epoch) => (ours = epoch) });
        }),
      async () => {
        peer.write("run");
        theirs = JSON.parse(await peer.line()) as typeof theirs;
        return theirs.seconds * 1000;
      },
    );
    const peak = process.resourceUsage().maxRSS / 1024;
    context.log(`peak memory ${peak.toFixed(0)} MB, Keras ${theirs.peakMegabytes.toFixed(0)} MB`);
    context.log(`loss of the last epoch ${ours?.loss.toPrecision(3)}, Keras ${theirs.loss.toPrecision(3)}`);
    if (context.scale === "full" && !((ours?.loss ?? 1) < 1.1 * theirs.loss)) {
      throw new Error(`ours learnt less: a loss of ${ours?.loss} against ${theirs.loss}`);
    }
    return { unit: "ms", ...found, peerName: "Keras", hash: digest(ours) };
  },
};
