/** Folders of Cloud Storage, `gs://bucket/some/folder`. Pure. */

const FOLDER = /^gs:\/\/([a-z0-9][a-z0-9._-]{1,220}[a-z0-9])(?:\/(.*))?$/;

export function isFolderUri(uri: string): boolean {
  return FOLDER.test(uri);
}

/** `prefix` ends in a slash, or is empty for the bucket itself. @param uri for which `isFolderUri` holds. */
export function parseFolderUri(uri: string): { readonly bucket: string; readonly prefix: string } {
  const [, bucket = "", path = ""] = FOLDER.exec(uri) ?? [];
  const folder = path.replace(/\/+$/, "");
  return { bucket, prefix: folder === "" ? "" : `${folder}/` };
}
