import assert from "node:assert/strict";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { settingsMarkdown } from "activate/cloud/config.js";
import { activate, ROOT } from "./activate.js";

const README = join(ROOT, "README.md");
const MARKS = /(<!-- settings: [^\n]* -->\n)([\s\S]*?)(<!-- end of settings -->)/;

describe("the documents", () => {
  it("list every setting as the code knows it", () => {
    const text = readFileSync(README, "utf8");
    const wanted = text.replace(MARKS, `$1\n${settingsMarkdown().replaceAll("$", "$$$$")}\n\n$3`);
    assert.match(text, MARKS);
    if (process.env.UPDATE_README === "1") writeFileSync(README, wanted);
    else assert.equal(text, wanted, "stale: UPDATE_README=1 npx mocha build/tests/cli/readme.test.js");
  });

  for (const document of ["README.md", "CONTRIBUTING.md", "CHANGELOG.md"]) {
    const text = readFileSync(join(ROOT, document), "utf8");

    it(`${document} links to files that are there`, () => {
      const links = [...text.matchAll(/\]\(([^)#:]+)\)/g)].map((match) => match[1] ?? "");
      assert.deepEqual(
        links.filter((link) => !existsSync(join(ROOT, link))),
        [],
      );
    });

    it(`${document} names commands that there are`, async () => {
      const commands = new Set([...text.matchAll(/npx activate ([a-z]+)/g)].map((match) => match[1] ?? ""));
      for (const command of commands) assert.equal((await activate(["help", command])).code, 0, command);
      const { scripts } = JSON.parse(readFileSync(join(ROOT, "package.json"), "utf8")) as { scripts: object };
      const named = [...text.matchAll(/npm (?:run )?(start|test|lab|check|format|build|bench)\b/g)].map(
        (match) => match[1] ?? "",
      );
      assert.deepEqual(
        named.filter((script) => !(script in scripts)),
        [],
      );
    });
  }
});
