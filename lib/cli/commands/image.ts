import { join } from "node:path";
import { addressOf, Connections } from "../../cloud/connections.js";
import { ImageRegistry } from "../../cloud/image.js";
import type { Command } from "../command.js";
import { ROOT } from "../paths.js";
import { configuration } from "../target.js";
import { SetupError, UsageError, unknown } from "../usage.js";

/** The bundles themselves are brought up to date before any command that builds runs (bin/activate.mjs). */
export const image: Command = {
  summary: "Bundles the container programs; pushes their image to Artifact Registry (target gcp).",
  usage:
    "image build\nimage push      with ACTIVATE_TARGET=gcp: Cloud Build builds the Dockerfile and pushes ACTIVATE_IMAGE",
  options: {},
  run: async ({ positionals }) => {
    const [action, surplus] = positionals;
    if (action === undefined) throw new UsageError("Say what to do: build, push.");
    if (surplus !== undefined) throw new UsageError(`Unexpected word: ${surplus}.`);
    if (action === "build") {
      console.log(`The programs are in ${join(ROOT, "lib", "dist", "images", "activate")}.`);
      return 0;
    }
    if (action !== "push") throw unknown("action", action, ["build", "push"]);
    return push();
  },
};

async function push(): Promise<number> {
  const config = configuration();
  if (config.target === "local") {
    console.log(
      "The local cloud runs the bundles as they are: nothing to push. For Google Cloud set ACTIVATE_TARGET=gcp.",
    );
    return 0;
  }
  const connections = new Connections(config, addressOf(config));
  try {
    const pushed = await new ImageRegistry(connections).push(({ what, stage }) => console.error(`${what}: ${stage}`));
    console.log(`${pushed.image}${pushed.digest === undefined ? "" : ` (${pushed.digest})`}`);
    return 0;
  } catch (thrown) {
    throw new SetupError(thrown instanceof Error ? thrown.message : String(thrown));
  } finally {
    await connections.close();
  }
}
