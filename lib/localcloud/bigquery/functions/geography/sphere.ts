import type { Line, Polygon, Position, Shapes } from "./shapes.js";
import { positionsOf } from "./shapes.js";

/** Measures and relations on the sphere that BigQuery takes for Earth; edges are great circles. */

/** Metres (S2's `S2Earth::Radius`; BigQuery's ST_LENGTH of 0.09 degrees of a meridian is 10007.559105973372). */
export const EARTH_RADIUS = 6_371_010;

/** A unit vector. */
export type Vector = readonly [x: number, y: number, z: number];

const RADIANS = Math.PI / 180;

export function vectorOf([lng, lat]: Position): Vector {
  const [phi, theta] = [lat * RADIANS, lng * RADIANS];
  return [Math.cos(phi) * Math.cos(theta), Math.cos(phi) * Math.sin(theta), Math.sin(phi)];
}

export function positionOf([x, y, z]: Vector): Position {
  return [Math.atan2(y, x) / RADIANS, Math.atan2(z, Math.hypot(x, y)) / RADIANS];
}

const dot = (a: Vector, b: Vector): number => a[0] * b[0] + a[1] * b[1] + a[2] * b[2];
const minus = (a: Vector, b: Vector): Vector => [a[0] - b[0], a[1] - b[1], a[2] - b[2]];
const plus = (a: Vector, b: Vector): Vector => [a[0] + b[0], a[1] + b[1], a[2] + b[2]];
const times = (a: Vector, by: number): Vector => [a[0] * by, a[1] * by, a[2] * by];
const length = (a: Vector): number => Math.hypot(a[0], a[1], a[2]);
const cross = (a: Vector, b: Vector): Vector => [
  a[1] * b[2] - a[2] * b[1],
  a[2] * b[0] - a[0] * b[2],
  a[0] * b[1] - a[1] * b[0],
];
/** The cross product of two vectors that may be close together: (a - b) x (a + b) is twice it and keeps its digits. */
const normalOf = (a: Vector, b: Vector): Vector => times(cross(minus(a, b), plus(a, b)), 0.5);

export function normalized(a: Vector): Vector {
  return times(a, 1 / length(a));
}

/** Radians. */
export function angle(a: Vector, b: Vector): number {
  return Math.atan2(length(normalOf(a, b)), dot(a, b));
}

/** Twice the signed volume of (a, b, c); positive when they run counter-clockwise. */
const turn = (a: Vector, b: Vector, c: Vector): number => dot(a, cross(minus(b, a), minus(c, a)));

/** Positive where p is left of the great circle from a to b. */
export function sideOf(a: Vector, b: Vector, p: Vector): number {
  const side = turn(a, b, p);
  return Math.abs(side) < 1e-18 ? 0 : side;
}

/** Where two great circles cross, on the side of the second's edge. */
export function crossing([a, b]: Edge, [c, d]: Edge): Vector {
  const at = normalized(cross(normalOf(a, b), normalOf(c, d)));
  return dot(at, plus(c, d)) > 0 ? at : times(at, -1);
}

/** Closer than this counts as touching, in radians: six micrometres on Earth. */
const TOUCHING = 1e-12;

type Edge = readonly [Vector, Vector];

function edgesOf(line: Line): readonly Edge[] {
  const vectors = line.map(vectorOf);
  return vectors.slice(1).map((to, index): Edge => [vectors[index] ?? to, to]);
}

/** Metres. */
export function lengthOf(lines: readonly Line[]): number {
  return EARTH_RADIUS * lines.flatMap(edgesOf).reduce((sum, [a, b]) => sum + angle(a, b), 0);
}

/** Square metres. */
export function areaOf(polygons: readonly Polygon[]): number {
  const excess = polygons.flat().reduce((sum, ring) => sum + ringExcess(ring), 0);
  return EARTH_RADIUS * EARTH_RADIUS * excess;
}

/** Spherical excess with the sign of the direction: triangles around the first vertex (Eriksson 1990). */
function ringExcess(ring: Line): number {
  const [first, ...rest] = ring.slice(0, -1).map(vectorOf);
  if (!first) return 0;
  return rest.slice(1).reduce((sum, to, index) => {
    const from = rest[index] ?? to;
    return sum + 2 * Math.atan2(turn(first, from, to), 1 + dot(first, from) + dot(from, to) + dot(to, first));
  }, 0);
}

