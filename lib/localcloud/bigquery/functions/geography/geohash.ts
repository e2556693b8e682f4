import type { Position } from "./shapes.js";

/** Geohashes (Niemeyer 2008): bits of longitude and latitude by turns, five to a letter. */

const LETTERS = "0123456789bcdefghjkmnpqrstuvwxyz";

export function geohash(at: Position | undefined, size: number): string | null {
  if (!at) return null;
  const ranges = [
    [-180, 180],
    [-90, 90],
  ] as [[number, number], [number, number]];
  let text = "";
  for (let letter = 0; letter < size; letter++) {
    let bits = 0;
    for (let bit = 0; bit < 5; bit++) {
      const axis = (letter * 5 + bit) % 2 === 0 ? 0 : 1;
      const [low, high] = ranges[axis];
      const middle = (low + high) / 2;
      const upper = at[axis] >= middle;
      ranges[axis] = upper ? [middle, high] : [low, middle];
      bits = bits * 2 + (upper ? 1 : 0);
    }
    text += LETTERS[bits];
  }
  return text;
}

/** The middle of a geohash's box. @throws Error for a text that is none. */
export function geohashCentre(text: string): Position {
  const ranges = [
    [-180, 180],
    [-90, 90],
  ] as [[number, number], [number, number]];
  [...text.toLowerCase()].forEach((letter, place) => {
    const bits = LETTERS.indexOf(letter);
    if (bits < 0) throw new Error(`ST_GeogPointFromGeoHash failed: invalid character ${letter}`);
    for (let bit = 0; bit < 5; bit++) {
      const axis = (place * 5 + bit) % 2 === 0 ? 0 : 1;
      const [low, high] = ranges[axis];
      const middle = (low + high) / 2;
      ranges[axis] = (bits >> (4 - bit)) & 1 ? [middle, high] : [low, middle];
    }
  });
  const [[west, east], [south, north]] = ranges;
  return [(west + east) / 2, (south + north) / 2];
}
