/** Writes contract/messages.ts anew: `node lib/dist/localcloud/vertex/generateMessages.js` after the Google client's version has changed. */

import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { Contract } from "../platform/contract/contract.js";
import { describeTypeScript } from "../platform/contract/typeScript.js";
import { typedMethods, vertexContractSource } from "./contractSource.js";

export function generateMessages(): string {
  return describeTypeScript(new Contract(vertexContractSource), typedMethods, "the protos of @google-cloud/aiplatform");
}

if (require.main === module) {
  writeFileSync(join(__dirname, "../../../localcloud/vertex/contract/messages.ts"), generateMessages());
}
