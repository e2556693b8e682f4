import { existsSync } from "node:fs";
import { dirname, join } from "node:path";

/** The folder that holds `sql/` and `notebooks/`: the nearest one above this file. */
export function repositoryRoot(): string {
  for (let folder = __dirname; ; folder = dirname(folder)) {
    if (existsSync(join(folder, "sql")) && existsSync(join(folder, "lib"))) return folder;
    if (folder === dirname(folder)) return process.cwd();
  }
}