/** The point of an edge that is nearest to p. */
export function nearestOnEdge(p: Vector, [a, b]: Edge): Vector {
  const normal = normalOf(a, b);
  const size = length(normal);
  if (size < 1e-15) return a;
  const unit = times(normal, 1 / size);
  const foot = minus(p, times(unit, dot(p, unit)));
  if (length(foot) > 1e-15) {
    const at = normalized(foot);
    if (dot(cross(unit, a), at) >= 0 && dot(cross(b, unit), at) >= 0) return at;
  }
  return angle(p, a) <= angle(p, b) ? a : b;
}

const edgeDistance = (p: Vector, edge: Edge): number => angle(p, nearestOnEdge(p, edge));

/** Edges that meet, at an end or between. */
function edgesMeet([a, b]: Edge, [c, d]: Edge): boolean {
  if (edgesCross([a, b], [c, d])) return true;
  return (
    edgeDistance(a, [c, d]) < TOUCHING ||
    edgeDistance(b, [c, d]) < TOUCHING ||
    edgeDistance(c, [a, b]) < TOUCHING ||
    edgeDistance(d, [a, b]) < TOUCHING
  );
}

/** Edges that cross between their ends. */
function edgesCross([a, b]: Edge, [c, d]: Edge): boolean {
  const [abc, abd, cda, cdb] = [turn(a, b, c), turn(a, b, d), turn(c, d, a), turn(c, d, b)];
  // Their circles cross twice: once here, once on the other side of the sphere.
  return abc * abd < -1e-30 && cda * cdb < -1e-30 && abc * cda < 0 && dot(plus(a, b), plus(c, d)) > 0;
}

type Place = "inside" | "boundary" | "outside";

function placeInPolygon(p: Vector, polygon: Polygon): Place {
  if (polygon.some((ring) => edgesOf(ring).some((edge) => edgeDistance(p, edge) < TOUCHING))) return "boundary";
  const [shell = [], ...holes] = polygon;
  return winds(p, shell) && !holes.some((hole) => winds(p, hole)) ? "inside" : "outside";
}

/** Whether a ring goes around p: the angles at p under which its edges are seen add up to a full turn. */
function winds(p: Vector, ring: Line): boolean {
  const sum = edgesOf(ring).reduce((total, [a, b]) => {
    const [toA, toB] = [minus(a, times(p, dot(a, p))), minus(b, times(p, dot(b, p)))];
    return total + Math.atan2(dot(p, cross(toA, toB)), dot(toA, toB));
  }, 0);
  return Math.abs(sum) > Math.PI && ring.some((at) => dot(vectorOf(at), p) > 0);
}

/** Every edge of lines and of polygons' rings. */
export function edges({ lines, polygons }: Shapes): readonly Edge[] {
  return [...lines, ...polygons.flat()].flatMap(edgesOf);
}

export function intersects(a: Shapes, b: Shapes): boolean {
  return distanceRadians(a, b) < TOUCHING;
}

/** Radians between the nearest points; infinite where one is empty. */
export function distanceRadians(a: Shapes, b: Shapes): number {
  const [vectorsA, vectorsB] = [positionsOf(a).map(vectorOf), positionsOf(b).map(vectorOf)];
  const isWithin = (vectors: readonly Vector[], { polygons }: Shapes) =>
    polygons.some((polygon) => vectors.some((at) => placeInPolygon(at, polygon) !== "outside"));
  if (isWithin(vectorsA, b) || isWithin(vectorsB, a)) return 0;
  const [edgesA, edgesB] = [edges(a), edges(b)];
  if (edgesA.some((one) => edgesB.some((other) => edgesMeet(one, other)))) return 0;
  let least = Number.POSITIVE_INFINITY;
  for (const at of vectorsA) {
    for (const edge of edgesB) least = Math.min(least, edgeDistance(at, edge));
    for (const other of vectorsB) least = Math.min(least, angle(at, other));
  }
  for (const at of vectorsB) for (const edge of edgesA) least = Math.min(least, edgeDistance(at, edge));
  return least;
}

/** No point of b is outside a. */
export function covers(a: Shapes, b: Shapes): boolean {
  const vectors = positionsOf(b).map(vectorOf);
  if (vectors.length === 0) return false;
  const isIn = (at: Vector): boolean =>
    a.polygons.some((polygon) => placeInPolygon(at, polygon) !== "outside") ||
    a.lines.some((line) => edgesOf(line).some((edge) => edgeDistance(at, edge) < TOUCHING)) ||
    a.points.some((point) => angle(vectorOf(point), at) < TOUCHING);
  if (!vectors.every(isIn)) return false;
  const [edgesA, edgesB] = [edges(a), edges(b)];
  const middles = edgesB.map(([from, to]) => normalized(plus(from, to)));
  if (!middles.every(isIn)) return false;
  if (edgesB.some((one) => edgesA.some((other) => edgesCross(one, other)))) return false;
  // A hole of a that b's area spans has no vertex of b in it.
  return !holeVertices(a).some((at) => b.polygons.some((polygon) => placeInPolygon(at, polygon) === "inside"));
}

