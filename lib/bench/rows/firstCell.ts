import { basename, join } from "node:path";
import { notebookPaths, readNotebook, sourceOf } from "../../cli/notebooks/files.js";
import { NOTEBOOKS, ROOT } from "../../cli/paths.js";
import { clientVariables, launchLocalCloud } from "../../localcloud/launch/index.js";
import { type Bench, PeerAbsent } from "../bench.js";
import { alternate, digest } from "../measure.js";
import { KERNEL_NAME, notebookPython } from "../notebookPython.js";
import { startProgram } from "../processes.js";
import { endProcess } from "../servers.js";

interface Answer {
  readonly name: string;
  readonly seconds: number;
  readonly status: string;
}

/** What a kernel does in its first cell anyhow: start TypeScript's language service. */
const PLAIN = { name: "plain", source: "const answer: number = 42;\nanswer" };

export const firstCell: Bench = {
  name: "first-cell",
  what: "the import-and-open cell of each notebook in a fresh kernel (the slowest counts), against a first cell that imports nothing",
  async run(context) {
    const { python, env } = await notebookPython(context);
    const cells = notebookPaths().flatMap((path) => {
      const cell = readNotebook(path).cells.find(({ cell_type }) => cell_type === "code");
      return cell === undefined ? [] : [{ name: basename(path, ".ipynb"), source: sourceOf(cell) }];
    });
    if (cells.length === 0) throw new PeerAbsent("There is no notebook.");
    const state = join(context.folder, "state");
    const cloud = await launchLocalCloud({ stateDir: state });
    context.afterwards(() => endProcess(cloud.pid));
    const script = join(ROOT, "lib", "bench", "peers", "first_cell.py");
    const program = await startProgram(python.interpreter, [script, KERNEL_NAME, NOTEBOOKS], {
      env: { ...env, ...clientVariables(cloud), ACTIVATE_STATE: state },
    });
    context.afterwards(() => program.finish());
    const first = async (cell: { name: string; source: string }): Promise<Answer> => {
      program.write(JSON.stringify(cell));
      const answer = JSON.parse(await program.line()) as Answer;
      if (answer.status !== "ok") throw new Error(`the first cell of ${answer.name} failed`);
      return answer;
    };

    let slowest = { name: "", ours: 0, peer: 1 };
    for (const cell of context.scale === "full" ? cells : cells.slice(0, 1)) {
      const found = await alternate(
        context.scale === "full" ? { rounds: 3 } : { rounds: 1, warmUp: false },
        async () => (await first(cell)).seconds,
        async () => (await first(PLAIN)).seconds,
      );
      context.log(`${cell.name}: ${found.ours.toFixed(2)} s, a plain first cell ${found.peer.toFixed(2)} s`);
      if (found.ours > slowest.ours) slowest = { name: cell.name, ...found };
    }
    return { unit: "s", ours: slowest.ours, peer: slowest.peer, peerName: "a plain first cell", hash: digest(cells) };
  },
};
