/** Writes contract/messages.ts anew: `node lib/dist/localcloud/run/generateMessages.js` after the Google client's version has changed. */

import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { Contract } from "../platform/contract/contract.js";
import { describeTypeScript } from "../platform/contract/typeScript.js";
import { runContractSource, typedMethods } from "./contractSource.js";

export function generateMessages(): string {
  return describeTypeScript(new Contract(runContractSource), typedMethods, "the protos of @google-cloud/run");
}

if (require.main === module) {
  writeFileSync(join(__dirname, "../../../localcloud/run/contract/messages.ts"), generateMessages());
}
