import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { BUILD, ROOT } from "../paths.js";

/** The name that the notebooks ask for; any tslab kernel runs them. */
export const KERNEL_NAME = "tslab";

/** kernel.json of the TypeScript kernel in this repository. */
export function kernelSpec(): Readonly<Record<string, unknown>> {
  return {
    argv: [process.execPath, join(__dirname, "kernel.js"), "kernel", "--config-path", "{connection_file}"],
    display_name: "TypeScript",
    language: "typescript",
    metadata: { activate: ROOT },
  };
}

/**
 * Jupyter's folders for a run of ours: the kernel, connection files and settings, all under `build/`, so that nothing of
 * the user's own Jupyter is read or written.
 */
export function privateJupyter(): Readonly<Record<string, string>> {
  const home = join(BUILD, "jupyter");
  const kernel = join(home, "kernels", KERNEL_NAME);
  mkdirSync(kernel, { recursive: true });
  writeFileSync(join(kernel, "kernel.json"), `${JSON.stringify(kernelSpec(), null, 2)}\n`);
  return {
    JUPYTER_PATH: home,
    JUPYTER_DATA_DIR: join(home, "data"),
    JUPYTER_CONFIG_DIR: join(home, "config"),
    JUPYTER_RUNTIME_DIR: join(home, "runtime"),
    IPYTHONDIR: join(home, "ipython"),
    JUPYTER_PLATFORM_DIRS: "1",
  };
}
