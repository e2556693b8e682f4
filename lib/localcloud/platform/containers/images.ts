import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { CloudError } from "../errors.js";
import type { ImageInfo } from "./container.js";

/** Of the images, in each one's folder: its name, ENTRYPOINT and CMD. */
const DESCRIPTION = "image.json";

/** ACTIVATE_IMAGES, or `images` of the installed package. */
export function defaultImagesFolder(environment: NodeJS.ProcessEnv = process.env): string {
  const chosen = environment.ACTIVATE_IMAGES;
  return chosen ? resolve(chosen) : resolve(__dirname, "../../../images");
}

/** The last segment of the path, without tag and digest: "activate" of "europe-west1-docker.pkg.dev/p/r/activate:1". */
export function imageName(image: string): string {
  const [path = ""] = image.split("@");
  const last = path.slice(path.lastIndexOf("/") + 1);
  return last.split(":")[0] ?? "";
}

/**
 * The image that a URI means here.
 * @throws CloudError FAILED_PRECONDITION: the local cloud has no container engine, only the images that were built for it.
 */
export function resolveImage(folder: string, image: string): ImageInfo {
  const known = existsSync(folder)
    ? readdirSync(folder)
        .filter((name) => existsSync(join(folder, name, DESCRIPTION)))
        .map((name) => readImage(join(folder, name)))
    : [];
  const wanted = imageName(image);
  const found = known.find(({ name }) => name === wanted);
  if (found) return found;
  const names = known.map(({ name }) => `"${name}"`).join(", ");
  throw new CloudError(
    "FAILED_PRECONDITION",
    known.length === 0
      ? `Image '${image}' not found. The local cloud has no container engine and no images in ${folder}: build them by "npm run build".`
      : `Image '${image}' not found. The local cloud has no container engine: it runs only the images built for it (${names}). ` +
          "Name one of them as the last part of the URI, or run this step on Google Cloud.",
    { reason: "IMAGE_NOT_FOUND", metadata: { image } },
  );
}

function readImage(folder: string): ImageInfo {
  const { name, entrypoint, cmd } = JSON.parse(readFileSync(join(folder, DESCRIPTION), "utf8")) as Omit<
    ImageInfo,
    "folder"
  >;
  return { name, folder, entrypoint, cmd };
}

/** Docker's rule: a command replaces ENTRYPOINT and drops CMD; arguments replace CMD. */
export function commandLine(
  image: ImageInfo,
  command: readonly string[] | undefined,
  args: readonly string[] | undefined,
): string[] {
  const hasCommand = command !== undefined && command.length > 0;
  const hasArguments = args !== undefined && args.length > 0;
  return [...(hasCommand ? command : image.entrypoint), ...(hasArguments ? args : hasCommand ? [] : image.cmd)];
}