function holeVertices({ polygons }: Shapes): readonly Vector[] {
  return polygons.flatMap((polygon) => polygon.slice(1).flat()).map(vectorOf);
}

/** Covers, and b is not on a's boundary alone. */
export function contains(a: Shapes, b: Shapes): boolean {
  return covers(a, b) && interiorsMeet(a, b);
}

/** Whether b has a point that is inside a, not on its boundary. */
export function interiorsMeet(a: Shapes, b: Shapes): boolean {
  const vectors = [
    ...positionsOf(b).map(vectorOf),
    ...edges(b).map(([from, to]) => normalized(plus(from, to))),
    ...b.polygons.map((polygon) => middleOf(polygon[0] ?? [])),
  ];
  if (a.polygons.length === 0) return intersects(a, b);
  return vectors.some((at) => a.polygons.some((polygon) => placeInPolygon(at, polygon) === "inside"));
}

function middleOf(ring: Line): Vector {
  return normalized(ring.slice(1).map(vectorOf).reduce(plus, [0, 0, 0]));
}

/** Points weigh alike, lines by their length, polygons by their area; what has the highest dimension counts. */
export function centroid({ points, lines, polygons }: Shapes): Position | undefined {
  const weighted = (list: readonly (readonly [Vector, number])[]) =>
    list.map(([at, weight]) => times(at, weight)).reduce(plus, [0, 0, 0]);
  if (polygons.length > 0) return positionOf(polygons.flat().map(ringMoment).reduce(plus, [0, 0, 0]));
  if (lines.length > 0) {
    // The mean of an arc's points stands on its middle, sin(angle / 2) / (angle / 2) from the centre.
    const arcs = lines
      .flatMap(edgesOf)
      .map(([a, b]) => [normalized(plus(a, b)), 2 * Math.sin(angle(a, b) / 2)] as const);
    return positionOf(weighted(arcs));
  }
  return points.length > 0 ? positionOf(weighted(points.map((at) => [vectorOf(at), 1] as const))) : undefined;
}

/** The integral of the position over a ring's area: half the sum of its edges' normals by their angles (Brock 1975). */
function ringMoment(ring: Line): Vector {
  return edgesOf(ring)
    .map(([a, b]) => times(normalized(normalOf(a, b)), angle(a, b) / 2))
    .reduce(plus, [0, 0, 0]);
}

/**
 * A circle of `count` corners around a point, counter-clockwise from the west (S2's `MakeRegularLoop`: the frame around
 * the centre is turned a little, by constants of S2's `Ortho`, which only show in the digits).
 */
export function circle(at: Position, metres: number, count: number): Line {
  const centre = vectorOf(at);
  const sizes = centre.map(Math.abs);
  const largest = sizes.indexOf(Math.max(...sizes));
  const turned = [0.012, 0.0053, 0.00457];
  turned[(largest + 2) % 3] = 1;
  const [x = 0, y = 0, z = 0] = turned;
  const west = normalized(cross(centre, [x, y, z]));
  const north = cross(west, centre);
  const radius = metres / EARTH_RADIUS;
  const corners = Array.from({ length: count }, (_, index): Position => {
    const around = Math.PI / 2 + (2 * Math.PI * index) / count;
    const side = plus(times(north, Math.cos(around)), times(west, Math.sin(around)));
    return positionOf(normalized(plus(times(side, Math.sin(radius)), times(centre, Math.cos(radius)))));
  });
  return [...corners, ...corners.slice(0, 1)];
}

/** Radians, clockwise from north; undefined for equal points and at the poles. */
export function azimuth(from: Position, to: Position): number | undefined {
  if (from[0] === to[0] && from[1] === to[1]) return undefined;
  const [phi1, phi2, delta] = [from[1] * RADIANS, to[1] * RADIANS, (to[0] - from[0]) * RADIANS];
  const y = Math.sin(delta) * Math.cos(phi2);
  const x = Math.cos(phi1) * Math.sin(phi2) - Math.sin(phi1) * Math.cos(phi2) * Math.cos(delta);
  const found = Math.atan2(y, x);
  return found < 0 ? found + 2 * Math.PI : found;
}
