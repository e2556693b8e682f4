/** A command line that is not right: printed as it is, exit code 2. */
export class UsageError extends Error {
  override readonly name = "UsageError";
}

/** Something outside is not as it must be, and the message says what to do: printed without a stack, exit code 1. */
export class SetupError extends Error {
  override readonly name = "SetupError";
}

/** The known name that takes the fewest single-letter edits, if that is few enough to be meant. */
export function nearest(word: string, known: readonly string[]): string | undefined {
  const ranked = known
    .map((name) => ({ name, edits: editDistance(word.toLowerCase(), name.toLowerCase()) }))
    .sort((a, b) => a.edits - b.edits);
  const best = ranked[0];
  return best && best.edits <= Math.max(2, Math.floor(best.name.length / 3)) ? best.name : undefined;
}

export function unknown(what: string, word: string, known: readonly string[]): UsageError {
  const close = nearest(word, known);
  const hint = close === undefined ? `Known: ${known.join(", ")}.` : `Did you mean ${close}?`;
  return new UsageError(`Unknown ${what} ${word}. ${hint}`);
}

/** Damerau-Levenshtein distance, restricted (a pair of letters is swapped at most once). */
function editDistance(a: string, b: string): number {
  const rows: number[][] = [Array.from({ length: b.length + 1 }, (_, j) => j)];
  const at = (i: number, j: number): number => rows[i]?.[j] ?? Number.POSITIVE_INFINITY;
  for (let i = 1; i <= a.length; i++) {
    const row = [i];
    rows.push(row);
    for (let j = 1; j <= b.length; j++) {
      const same = a[i - 1] === b[j - 1] ? 0 : 1;
      let edits = Math.min(at(i - 1, j) + 1, at(i, j - 1) + 1, at(i - 1, j - 1) + same);
      if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1])
        edits = Math.min(edits, at(i - 2, j - 2) + 1);
      row[j] = edits;
    }
  }
  return at(a.length, b.length);
}
