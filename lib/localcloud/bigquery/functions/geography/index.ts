import type { AggregateCall, Crossing, Family, JavaScriptFunction, ScalarCall, ScalarWriter } from "../call.js";
import { difference, intersection, refused } from "./clip.js";
import { geohash, geohashCentre } from "./geohash.js";
import {
  EMPTY,
  geoJsonOf,
  joined,
  kindOf,
  type Line,
  type Position,
  parseGeoJson,
  parseWkt,
  parts,
  polygonOf,
  position,
  positionsOf,
  type Shapes,
  samePosition,
  wktOf,
} from "./shapes.js";
import {
  angle,
  areaOf,
  azimuth,
  centroid,
  circle,
  contains,
  covers,
  distanceRadians,
  EARTH_RADIUS,
  interiorsMeet,
  intersects,
  lengthOf,
  vectorOf,
} from "./sphere.js";

/**
 * GEOGRAPHY functions over well-known text, on the sphere that BigQuery calculates with. Not here, and refused by name:
 * those that make new outlines (ST_BUFFER of more than a point, ST_SIMPLIFY, ST_CONVEXHULL, ST_UNION of what overlaps), WKB and S2 cells.
 */

interface Definition {
  readonly parameters: readonly Crossing[];
  readonly returns: Crossing;
  readonly call: JavaScriptFunction["call"];
}

const GEO = "string" as const;

/** Letters of the longest geohash. */
const GEOHASH_MAX = 20;

const unary = (returns: Crossing, of: (shapes: Shapes) => unknown): Definition => ({
  parameters: [GEO],
  returns,
  call: (text: string) => of(parseWkt(text)),
});

const binary = (returns: Crossing, of: (a: Shapes, b: Shapes) => unknown): Definition => ({
  parameters: [GEO, GEO],
  returns,
  call: (a: string, b: string) => of(parseWkt(a), parseWkt(b)),
});

const wktOrNull = (at: Position | undefined): string | null => (at ? wktOf({ ...EMPTY, points: [at] }) : null);

/** The one point of a geography. @throws Error for anything else. */
function pointOf(shapes: Shapes, name: string): Position | undefined {
  const [point, ...others] = positionsOf(shapes);
  if (others.length > 0 || shapes.lines.length + shapes.polygons.length > 0)
    throw new Error(`${name} failed: the geography is not a single point`);
  return point;
}

/** The one line of a geography; undefined for anything else. */
const lineOf = ({ points, lines, polygons }: Shapes): Line | undefined =>
  lines.length === 1 && points.length + polygons.length === 0 ? lines[0] : undefined;

function makeLine(all: readonly Shapes[]): string {
  const line = all.flatMap(({ points, lines, polygons }) => {
    if (polygons.length > 0 || points.length + lines.length > 1)
      throw new Error("ST_MakeLine failed: inputs must be single points or linestrings");
    return [...points, ...lines.flat()];
  });
  const distinct = line.filter((at, index) => !samePosition(at, line[index - 1]));
  if (distinct.length === 0) return wktOf(EMPTY);
  return wktOf(distinct.length === 1 ? { ...EMPTY, points: distinct } : { ...EMPTY, lines: [distinct] });
}

/** @throws Error where outlines would have to be merged. */
function union(all: readonly Shapes[]): Shapes {
  const kept: Shapes[] = [];
  for (const shapes of all.flatMap(parts)) {
    if (kept.some((other) => covers(other, shapes))) continue;
    const others = kept.filter((other) => !covers(shapes, other));
    if (others.some((other) => intersects(other, shapes))) throw refused("ST_UNION");
    kept.splice(0, kept.length, ...others, shapes);
  }
  return joined(kept);
}

/** A box of meridians and parallels; the parallels are drawn by chords of a quarter of a degree at most. */
function boxOf(lng1: number, lat1: number, lng2: number, lat2: number): Shapes {
  const width = lng2 >= lng1 ? lng2 - lng1 : lng2 - lng1 + 360;
  const steps = Math.max(1, Math.ceil(width * 4));
  const along = (lat: number): Position[] =>
    Array.from({ length: steps + 1 }, (_, index) => position(lng1 + (width * index) / steps, lat));
  const ring = [...along(lat1), ...along(lat2).reverse()];
  return { ...EMPTY, polygons: [polygonOf([[...ring, ...ring.slice(0, 1)]])] };
}

