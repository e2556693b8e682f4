/** Labels' shape, the same for Google's services (cloud.google.com/resource-manager/docs/labels-overview#requirements). */

const LABEL_LENGTH_MAX = 64;
const LABEL_COUNT_MAX = 64;
const KEY = /^[\p{Ll}\p{Lo}][\p{Ll}\p{Lo}\p{N}_-]*$/u;
const VALUE = /^[\p{Ll}\p{Lo}\p{N}_-]*$/u;

/** What is wrong with the labels, in one sentence; undefined when nothing is. */
export function labelProblem(
  labels: Readonly<Record<string, string>>,
  reservedPrefixes: readonly string[],
): string | undefined {
  const entries = Object.entries(labels);
  if (entries.length > LABEL_COUNT_MAX)
    return `No more than ${LABEL_COUNT_MAX} labels can be set; there are ${entries.length}.`;
  for (const [key, value] of entries) {
    const prefix = reservedPrefixes.find((reserved) => key.startsWith(reserved));
    if (prefix !== undefined) return `Label key "${key}" begins with "${prefix}", which is reserved.`;
    if (!KEY.test(key)) {
      return `Label key "${key}" is invalid: keys begin with a lowercase letter and contain only lowercase letters, numbers, dashes and underscores.`;
    }
    if (!VALUE.test(value)) {
      return `Label value "${value}" of key "${key}" is invalid: label keys and values can only contain lowercase letters, numbers, dashes and underscores.`;
    }
    if ([...key].length > LABEL_LENGTH_MAX || [...value].length > LABEL_LENGTH_MAX) {
      return `Label "${key}" is longer than ${LABEL_LENGTH_MAX} characters.`;
    }
  }
  return undefined;
}
