import { quantile } from "../../scoring.js";

const ROWS_ASKED = 300;
const ROWS_COMPARED = 10_000;
const NEIGHBOUR = 5;

/**
 * How far apart rows are where they are dense: the median distance of a row from its fifth neighbour, as root mean square over the features.
 * Of at most 300 rows, evenly chosen, among at most 10,000. 0 for fewer than two rows.
 * @param values rows of `width` standardized values.
 */
export function typicalSpacing(values: Float64Array, width: number): number {
  const rows = values.length / width;
  if (rows < 2) return 0;
  const asked = Math.min(rows, ROWS_ASKED);
  const compared = Math.min(rows, ROWS_COMPARED);
  const spacings: number[] = [];
  for (let index = 0; index < asked; index += 1) {
    const own = Math.floor((index * rows) / asked);
    const nearest = new Array<number>(NEIGHBOUR).fill(Number.POSITIVE_INFINITY);
    for (let other = 0; other < compared; other += 1) {
      const row = Math.floor((other * rows) / compared);
      if (row === own) continue;
      let sum = 0;
      const most = nearest[NEIGHBOUR - 1] as number;
      for (let place = 0; place < width && sum < most; place += 1) {
        sum += ((values[own * width + place] as number) - (values[row * width + place] as number)) ** 2;
      }
      if (sum < most) insert(nearest, sum);
    }
    const found = nearest.filter(Number.isFinite).at(-1);
    if (found !== undefined) spacings.push(Math.sqrt(found / width));
  }
  return quantile(spacings, 0.5);
}

/** Into a rising list; the last of which falls off. */
function insert(list: number[], value: number): void {
  let at = list.length - 1;
  while (at > 0 && (list[at - 1] as number) > value) {
    list[at] = list[at - 1] as number;
    at -= 1;
  }
  list[at] = value;
}
