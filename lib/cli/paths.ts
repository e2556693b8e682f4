import { join, resolve } from "node:path";

/** The repository that this command line belongs to (dist/cli -> lib -> repository). */
export const ROOT = resolve(__dirname, "../../..");
export const NOTEBOOKS = join(ROOT, "notebooks");
/** Everything made by running: never committed. */
export const BUILD = join(ROOT, "build");
export const VENV = join(ROOT, ".venv");
