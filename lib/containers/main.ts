/** The image's entrypoint: `node main.js PROGRAM [ARGUMENT ...]`. Each program is a bundled file beside this one. */
import { readdirSync } from "node:fs";
import { basename, join } from "node:path";
import { type Program, processHost } from "./host.js";

const OWN_FILE = "main.js";
/** BSD's EX_USAGE and EX_SOFTWARE (sysexits.h). */
const EXIT_USAGE = 64;
const EXIT_FAILURE = 70;

async function main(name: string | undefined): Promise<number> {
  const programs = readdirSync(__dirname)
    .filter((file) => file.endsWith(".js") && file !== OWN_FILE)
    .map((file) => basename(file, ".js"))
    .sort();
  if (name === undefined || !programs.includes(name)) {
    console.error(`This image has no program "${name ?? ""}". Its programs: ${programs.join(", ")}.`);
    return EXIT_USAGE;
  }
  const program = require(join(__dirname, `${name}.js`)) as { readonly run: Program };
  return program.run(processHost());
}

main(process.argv[2]).then(
  (code) => process.exit(code),
  (thrown: unknown) => {
    // Where the library worded it for people, the place in the bundle says nothing more.
    const worded = thrown instanceof Error && thrown.name === "ActivateError" ? thrown.message : undefined;
    const message = worded ?? (thrown instanceof Error ? (thrown.stack ?? thrown.message) : String(thrown));
    // One line, so that the log keeps it whole; standard error is no pipe that `exit` would cut off.
    process.stderr.write(`${JSON.stringify({ severity: "CRITICAL", message })}\n`, () => process.exit(EXIT_FAILURE));
  },
);