function boundary({ lines, polygons }: Shapes): Shapes {
  const ends = lines.filter((line) => !samePosition(line[0], line[line.length - 1]));
  return joined([
    { ...EMPTY, points: ends.flatMap((line) => [...line.slice(0, 1), ...line.slice(-1)]) },
    { ...EMPTY, lines: polygons.flat() },
  ]);
}

const dimension = ({ points, lines, polygons }: Shapes): number =>
  polygons.length > 0 ? 2 : lines.length > 0 ? 1 : points.length > 0 ? 0 : -1;

const isEmpty = (shapes: Shapes): boolean => dimension(shapes) < 0;

/** NULL where one is empty. */
function distance(a: Shapes, b: Shapes): number | null {
  const found = distanceRadians(a, b);
  return Number.isFinite(found) ? found * EARTH_RADIUS : null;
}

function greatestDistance(a: Shapes, b: Shapes): number | null {
  const [from, to] = [positionsOf(a).map(vectorOf), positionsOf(b).map(vectorOf)];
  if (from.length === 0 || to.length === 0) return null;
  return EARTH_RADIUS * Math.max(...from.flatMap((one) => to.map((other) => angle(one, other))));
}

const nth = (line: Line | undefined, index: number): Position | undefined =>
  index === 0 ? undefined : line?.at(index > 0 ? index - 1 : index);

