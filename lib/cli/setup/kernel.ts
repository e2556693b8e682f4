/** The process that is a kernel: tslab, which ends when the Jupyter that started it does, as ipykernel has it. */
import { join } from "node:path";

const LOOK_MS = 1000;

endWithParent(process.ppid);
const { main } = require(join(require.resolve("tslab/package.json"), "..", "dist", "main.js")) as { main(): void };
main();

/**
 * A Jupyter that is interrupted without a terminal, hung up or killed shuts no kernel down; jupyter_client starts each in
 * a session of its own, so no signal reaches it either.
 */
function endWithParent(parent: number): void {
  setInterval(() => {
    if (process.ppid !== parent) process.exit(0);
  }, LOOK_MS).unref();
}
