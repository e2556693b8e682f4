import type { Random } from "../../random.js";

/** Draws from the normal distribution with mean 0 and deviation 1 (Box and Muller, 1958), two at a time. */
export function normalDraws(random: Random): () => number {
  let second: number | undefined;
  return () => {
    if (second !== undefined) {
      const draw = second;
      second = undefined;
      return draw;
    }
    const radius = Math.sqrt(-2 * Math.log(1 - random.unit()));
    const angle = 2 * Math.PI * random.unit();
    second = radius * Math.sin(angle);
    return radius * Math.cos(angle);
  };
}
