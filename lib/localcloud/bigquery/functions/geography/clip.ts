import { EMPTY, type Line, type Polygon, type Position, polygonOf, type Shapes } from "./shapes.js";
import { covers, crossing, intersects, positionOf, sideOf, vectorOf } from "./sphere.js";

/** Set operations on GEOGRAPHY, where their result is one of the operands, or a part of a convex polygon. */

/** @throws Error for shapes whose outlines would have to be cut otherwise. */
export function intersection(a: Shapes, b: Shapes): Shapes {
  if (!intersects(a, b)) return EMPTY;
  if (covers(a, b)) return b;
  if (covers(b, a)) return a;
  if (isPoints(a)) return pointsOf(a, (point) => intersects(point, b));
  if (isPoints(b)) return pointsOf(b, (point) => intersects(point, a));
  const [ringA, ringB] = [convexRing(a), convexRing(b)];
  if (!ringA || !ringB) throw refused("ST_INTERSECTION");
  const clipped = clip(ringA, ringB);
  if (clipped.length < 3) throw refused("ST_INTERSECTION");
  return { ...EMPTY, polygons: [polygonOf([[...clipped, ...clipped.slice(0, 1)]])] };
}

/** @throws Error as `intersection`. */
export function difference(a: Shapes, b: Shapes): Shapes {
  if (!intersects(a, b)) return a;
  if (covers(b, a)) return EMPTY;
  if (isPoints(a)) return pointsOf(a, (point) => !intersects(point, b));
  throw refused("ST_DIFFERENCE");
}

const isPoints = ({ lines, polygons }: Shapes): boolean => lines.length + polygons.length === 0;

function pointsOf({ points }: Shapes, keeps: (point: Shapes) => boolean): Shapes {
  return { ...EMPTY, points: points.filter((point) => keeps({ ...EMPTY, points: [point] })) };
}

export function refused(name: string): Error {
  return new Error(
    `${name} of shapes that overlap in part is supported by the local cloud for two convex polygons and for points; run this query on Google Cloud (ACTIVATE_TARGET=gcp).`,
  );
}

/** The shell of a single convex polygon, open. */
function convexRing({ points, lines, polygons }: Shapes): Line | undefined {
  const [polygon, ...others] = polygons as readonly Polygon[];
  const [shell, ...holes] = polygon ?? [];
  if (!shell || others.length + holes.length + points.length + lines.length > 0) return undefined;
  const ring = shell.slice(0, -1);
  const isConvex = ring.every((at, index) => {
    const [from, to] = [ring[(index + ring.length - 1) % ring.length] ?? at, ring[(index + 1) % ring.length] ?? at];
    return sideOf(vectorOf(from), vectorOf(at), vectorOf(to)) >= 0;
  });
  return isConvex ? ring : undefined;
}

/** What of a convex ring is left of every edge of the other (Sutherland and Hodgman 1974), from its most southern corner on. */
function clip(ring: Line, by: Line): Line {
  let left: Line = ring;
  by.forEach((from, index) => {
    const [a, b] = [vectorOf(from), vectorOf(by[(index + 1) % by.length] ?? from)];
    left = left.flatMap((at, place): Position[] => {
      const next = left[(place + 1) % left.length] ?? at;
      const [p, q] = [vectorOf(at), vectorOf(next)];
      const [sideP, sideQ] = [sideOf(a, b, p), sideOf(a, b, q)];
      const cut = sideP * sideQ < 0 ? [positionOf(crossing([a, b], [p, q]))] : [];
      return sideP >= 0 ? [at, ...cut] : cut;
    });
  });
  const first = left.reduce((best, [lng, lat], index) => {
    const [bestLng, bestLat] = left[best] ?? [0, 0];
    return lat < bestLat || (lat === bestLat && lng < bestLng) ? index : best;
  }, 0);
  return [...left.slice(first), ...left.slice(0, first)];
}
