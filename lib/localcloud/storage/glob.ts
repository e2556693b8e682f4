import { invalid } from "./errors.js";

/**
 * `matchGlob` of a listing (docs.cloud.google.com/storage/docs/json_api/v1/objects/list#list-objects-and-prefixes-using-glob):
 * `*` and `?` stop at a slash, `**` does not, `[a-z]`, `[!a]`, `{a,b}`.
 * @throws CloudError invalid
 */
export function globPattern(glob: string): RegExp {
  let source = "";
  let depth = 0;
  for (let at = 0; at < glob.length; at++) {
    const character = glob[at] ?? "";
    switch (character) {
      case "*":
        if (glob[at + 1] !== "*") source += "[^/]*";
        else {
          at++;
          // "**/" also stands for no folder at all.
          if (glob[at + 1] === "/") {
            at++;
            source += "(?:.*/)?";
          } else source += ".*";
        }
        break;
      case "?":
        source += "[^/]";
        break;
      case "[": {
        const end = glob.indexOf("]", at + 2);
        if (end === -1) throw invalid(`Invalid glob: '${glob}'`, "matchGlob");
        const inside = glob
          .slice(at + 1, end)
          .replace(/\\/g, "\\\\")
          .replace(/^[!^]/, "^");
        source += `[${inside}]`;
        at = end;
        break;
      }
      case "{":
        depth++;
        source += "(?:";
        break;
      case "}":
        if (--depth < 0) throw invalid(`Invalid glob: '${glob}'`, "matchGlob");
        source += ")";
        break;
      case ",":
        source += depth > 0 ? "|" : ",";
        break;
      case "\\":
        at++;
        source += escaped(glob[at] ?? "\\");
        break;
      default:
        source += escaped(character);
    }
  }
  if (depth !== 0) throw invalid(`Invalid glob: '${glob}'`, "matchGlob");
  return new RegExp(`^${source}$`, "su");
}

function escaped(character: string): string {
  return /[\^$.*+?()[\]{}|/\\]/.test(character) ? `\\${character}` : character;
}
