import { createHash } from "node:crypto";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import { CloudError } from "../../platform/errors.js";

/**
 * Where GoogleSQL's WebAssembly module and the time zone files come from: the only file that knows.
 * Both are Python wheels set up with the Jupyter environment (`npm start` and `npm test` do it):
 * `zetasql` (one maintainer's build of Google's code, therefore pinned by hash) and `tzdata`.
 */
export const GOOGLESQL_WHEEL = {
  requirement: "zetasql==0.1.5",
  wheelSha256: "17fa5e5aa927fbb647c1812b08ee8ef8c5d36c8e2e83eaa4651d9bc4a8a462f8",
  /** Inside `site-packages`. */
  module: "zetasql/wasi/zetasql.wasm",
  moduleSha256: "00135b44fe391fa8d56f6804dca013bc681e45d607561a638b81c98a08744bcb",
} as const;

export const ZONEINFO_WHEEL = { requirement: "tzdata", folder: "tzdata/zoneinfo" } as const;

export interface GoogleSqlArtifact {
  /** The module's bytes, their SHA-256 checked. */
  readonly module: Uint8Array;
  /** Folder of IANA time zone files; without them every call of the module traps. */
  readonly zoneinfo: string;
}

/**
 * Finds, reads and checks the module.
 * `ACTIVATE_GOOGLESQL_WASM` and `ACTIVATE_ZONEINFO` override the places, not the check.
 * @throws CloudError FAILED_PRECONDITION that says which file is missing or wrong and the command that mends it.
 */
export function loadGoogleSqlArtifact(environment: NodeJS.ProcessEnv = process.env): GoogleSqlArtifact {
  const modulePath =
    environment.ACTIVATE_GOOGLESQL_WASM ??
    findInSitePackages(GOOGLESQL_WHEEL.module) ??
    missing("GoogleSQL's analyzer (zetasql.wasm)", "ACTIVATE_GOOGLESQL_WASM");
  const zoneinfo =
    environment.ACTIVATE_ZONEINFO ??
    findInSitePackages(ZONEINFO_WHEEL.folder) ??
    missing("The time zone files (tzdata/zoneinfo)", "ACTIVATE_ZONEINFO");
  if (!existsSync(modulePath)) missing(modulePath, "ACTIVATE_GOOGLESQL_WASM");
  if (!existsSync(path.join(zoneinfo, "UTC"))) missing(`${zoneinfo} with time zone files`, "ACTIVATE_ZONEINFO");
  const module = new Uint8Array(readFileSync(modulePath));
  const found = createHash("sha256").update(module).digest("hex");
  if (found !== GOOGLESQL_WHEEL.moduleSha256) {
    throw new CloudError(
      "FAILED_PRECONDITION",
      `${modulePath} is not the zetasql.wasm of ${GOOGLESQL_WHEEL.requirement}: its SHA-256 is ${found}, ` +
        `not ${GOOGLESQL_WHEEL.moduleSha256}. Run "npm run setup" to fetch the right one.`,
    );
  }
  return { module, zoneinfo };
}

/** `site-packages` folders of the project's Python environment, where set-up puts the wheels. */
export function sitePackages(): string[] {
  const environment = path.resolve(__dirname, "../../../../../.venv");
  const library = path.join(environment, "lib");
  const versions = existsSync(library) ? readdirSync(library).filter((name) => name.startsWith("python")) : [];
  return [
    path.join(environment, "site-packages"),
    ...versions.map((version) => path.join(library, version, "site-packages")),
  ];
}

function findInSitePackages(relative: string): string | undefined {
  return sitePackages()
    .map((folder) => path.join(folder, relative))
    .find((candidate) => existsSync(candidate));
}

function missing(what: string, variable: string): never {
  throw new CloudError(
    "FAILED_PRECONDITION",
    `${what} is not there. Run "npm run setup", which puts it into the project's Python environment, or name it with ${variable}.`,
  );
}
