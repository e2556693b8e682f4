import { z } from "zod";
import { evenly, type Matrix } from "../columns.js";
import type { Scorer } from "../detector.js";
import { robustScale } from "../standardization.js";

/** What is asked, in the order of the file. */
export const MEMBER_KINDS = ["autoencoder", "isolation-forest", "hbos", "copod"] as const;
export type MemberKind = (typeof MEMBER_KINDS)[number];

/** A detector that is asked, and what its scores usually are. */
interface Member {
  readonly scorer: Scorer;
  readonly median: number;
  readonly scale: number;
}

/** Rows by which a member's score is called high, at most. */
const ROWS_MEASURED = 20_000;

/** A detector that says of a row what the most certain of its members says, see `ensemble`. */
export function fitEnsemble(scorers: Readonly<Record<MemberKind, Scorer>>, rows: Matrix): Scorer {
  const measured = evenly(rows, ROWS_MEASURED);
  return ensemble(
    MEMBER_KINDS.map((kind) => ({ scorer: scorers[kind], ...robustScale(scorers[kind].score(measured)) })),
  );
}

/**
 * Detectors that see different things, on one scale: how far a score lies above its median, in (robust) deviations. The score is the greatest of them, as in
 * Aggarwal and Sathe, "Theoretical foundations and algorithms for outlier ensembles", 2015: a member that sees nothing in the data has no long tail and so
 * stays silent, where a mean or ranks would let it water down what the others see. 0 is what a row in the middle scores.
 */
function ensemble(members: readonly Member[]): Scorer {
  const standardized = (of: readonly { readonly scores: Float64Array }[], row: number): readonly [number, number] => {
    let winner = 0;
    let most = Number.NEGATIVE_INFINITY;
    for (const [index, { median, scale }] of members.entries()) {
      const score = ((of[index]?.scores[row] as number) - median) / scale;
      if (score > most) [winner, most] = [index, score];
    }
    return [winner, most];
  };
  return {
    baseline: 0,
    score: (matrix) => {
      const own = members.map(({ scorer }) => ({ scores: scorer.score(matrix) }));
      return Float64Array.from({ length: matrix.rows }, (_, row) => standardized(own, row)[1]);
    },
    explain: (matrix) => {
      const width = matrix.features.length;
      const own = members.map(({ scorer }) => scorer.explain(matrix));
      const scores = new Float64Array(matrix.rows);
      const contributions = new Float64Array(matrix.rows * width);
      for (let row = 0; row < matrix.rows; row += 1) {
        const [winner, score] = standardized(own, row);
        const { scorer, median, scale } = members[winner] as Member;
        scores[row] = score;
        // The members' baselines differ from their medians: each feature takes its share of that.
        const rest = (scorer.baseline - median) / scale / width;
        for (let at = row * width; at < (row + 1) * width; at += 1) {
          contributions[at] = (own[winner]?.contributions[at] as number) / scale + rest;
        }
      }
      return { scores, contributions };
    },
    parameters: () => ({
      members: members.map(({ scorer, median, scale }, index) => ({
        kind: MEMBER_KINDS[index],
        median,
        scale,
        parameters: scorer.parameters(),
      })),
    }),
  };
}

const schema = z.strictObject({
  members: z
    .array(
      z.strictObject({
        kind: z.enum(MEMBER_KINDS),
        median: z.number(),
        scale: z.number().positive(),
        parameters: z.unknown(),
      }),
    )
    .length(MEMBER_KINDS.length),
});

/** @throws Error when these are not the parameters of an ensemble over these features. */
export function readEnsemble(
  parameters: unknown,
  readers: Readonly<Record<MemberKind, (parameters: unknown) => Scorer>>,
): Scorer {
  const { members } = schema.parse(parameters);
  return ensemble(
    members.map(({ kind, median, scale, parameters: own }, index) => {
      if (kind !== MEMBER_KINDS[index]) throw new Error(`member ${index} is ${kind}, not ${MEMBER_KINDS[index]}`);
      return { scorer: readers[kind](own), median, scale };
    }),
  );
}