const DEFINITIONS: Readonly<Record<string, Definition>> = {
  st_geogpoint: {
    parameters: ["number", "number"],
    returns: GEO,
    call: (lng: number, lat: number) => wktOrNull(position(lng, lat)),
  },
  st_geogfromtext: unary(GEO, wktOf),
  st_geogfromgeojson: { parameters: ["string"], returns: GEO, call: (text: string) => wktOf(parseGeoJson(text)) },
  st_geogfrom: {
    parameters: ["string"],
    returns: GEO,
    call: (text: string) => wktOf(text.trimStart().startsWith("{") ? parseGeoJson(text) : parseWkt(text)),
  },
  st_geogpointfromgeohash: {
    parameters: ["string"],
    returns: GEO,
    call: (text: string) => wktOrNull(geohashCentre(text)),
  },
  st_makeline: binary(GEO, (a, b) => makeLine([a, b])),
  st_makepolygon: unary(GEO, (shapes) => wktOf({ ...EMPTY, polygons: [polygonOf([lineOf(shapes) ?? []])] })),
  st_astext: unary("string", wktOf),
  st_asgeojson: unary("string", geoJsonOf),
  st_geohash: {
    parameters: [GEO, "bigint"],
    returns: "string",
    call: (text: string, size: bigint) =>
      geohash(pointOf(parseWkt(text), "ST_GeoHash"), Math.min(Math.max(Number(size), 1), GEOHASH_MAX)),
  },
  st_x: unary("number", (shapes) => pointOf(shapes, "ST_X")?.[0]),
  st_y: unary("number", (shapes) => pointOf(shapes, "ST_Y")?.[1]),
  st_npoints: unary("bigint", countOfPoints),
  st_numpoints: unary("bigint", countOfPoints),
  st_numgeometries: unary("bigint", (shapes) => BigInt(parts(shapes).length)),
  st_dimension: unary("bigint", (shapes) => BigInt(dimension(shapes))),
  st_geometrytype: unary("string", (shapes) => `ST_${kindOf(shapes)}`),
  st_isempty: unary("boolean", isEmpty),
  st_iscollection: unary("boolean", (shapes) => parts(shapes).length > 1),
  st_isclosed: unary("boolean", (shapes) => !isEmpty(shapes) && isEmpty(boundary(shapes))),
  st_isring: unary("boolean", (shapes) => {
    const line = lineOf(shapes) ?? [];
    const inner = new Set(line.slice(1).map((at) => at.join(" ")));
    return line.length > 3 && samePosition(line[0], line[line.length - 1]) && inner.size === line.length - 1;
  }),
  st_startpoint: unary(GEO, (shapes) => wktOrNull(nth(lineOf(shapes), 1))),
  st_endpoint: unary(GEO, (shapes) => wktOrNull(nth(lineOf(shapes), -1))),
  st_pointn: {
    parameters: [GEO, "bigint"],
    returns: GEO,
    call: (text: string, index: bigint) => wktOrNull(nth(lineOf(parseWkt(text)), Number(index))),
  },
  st_exteriorring: unary(GEO, ({ polygons }) => {
    const [shell] = polygons.length === 1 ? (polygons[0] ?? []) : [];
    return shell ? wktOf({ ...EMPTY, lines: [shell] }) : null;
  }),
  st_interiorrings: unary("strings", ({ polygons }) =>
    (polygons.length === 1 ? (polygons[0] ?? []) : []).slice(1).map((ring) => wktOf({ ...EMPTY, lines: [ring] })),
  ),
  st_boundary: unary(GEO, (shapes) => wktOf(boundary(shapes))),
  st_dump: unary("strings", (shapes) => parts(shapes).map(wktOf)),
  st_dumppoints: unary("strings", ({ points, lines, polygons }) =>
    [...points, ...lines.flat(), ...polygons.flat(2)].map((at) => wktOrNull(at)),
  ),
  st_centroid: unary(GEO, (shapes) => wktOrNull(centroid(shapes)) ?? wktOf(EMPTY)),
  st_area: unary("number", ({ polygons }) => areaOf(polygons)),
  st_length: unary("number", ({ lines }) => lengthOf(lines)),
  st_perimeter: unary("number", ({ polygons }) => lengthOf(polygons.flat())),
  st_azimuth: binary("number", (a, b) => {
    const [from, to] = [pointOf(a, "ST_Azimuth"), pointOf(b, "ST_Azimuth")];
    return from && to ? azimuth(from, to) : null;
  }),
  st_distance: binary("number", distance),
  st_maxdistance: binary("number", greatestDistance),
  st_dwithin: {
    parameters: [GEO, GEO, "number"],
    returns: "boolean",
    call: (a: string, b: string, metres: number) => distanceRadians(parseWkt(a), parseWkt(b)) * EARTH_RADIUS <= metres,
  },
  st_intersects: binary("boolean", intersects),
  st_disjoint: binary("boolean", (a, b) => !intersects(a, b)),
  st_contains: binary("boolean", contains),
  st_within: binary("boolean", (a, b) => contains(b, a)),
  st_covers: binary("boolean", covers),
  st_coveredby: binary("boolean", (a, b) => covers(b, a)),
  st_equals: binary("boolean", (a, b) => (isEmpty(a) && isEmpty(b)) || (covers(a, b) && covers(b, a))),
  st_touches: binary("boolean", (a, b) => {
    if (dimension(a) + dimension(b) < 2 || !intersects(a, b)) return false;
    if (dimension(a) === 1 || dimension(b) === 1) throw refused("ST_TOUCHES");
    const isArea = (shapes: Shapes) => dimension(shapes) === 2;
    return !(isArea(a) && interiorsMeet(a, b)) && !(isArea(b) && interiorsMeet(b, a));
  }),
  st_intersectsbox: {
    parameters: [GEO, "number", "number", "number", "number"],
    returns: "boolean",
    call: (text: string, lng1: number, lat1: number, lng2: number, lat2: number) =>
      intersects(parseWkt(text), boxOf(lng1, lat1, lng2, lat2)),
  },
  st_union: binary(GEO, (a, b) => wktOf(union([a, b]))),
  st_buffer: {
    parameters: [GEO, "number", "number"],
    returns: GEO,
    call: (text: string, metres: number, quarter: number) => {
      const shapes = parseWkt(text);
      const [point] = shapes.points;
      if (!point || parts(shapes).length > 1 || !(metres > 0)) {
        throw new Error("ST_BUFFER of anything but a point is not supported by the local cloud.");
      }
      return wktOf({ ...EMPTY, polygons: [polygonOf([circle(point, metres, Math.max(1, Math.ceil(quarter)) * 4)])] });
    },
  },
  st_intersection: binary(GEO, (a, b) => wktOf(intersection(a, b))),
  st_difference: binary(GEO, (a, b) => wktOf(difference(a, b))),
};

