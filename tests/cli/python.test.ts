import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { chmodSync, existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setUpPython } from "activate/cli/setup/python.js";
import { TemporaryFolder } from "./activate.js";

/** What a pretended interpreter can do. */
interface Powers {
  readonly version: string;
  readonly venv?: boolean;
  readonly pip?: boolean;
  /** The notebooks' packages are there already. */
  readonly packages?: boolean;
}

describe("setting up Python", function () {
  this.timeout(60_000);
  let folder: TemporaryFolder;
  beforeEach(() => {
    folder = new TemporaryFolder();
    mkdirSync(join(folder.path, "bin"));
  });
  afterEach(() => folder.remove());

  const venv = (): string => join(folder.path, ".venv");
  const place = (variables: NodeJS.ProcessEnv = {}) => ({
    folder: venv(),
    environment: { PATH: `${join(folder.path, "bin")}:/usr/bin:/bin`, ...variables },
  });
  const calls = (): string[] => {
    const log = join(folder.path, "calls");
    return existsSync(log) ? readFileSync(log, "utf8").trim().split("\n") : [];
  };
  const refusal = async (variables: NodeJS.ProcessEnv = {}): Promise<string> => {
    let said = "";
    await assert.rejects(
      setUpPython("notebooks", () => {}, place(variables)),
      (thrown: Error) => {
        said = thrown.message;
        return thrown.name === "SetupError";
      },
    );
    return said;
  };

  /** A shell script that answers as such an interpreter would, and notes what it was asked to make or install. */
  function pretend(name: string, { version, venv: makes, pip, packages }: Powers): string {
    const path = join(folder.path, "bin", name);
    writeFileSync(
      path,
      `#!/bin/sh
case "$*" in
  *"import sys"*) echo "${path} ${version}" ;;
  *"import nbconvert"*) exit ${packages ? 0 : 1} ;;
  "-m pip --version") exit ${pip ? 0 : 1} ;;
  "-m pip install"*) echo "${name} $*" >> "${folder.path}/calls"; exit ${pip ? 0 : 1} ;;
  "-m venv"*) ${makes ? `mkdir -p "${venv()}/bin" && cp "$0" "${venv()}/bin/python"` : "exit 1"} ;;
  *) exit 1 ;;
esac
`,
    );
    chmodSync(path, 0o755);
    return path;
  }
  /** So that no Python of the machine is found behind the pretended ones. */
  function hideOthers(): void {
    for (const name of ["python3", "python", ...[10, 11, 12, 13, 14].map((minor) => `python3.${minor}`)]) {
      if (!existsSync(join(folder.path, "bin", name))) pretend(name, { version: "2 7" });
    }
  }

  it("makes a virtual environment, installs by hash into it, and does neither twice", async () => {
    pretend("python3", { version: "3 12", venv: true, pip: true });
    const python = await setUpPython("notebooks", () => {}, place());
    assert.equal(python.interpreter, join(venv(), "bin", "python"));
    const installed = calls();
    assert.equal(installed.length, 2);
    assert.ok(installed.every((call) => call.includes("--require-hashes")));
    assert.match(installed[0] ?? "", /--no-deps .*--target .*site-packages .*requirements-googlesql\.txt/);
    assert.doesNotMatch(installed[1] ?? "", /--target/);
    assert.deepEqual(await setUpPython("notebooks", () => {}, place()), python);
    assert.deepEqual(calls(), installed);
  });

  it("uses an interpreter that has the packages when no environment can be made, even if it is not the first", async () => {
    pretend("python3", { version: "3 12", pip: true });
    const complete = pretend("python3.11", { version: "3 11", packages: true });
    hideOthers();
    const python = await setUpPython("notebooks", () => {}, place());
    assert.equal(python.interpreter, complete);
    assert.deepEqual(
      calls().map((call) => /^(\S+) .*\/(\S+)$/.exec(call)?.slice(1)),
      [["python3", "requirements-googlesql.txt"]],
    );
  });

  it("else installs into a folder, and lets the interpreter find it there", async () => {
    const only = pretend("python3", { version: "3 10", pip: true });
    hideOthers();
    const python = await setUpPython("notebooks", () => {}, place());
    assert.equal(python.interpreter, only);
    assert.equal(python.variables.PYTHONPATH, join(venv(), "packages"));
    assert.match(calls()[1] ?? "", /--target \S+\/\.venv\/packages -r \S+\/requirements\.txt$/);
  });

  it("needs no pip when the packages and GoogleSQL's files are there", async () => {
    const complete = pretend("python3", { version: "3 12", packages: true });
    hideOthers();
    const given = { ACTIVATE_GOOGLESQL_WASM: "/somewhere/zetasql.wasm", ACTIVATE_ZONEINFO: "/somewhere/zoneinfo" };
    assert.equal((await setUpPython("notebooks", () => {}, place(given))).interpreter, complete);
    assert.deepEqual(calls(), []);
  });

  it("else says with which command to mend it", async () => {
    pretend("python3", { version: "3 12" });
    hideOthers();
    assert.match(
      await refusal(),
      /python3 can neither make virtual environments nor install packages\. Mend it and run this again: .*install/,
    );
  });

  it("says that Python is missing, how to install it, and which ones are too old", async () => {
    pretend("python3", { version: "3 9" });
    hideOthers();
    assert.match(
      await refusal(),
      /^Python 3\.10 or newer is missing \(python3 is 3\.9, .*\)\. Install it and run this again: .*install .*ACTIVATE_PYTHON/,
    );
    assert.match(
      await refusal({ PATH: join(folder.path, "nothing") }),
      /^Python 3\.10 or newer is missing\. Install it and run this again: /,
    );
    assert.equal(existsSync(venv()), false);
  });

  it("takes the interpreter that ACTIVATE_PYTHON names, or says what is wrong with it", async () => {
    pretend("python3", { version: "3 12", venv: true, pip: true });
    const old = pretend("old", { version: "3 9" });
    assert.match(
      await refusal({ ACTIVATE_PYTHON: old }),
      /ACTIVATE_PYTHON=\S+old is not a Python 3\.10 or newer \(.* is 3\.9\)/,
    );
    assert.match(
      await refusal({ ACTIVATE_PYTHON: "/nowhere/python" }),
      /ACTIVATE_PYTHON=\/nowhere\/python is not a Python/,
    );
    const chosen = pretend("chosen", { version: "3 13", packages: true, pip: true });
    assert.equal((await setUpPython("notebooks", () => {}, place({ ACTIVATE_PYTHON: chosen }))).interpreter, chosen);
  });

  it("says that the environment's folder cannot be written", async () => {
    pretend("python3", { version: "3 12", pip: true });
    const below = { ...place(), folder: "/proc/activate/.venv" };
    await assert.rejects(
      setUpPython("notebooks", () => {}, below),
      /\/proc\/activate\/\.venv cannot be written: .* Mend that and run this again\./,
    );
  });

  it("refuses a wheel that is not the pinned one, and installs nothing", async function () {
    const real = realPython();
    if (real === undefined) this.skip();
    const wheels = join(folder.path, "wheels");
    mkdirSync(wheels);
    execFileSync(real, ["-c", FORGE, join(wheels, "zetasql-0.1.5-py3-none-any.whl")]);
    const script = `#!/bin/sh\n[ "$2" = venv ] && exit 1\nexec "${real}" "$@"\n`;
    writeFileSync(join(folder.path, "bin", "python3"), script, { mode: 0o755 });
    const said = await refusal({
      ACTIVATE_PYTHON: join(folder.path, "bin", "python3"),
      PIP_NO_INDEX: "1",
      PIP_FIND_LINKS: wheels,
    });
    assert.match(
      said,
      /A package of requirements-googlesql\.txt is not the pinned one \(its SHA-256 differs\), so it was not installed/,
    );
    assert.equal(existsSync(join(venv(), "site-packages", "zetasql")), false);
    assert.equal(existsSync(join(venv(), "activate.json")), false);
  });
});

/** Writes a wheel that claims to be zetasql 0.1.5. */
const FORGE = `
import sys, zipfile
with zipfile.ZipFile(sys.argv[1], "w") as wheel:
    wheel.writestr("zetasql/__init__.py", "")
    wheel.writestr("zetasql-0.1.5.dist-info/METADATA", "Metadata-Version: 2.1\\nName: zetasql\\nVersion: 0.1.5\\n")
    wheel.writestr("zetasql-0.1.5.dist-info/WHEEL", "Wheel-Version: 1.0\\nRoot-Is-Purelib: true\\nTag: py3-none-any\\n")
    wheel.writestr("zetasql-0.1.5.dist-info/RECORD", "")
`;

/** The one that the repository's own set-up chose, if it has pip. */
function realPython(): string | undefined {
  const record = join(__dirname, "../../../.venv/activate.json");
  if (!existsSync(record)) return undefined;
  const { interpreter } = JSON.parse(readFileSync(record, "utf8")) as { interpreter: string };
  try {
    execFileSync(interpreter, ["-m", "pip", "--version"], { stdio: "ignore" });
    return interpreter;
  } catch {
    return undefined;
  }
}
