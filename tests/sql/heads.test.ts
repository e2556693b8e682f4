import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { FEATURES } from "activate/anomaly";

const folder = join(process.cwd(), "sql");
const files = readdirSync(folder, { recursive: true, encoding: "utf8" })
  .filter((name) => name.endsWith(".sql"))
  .sort();

/** The sections of a head by name: "-- Name: text", continued on indented lines. */
function sections(text: string): Map<string, string> {
  const found = new Map<string, string>();
  let name = "";
  for (const line of text.split("\n")) {
    if (!line.startsWith("-- ")) break;
    const [, begun, rest] = /^-- ([A-Z][a-z]+): (.*)$/.exec(line) ?? [];
    if (begun !== undefined) name = begun;
    found.set(name, `${found.get(name) ?? ""} ${rest ?? line.slice(3).trim()}`.trim());
  }
  return found;
}

const body = (text: string) => text.replace(/^--.*$/gm, "");
const names = (text: string, pattern: RegExp) =>
  [...new Set([...text.matchAll(pattern)].map((match) => match[1]))].sort();

describe("the statements of sql/", () => {
  it("are found", () => assert.ok(files.length >= 25, `${files.length}`));

  for (const file of files) {
    const text = readFileSync(join(folder, file), "utf8");
    const head = sections(text);

    it(`${file} says what it does, what it is given and what it returns`, () => {
      assert.ok(head.get("What"), "What");
      assert.ok(head.get("Returns"), "Returns");
    });
    it(`${file} names exactly the parameters and placeholders that it uses`, () => {
      const declared = (head.get("Parameters") ?? "").replace(/<[^>]*>/g, "").replace(/<|>|\([^)]*\)/g, "");
      assert.deepEqual(names(declared, /(\w+) [A-Z]+\d*/g), names(body(text), /@(\w+)/g));
      const placeholders = (head.get("Placeholders") ?? "").replace(/\([^)]*\)/g, "");
      assert.deepEqual(names(placeholders, /(\w+)/g), names(body(text), /\$\{(\w+)\}/g));
    });
    it(`${file} puts values only where a parameter cannot stand`, () => {
      assert.doesNotMatch(body(text), /'\$\{(?!training_start|training_end|registry_model)/);
    });
  }

  it("train on the features of lib/anomaly, in their order", () => {
    for (const file of ["bqml/train.sql", "bqml/train_unscreened.sql"]) {
      const text = readFileSync(join(folder, file), "utf8");
      assert.ok(text.includes(`SELECT ${FEATURES.join(", ")}\nFROM`), file);
    }
  });

  it("screen on every feature", () => {
    const text = readFileSync(join(folder, "features/training_purchases.sql"), "utf8");
    for (const feature of FEATURES) {
      assert.ok(
        text.includes(`SAFE_DIVIDE(${feature} - AVG(${feature}) OVER (), STDDEV_SAMP(${feature}) OVER ())`),
        feature,
      );
      assert.ok(text.includes(`POW(IFNULL(${feature}_z, 0), 2)`), feature);
    }
  });
});
