import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** A temporary images folder with one image, "probe", that runs `probeProgram`. */
export class ProbeImages {
  readonly folder = mkdtempSync(join(tmpdir(), "activate-images-"));

  constructor() {
    mkdirSync(join(this.folder, "probe"));
    const entrypoint = ["node", join(__dirname, "probeProgram.js")];
    writeFileSync(
      join(this.folder, "probe", "image.json"),
      JSON.stringify({ name: "probe", entrypoint, cmd: ["default"] }),
    );
  }

  remove(): void {
    rmSync(this.folder, { recursive: true, force: true });
  }
}

export const PROBE_IMAGE = "europe-west1-docker.pkg.dev/activate-local/tests/probe:1";

/** What the probe answers to a request. */
export interface ProbeAnswer {
  readonly method: string;
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  readonly env: Readonly<Record<string, string>>;
  readonly arguments: readonly string[];
  readonly pid: number;
  readonly active: number;
}
