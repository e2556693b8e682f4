import { KERNEL_NAME, privateJupyter } from "../cli/setup/kernelspec.js";
import { type Python, setUpPython } from "../cli/setup/python.js";
import { type BenchContext, PeerAbsent } from "./bench.js";

export { KERNEL_NAME };

/** The Python and the variables with which notebooks run. @throws PeerAbsent when it cannot be set up. */
export async function notebookPython({
  log,
}: BenchContext): Promise<{ readonly python: Python; readonly env: NodeJS.ProcessEnv }> {
  try {
    const python = await setUpPython("notebooks", log);
    return { python, env: { ...process.env, ...python.variables, ...privateJupyter() } };
  } catch (error) {
    throw new PeerAbsent(`The notebooks' Python cannot be set up: ${error instanceof Error ? error.message : error}`);
  }
}
