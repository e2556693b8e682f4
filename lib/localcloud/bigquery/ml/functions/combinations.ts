/** Combinations of the fields of a STRUCT, as ML.POLYNOMIAL_EXPAND and ML.FEATURE_CROSS make them. */

/**
 * Positions of the combined fields, in the order f1, f1_f1, f1_f2, f2, f2_f2 of Google's example (a combination before
 * those that it begins).
 *
 * @param count number of fields.
 * @param degree largest number of fields in a combination.
 * @param least smallest number of fields in a combination.
 * @param repeats whether a field may be combined with itself.
 */
export function combinations(count: number, degree: number, least: number, repeats: boolean): readonly number[][] {
  const found: number[][] = [];
  const extend = (chosen: readonly number[]): void => {
    const last = chosen[chosen.length - 1];
    const first = last === undefined ? 0 : repeats ? last : last + 1;
    for (let field = first; field < count; field++) {
      const next = [...chosen, field];
      if (next.length >= least) found.push(next);
      if (next.length < degree) extend(next);
    }
  };
  extend([]);
  return found;
}

export interface StructFunction {
  readonly degree: { readonly min: number; readonly max: number };
  /** Positions of the combined fields, one entry a field of the result. */
  combine(count: number, degree: number): readonly number[][];
}

export const FEATURES_MAX = 10;
export const DEGREE_DEFAULT = 2;

/** Functions whose result is a STRUCT with fields named after their argument's. */
export const STRUCT_FUNCTIONS: Readonly<Record<string, StructFunction>> = {
  FEATURE_CROSS: { degree: { min: 2, max: 4 }, combine: (count, degree) => combinations(count, degree, 2, false) },
  POLYNOMIAL_EXPAND: { degree: { min: 1, max: 4 }, combine: (count, degree) => combinations(count, degree, 1, true) },
};
