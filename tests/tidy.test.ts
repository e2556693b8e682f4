import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { cpSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";

const ROOT = resolve(__dirname, "../..");
const LINES_MAX = 500;

/** Files under a folder, as paths from the repository's root. */
function filesUnder(folder: string, extension: string): string[] {
  const absolute = join(ROOT, folder);
  if (!existsSync(absolute)) return [];
  return readdirSync(absolute, { recursive: true, encoding: "utf8" })
    .filter((name) => name.endsWith(extension) && !/(^|\/)(dist|node_modules|\.ipynb_checkpoints)\//.test(name))
    .map((name) => join(folder, name))
    .sort();
}

const sources = filesUnder("lib", ".ts");
const text = (file: string): string => readFileSync(join(ROOT, file), "utf8");

interface Import {
  readonly from: string;
  /** Path from the root, with its .ts ending, of one of our files; undefined for a package. */
  readonly file: string | undefined;
  readonly specifier: string;
  readonly typeOnly: boolean;
}

const IMPORT =
  /(?:^|\n)\s*(?:import|export)\s+(type\s)?(?:[^;]*?\sfrom\s+)?"([^"]+)"|\bimport\("([^"]+)"\)|\brequire(?:\.resolve)?\("([^"]+)"\)|new URL\("(\.[^"]+)", /g;

function importsOf(from: string): Import[] {
  return [...text(from).matchAll(IMPORT)].map((match) => {
    const specifier = match[2] ?? match[3] ?? match[4] ?? match[5] ?? "";
    const file = specifier.startsWith(".") ? join(dirname(from), specifier).replace(/\.js$/, ".ts") : undefined;
    return { from, file, specifier, typeOnly: match[1] !== undefined };
  });
}

const imports = sources.flatMap(importsOf);

/** Files are read by more than one test: a list of what is wrong, with a message that names it. */
function none(found: readonly string[], what: string): void {
  assert.deepEqual(found, [], `${what}:\n${found.join("\n")}`);
}

describe("the repository", () => {
  describe("imports point one way", () => {
    /** Folder, and what it may import of ours besides itself. */
    const RULES: readonly (readonly [folder: string, allowed: readonly RegExp[]])[] = [
      ["lib/webassembly/", []],
      ["lib/localcloud/", [/^lib\/webassembly\//]],
      ["lib/anomaly/", [/^lib\/webassembly\//]],
      ["lib/cloud/", [/^lib\/anomaly\//]],
      ["lib/containers/", [/^lib\/(cloud|anomaly)\//]],
      ["lib/workbook/", [/^lib\/(cloud|anomaly)\//, /^lib\/localcloud\/(index|launch\/index)\.ts$/]],
      [
        "lib/cli/",
        [/^lib\/(workbook\/|cloud\/(config|connections|image)\.ts)/, /^lib\/localcloud\/launch\/index\.ts$/],
      ],
      ["lib/localcloud/platform/", []],
      ["lib/localcloud/ml/", [/^lib\/(localcloud\/platform|webassembly)\//]],
      ["lib/localcloud/launch/", [/^lib\/localcloud\/(platform\/|server\/cloud\.ts$)/]],
    ];
    for (const [folder, allowed] of RULES) {
      it(`${folder} imports ${allowed.length === 0 ? "nothing else of ours" : "only what DESIGN allows"}`, () => {
        const wrong = imports.filter(
          ({ from, file }) =>
            from.startsWith(folder) && file && !file.startsWith(folder) && !allowed.some((rule) => rule.test(file)),
        );
        none(
          wrong.map(({ from, file }) => `${from} imports ${file}`),
          "imports against the direction",
        );
      });
    }

    it("lib/cloud/ takes nothing but types from lib/anomaly/", () => {
      const wrong = imports.filter(
        ({ from, file, typeOnly }) => from.startsWith("lib/cloud/") && file?.startsWith("lib/anomaly/") && !typeOnly,
      );
      none(
        wrong.map(({ from, file }) => `${from} imports ${file}`),
        "imports of values",
      );
    });

    it("no service of the local cloud imports another one", () => {
      const shared = new Set(["platform", "ml", "server", "launch"]);
      const room = (file: string): string => file.split("/")[2] ?? "";
      const wrong = imports.filter(({ from, file }) => {
        if (!from.startsWith("lib/localcloud/") || !file?.startsWith("lib/localcloud/")) return false;
        const [own, other] = [room(from), room(file)];
        if (shared.has(own) || !own || own.endsWith(".ts")) return false;
        return other !== own && other !== "platform" && other !== "ml";
      });
      none(
        wrong.map(({ from, file }) => `${from} imports ${file}`),
        "services that know one another",
      );
    });

    it("packages are named, never reached by a path into node_modules", () => {
      none(
        imports.filter(({ specifier }) => specifier.includes("node_modules")).map(({ from }) => from),
        "paths into node_modules",
      );
    });
  });

  it("has no dead file in lib", () => {
    const reached = new Set(imports.map(({ file }) => file));
    for (const file of filesUnder("tests", ".ts")) {
      for (const match of text(file).matchAll(/"activate(?:\/([^"]+))?"/g)) {
        const path = match[1] ?? "workbook";
        reached.add(path.endsWith(".js") ? `lib/${path.slice(0, -3)}.ts` : `lib/${path}/index.ts`);
      }
    }
    const named = sources.map(text).join("\n");
    const entries = /^lib\/(workbook\/index|cli\/main|localcloud\/index|localcloud\/launch\/index|bench\/main)\.ts$/;
    const dead = sources.filter((file) => {
      const asProgram = `${file.split("/").pop()?.replace(/\.ts$/, ".js")}"`;
      return !reached.has(file) && !entries.test(file) && !file.endsWith(".d.ts") && !named.includes(`"${asProgram}`);
    });
    none(dead, "files that nothing imports");
  });

  it("keeps every file to one subject: no more than 500 lines", () => {
    const long = [
      ...sources,
      ...filesUnder("tests", ".ts"),
      ...filesUnder("sql", ".sql"),
      ...filesUnder("lib/bin", ".mjs"),
    ]
      .filter((file) => !/^\/\/ Generated /.test(text(file)))
      .map((file) => ({ file, lines: text(file).split("\n").length - 1 }))
      .filter(({ lines }) => lines > LINES_MAX);
    none(
      long.map(({ file, lines }) => `${file}: ${lines} lines`),
      "long files",
    );
  });

  it("takes time and chance from what is injected, outside the command line and the few places that provide them", () => {
    const providers =
      /^lib\/(localcloud\/platform\/(clock|random)\.ts|localcloud\/launch\/|cli\/|bench\/|workbook\/show\/|workbook\/(progress|challenge|open)\.ts|cloud\/(retry|clock)\.ts|containers\/host\.ts)/;
    const ambient = /\b(Date\.now\(|Math\.random\(|new Date\(\)|setTimeout\(|setInterval\()/;
    const wrong = sources
      .filter((file) => !providers.test(file))
      .flatMap((file) =>
        linesOf(file)
          .filter(({ line }) => ambient.test(line))
          .map(({ number, line }) => `${file}:${number}: ${line.trim()}`),
      );
    none(wrong, "ambient time or chance");
  });

  it("gives every TODO the number of its issue", () => {
    const wrong = [...sources, ...filesUnder("tests", ".ts"), ...filesUnder("sql", ".sql")]
      .filter((file) => file !== "tests/tidy.test.ts")
      .flatMap((file) =>
        linesOf(file)
          .filter(({ line }) => /\b(TODO|FIXME|XXX|HACK)\b/.test(line) && !/\b(TODO|FIXME)\(#\d+\)/.test(line))
          .map(({ number, line }) => `${file}:${number}: ${line.trim()}`),
      );
    none(wrong, "notes without an issue");
  });

  it("silences no checker", () => {
    const wrong = [...sources, ...filesUnder("tests", ".ts")]
      .filter((file) => file !== "tests/tidy.test.ts")
      .filter((file) => /@ts-(ignore|expect-error|nocheck)|biome-ignore|\bas any\b/.test(text(file)));
    none(wrong, "silenced checks");
  });

  it("names no registry and no folder of one machine", () => {
    const hosts = /registry\.npmjs|files\.pythonhosted|pypi\.org|proxy\.golang|repo1?\.maven|deb\.debian/;
    const machine = /(?<![\w.-])\/(work|home|root|Users)\/[a-z]/;
    const committed = spawnSync("git", ["ls-files", "--cached", "--others", "--exclude-standard"], {
      cwd: ROOT,
      encoding: "utf8",
    });
    const wrong = committed.stdout
      .split("\n")
      .filter(
        (file) => /\.(ts|mjs|js|json|md|sql|txt|ipynb|py|yaml|yml)$|^\.ci\//.test(file) && existsSync(join(ROOT, file)),
      )
      .filter((file) => file !== "tests/tidy.test.ts" && file !== "package-lock.json")
      .flatMap((file) =>
        linesOf(file)
          .filter(({ line }) => hosts.test(line) || machine.test(line))
          .map(({ number }) => `${file}:${number}`),
      );
    none(wrong, "registry hosts or machine paths");
  });

  it("starts every SQL file with a comment: what it does, its placeholders or parameters, what it returns", () => {
    const wrong = filesUnder("sql", ".sql").filter((file) => {
      const head = text(file).split(/\n(?!--)/)[0] ?? "";
      return !/^-- What: /.test(head) || !/^-- (Placeholders|Parameters): /m.test(head) || !/^-- Returns: /m.test(head);
    });
    none(wrong, "SQL files without a head");
  });

  it("refuses a promise that nobody awaits (a file that must fail the lint)", function () {
    this.timeout(60_000);
    const folder = mkdtempSync(join(tmpdir(), "floating-"));
    try {
      cpSync(join(ROOT, "biome.json"), join(folder, "biome.json"));
      spawnSync("git", ["init", "--quiet"], { cwd: folder });
      const file = "async function later(): Promise<void> {}\n\nexport function now(): void {\n  later();\n}\n";
      writeFileSync(join(folder, "floating.ts"), file);
      const linter = join(ROOT, "node_modules/@biomejs/biome/bin/biome");
      const run = spawnSync(process.execPath, [linter, "lint", "floating.ts"], { cwd: folder, encoding: "utf8" });
      assert.notEqual(run.status, 0);
      assert.match(run.stdout + run.stderr, /noFloatingPromises/);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});

function linesOf(file: string): { number: number; line: string }[] {
  return text(file)
    .split("\n")
    .map((line, index) => ({ number: index + 1, line }))
    .filter(({ line }) => !/^\s*(\/\/|\*|\/\*)/.test(line) || /TODO|FIXME|XXX|HACK|https?:/.test(line));
}
