import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, writeFileSync } from "node:fs";
import { basename, join } from "node:path";
import { executeNotebooks } from "../../cli/notebooks/execute.js";
import { notebookPaths } from "../../cli/notebooks/files.js";
import { type Bench, PeerAbsent } from "../bench.js";
import { alternate, digest, timed } from "../measure.js";
import { notebookPython } from "../notebookPython.js";
import { BIN } from "../servers.js";

const PLAIN = {
  cells: [{ cell_type: "code", id: "plain", metadata: {}, execution_count: null, outputs: [], source: "1 + 1" }],
  metadata: { kernelspec: { display_name: "TypeScript", language: "typescript", name: "tslab" } },
  nbformat: 4,
  nbformat_minor: 5,
};

export const workbook: Bench = {
  name: "workbook",
  what: "the whole npm start after set-up, on an empty state, against kernel start and nbconvert alone for as many notebooks",
  async run(context) {
    const { python, env } = await notebookPython(context);
    const all = notebookPaths();
    const chosen = context.scale === "full" ? all : all.slice(0, 1);
    if (chosen.length === 0) throw new PeerAbsent("There is no notebook.");
    const plain = chosen.map((_, index) => join(context.folder, `plain_${index}.ipynb`));
    for (const path of plain) writeFileSync(path, JSON.stringify(PLAIN));

    let runs = 0;
    let output = "";
    const ours = () =>
      timed(async () => {
        runs += 1;
        const state = join(context.folder, `state_${runs}`);
        mkdirSync(state);
        const numbers = chosen.map((path) => basename(path).slice(0, 2));
        const child = spawn(process.execPath, [BIN, "run", ...numbers], {
          env: { ...process.env, ACTIVATE_STATE: state },
          stdio: ["ignore", "pipe", "pipe"],
        });
        output = "";
        for (const stream of [child.stdout, child.stderr]) {
          stream.on("data", (chunk: Buffer) => {
            output += chunk.toString("utf8");
          });
        }
        const [code] = await once(child, "close");
        if (code !== 0) throw new Error(`npm start ended with ${code}:\n${output.slice(-3000)}`);
      });
    const peer = () =>
      timed(async () => {
        const variables = Object.fromEntries(
          Object.entries(env).filter((entry): entry is [string, string] => entry[1] !== undefined),
        );
        for await (const event of executeNotebooks({
          notebooks: plain,
          output: join(context.folder, "output"),
          python,
          variables,
        })) {
          if (event.event === "done" && event.failure !== null) throw new Error(event.failure.text);
        }
      });
    const found = await alternate(context.scale === "full" ? { rounds: 3 } : { rounds: 1, warmUp: false }, ours, peer);
    return {
      unit: "s",
      ours: found.ours / 1000,
      peer: found.peer / 1000,
      peerName: "kernel start and nbconvert",
      hash: digest(chosen.map((path) => basename(path))),
    };
  },
};