function countOfPoints({ points, lines, polygons }: Shapes): bigint {
  return BigInt(points.length + lines.flat().length + polygons.flat(2).length);
}

/** Lists of geographies, of ARRAYs and of aggregate functions. NULL among them is left out. */
const OF_LISTS: readonly JavaScriptFunction[] = [
  ["bq_st_union_list", (all: readonly Shapes[]) => wktOf(union(all))] as const,
  ["bq_st_makeline_list", makeLine] as const,
  [
    "bq_st_centroid_list",
    (all: readonly Shapes[]) => {
      const highest = Math.max(...all.map(dimension));
      return wktOrNull(centroid(joinedAll(all.filter((shapes) => dimension(shapes) === highest))));
    },
  ] as const,
].map(([name, of]) => ({
  name,
  parameters: ["strings" as const],
  returns: GEO,
  call: (texts: readonly (string | null)[]) => of(texts.filter((text) => text !== null).map((text) => parseWkt(text))),
}));

/** Equal points count as often as they are there. */
function joinedAll(all: readonly Shapes[]): Shapes {
  return {
    points: all.flatMap((shapes) => shapes.points),
    lines: all.flatMap((shapes) => shapes.lines),
    polygons: all.flatMap((shapes) => shapes.polygons),
  };
}

/** What stands for a last argument that is left out. */
const DEFAULTS: Readonly<Record<string, string>> = {
  st_geohash: `CAST(${GEOHASH_MAX} AS BIGINT)`,
  st_buffer: "CAST(8 AS DOUBLE)",
};

/** Further arguments (oriented, planar, use_spheroid, endcap, side) are known by their defaults alone. */
function writer(name: string, count: number): ScalarWriter {
  return ({ args }: ScalarCall) => {
    const last = args.length === count - 1 ? DEFAULTS[name] : undefined;
    if (last !== undefined) return `bq_${name}(${[...args.map(({ sql }) => sql), last].join(", ")})`;
    if (args.length < count || !args.slice(count).every(isDefault)) return undefined;
    if (args.slice(0, count).some(({ type }) => type.kind === "ARRAY")) return undefined;
    return `bq_${name}(${args
      .slice(0, count)
      .map(({ sql }) => sql)
      .join(", ")})`;
  };
}

const isDefault = ({ literal }: { readonly literal?: unknown }): boolean =>
  literal === false || literal === null || literal === "ROUND" || literal === "BOTH";

function overArray(name: string): ScalarWriter {
  return ({ args: [list, ...more] }) =>
    list?.type.kind === "ARRAY" && more.length === 0 ? `bq_${name}_list(${list.sql})` : undefined;
}

function overRows(name: string): (call: AggregateCall) => string | undefined {
  return ({ args: [value], distinct, having, window, where }) => {
    if (!value || distinct || having || window !== undefined || where !== undefined) return undefined;
    return `bq_${name}_list(list(${value.sql}) FILTER (WHERE ${value.sql} IS NOT NULL))`;
  };
}

const scalars = Object.fromEntries(
  Object.entries(DEFINITIONS).map(([name, { parameters }]) => [name, writer(name, parameters.length)]),
);

export const geography: Family = {
  scalars: {
    ...scalars,
    st_union: (call) => scalars.st_union?.(call) ?? overArray("st_union")(call),
    st_makeline: (call) => scalars.st_makeline?.(call) ?? overArray("st_makeline")(call),
  },
  aggregates: { st_union_agg: overRows("st_union"), st_centroid_agg: overRows("st_centroid") },
  javascript: [
    ...Object.entries(DEFINITIONS).map(([name, definition]) => ({ name: `bq_${name}`, ...definition })),
    ...OF_LISTS,
  ],
};
