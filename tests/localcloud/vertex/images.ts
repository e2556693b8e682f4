import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

export const TRAINER_IMAGE = "europe-west1-docker.pkg.dev/activate-local/tests/trainer:1";
export const PREDICTOR_IMAGE = "europe-west1-docker.pkg.dev/activate-local/tests/predictor:1";

/** A temporary images folder with the images above, which run `containerProgram`. */
export class TestImages {
  readonly folder = mkdtempSync(join(tmpdir(), "activate-images-"));

  constructor() {
    const entrypoint = ["node", join(__dirname, "containerProgram.js")];
    for (const [name, cmd] of [
      ["trainer", ["train"]],
      ["predictor", ["serve"]],
    ] as const) {
      mkdirSync(join(this.folder, name));
      writeFileSync(join(this.folder, name, "image.json"), JSON.stringify({ name, entrypoint, cmd }));
    }
  }

  remove(): void {
    rmSync(this.folder, { recursive: true, force: true });
  }
}
