/** Versions and aliases of a model (contracts 3.6): pure changes of a model's record. */

import type { ModelRecord, ModelVersion } from "./store.js";

/** The alias that exactly one version of a model has at any time. */
export const DEFAULT_ALIAS = "default";

/** A version before it has a number. */
export type NewVersion = Pick<ModelVersion, "aliases" | "description" | "labels" | "uploaded" | "warehouse">;

/** Adds the next version; the first one becomes the default, and aliases that it brings leave the versions that had them. */
export function withVersion(
  model: ModelRecord,
  version: NewVersion,
  time: string,
): { readonly model: ModelRecord; readonly versionId: string } {
  const versionId = String(model.nextVersion);
  const isFirst = model.versions.length === 0;
  const added: ModelVersion = { ...version, versionId, aliases: [], createTime: time, updateTime: time };
  const grown: ModelRecord = {
    ...model,
    nextVersion: model.nextVersion + 1,
    updateTime: time,
    versions: [...model.versions, added],
  };
  const aliases = isFirst ? [DEFAULT_ALIAS, ...version.aliases] : version.aliases;
  return { model: withAliases(grown, versionId, aliases, [], time), versionId };
}

/**
 * Gives aliases to a version, taking them from the versions that have them, and removes others from it.
 * @throws RangeError when no version would be left with "default".
 */
export function withAliases(
  model: ModelRecord,
  versionId: string,
  added: readonly string[],
  removed: readonly string[],
  time: string,
): ModelRecord {
  const versions = model.versions.map((version) => {
    const kept =
      version.versionId === versionId
        ? [...new Set([...version.aliases, ...added])].filter((alias) => !removed.includes(alias))
        : version.aliases.filter((alias) => !added.includes(alias));
    const isSame = kept.length === version.aliases.length && kept.every((alias) => version.aliases.includes(alias));
    return isSame ? version : { ...version, aliases: kept, updateTime: time };
  });
  if (!versions.some((version) => version.aliases.includes(DEFAULT_ALIAS))) {
    throw new RangeError('One version of a model must have the alias "default": give it to another version first.');
  }
  return { ...model, versions, updateTime: time };
}

/** Without that version; "default" moves to the most recent one left. Undefined when no version would be left. */
export function withoutVersion(model: ModelRecord, versionId: string, time: string): ModelRecord | undefined {
  const remaining = model.versions.filter((version) => version.versionId !== versionId);
  const last = remaining.at(-1);
  if (!last) return undefined;
  const changed: ModelRecord = { ...model, versions: remaining, updateTime: time };
  const hasDefault = remaining.some((version) => version.aliases.includes(DEFAULT_ALIAS));
  return hasDefault ? changed : withAliases(changed, last.versionId, [DEFAULT_ALIAS], [], time);
}
