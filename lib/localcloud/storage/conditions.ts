import { conditionNotMet, invalid, notModified } from "./errors.js";

/** Preconditions of a request (docs.cloud.google.com/storage/docs/request-preconditions, contracts 5.6). */
export interface Conditions {
  readonly generationMatch?: string;
  readonly generationNotMatch?: string;
  readonly metagenerationMatch?: string;
  readonly metagenerationNotMatch?: string;
}

/** @param prefix "if", or "ifSource" for the source of a copy. @throws CloudError invalid */
export function readConditions(query: URLSearchParams, prefix: "if" | "ifSource" = "if"): Conditions {
  const read = (name: string): string | undefined => {
    const value = query.get(`${prefix}${name}`);
    if (value === null || value === "") return undefined;
    if (!/^-?\d+$/.test(value)) throw invalid(`Invalid value '${value}'. A whole number is expected.`, prefix + name);
    return value;
  };
  const [generationMatch, generationNotMatch] = [read("GenerationMatch"), read("GenerationNotMatch")];
  const [metagenerationMatch, metagenerationNotMatch] = [read("MetagenerationMatch"), read("MetagenerationNotMatch")];
  return {
    ...(generationMatch === undefined ? {} : { generationMatch }),
    ...(generationNotMatch === undefined ? {} : { generationNotMatch }),
    ...(metagenerationMatch === undefined ? {} : { metagenerationMatch }),
    ...(metagenerationNotMatch === undefined ? {} : { metagenerationNotMatch }),
  };
}

/**
 * @param there what the request is about; undefined: there is none, whose generation is 0.
 * @throws CloudError conditionNotMet, notModified
 */
export function checkConditions(
  conditions: Conditions,
  there: { readonly generation: string; readonly metageneration: number } | undefined,
): void {
  const { generationMatch, generationNotMatch, metagenerationMatch, metagenerationNotMatch } = conditions;
  if (generationMatch !== undefined && generationMatch !== (there?.generation ?? "0")) throw conditionNotMet();
  if (metagenerationMatch !== undefined && metagenerationMatch !== String(there?.metageneration)) {
    throw conditionNotMet();
  }
  // Without an object these fail as well: there is nothing of another generation.
  if (generationNotMatch !== undefined && (!there || generationNotMatch === there.generation)) throw notModified();
  if (metagenerationNotMatch !== undefined && (!there || metagenerationNotMatch === String(there.metageneration))) {
    throw notModified();
  }
}
