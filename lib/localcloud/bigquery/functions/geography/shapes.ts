/** Values of GEOGRAPHY: well-known text (WKT) outside, points, lines and polygons inside. */

/** Longitude and latitude in degrees. */
export type Position = readonly [lng: number, lat: number];
export type Line = readonly Position[];
/** The shell first, then the holes; rings are closed. The shell runs counter-clockwise, holes clockwise. */
export type Polygon = readonly Line[];

export interface Shapes {
  readonly points: readonly Position[];
  readonly lines: readonly Line[];
  readonly polygons: readonly Polygon[];
}

export const EMPTY: Shapes = { points: [], lines: [], polygons: [] };

export function joined(all: readonly Shapes[]): Shapes {
  return {
    points: distinct(all.flatMap((shapes) => shapes.points)),
    lines: all.flatMap((shapes) => shapes.lines),
    polygons: all.flatMap((shapes) => shapes.polygons),
  };
}

function distinct(points: readonly Position[]): readonly Position[] {
  return [...new Map(points.map((point) => [point.join(" "), point])).values()];
}

/** Geometries one by one, as ST_DUMP and collections list them. */
export function parts(shapes: Shapes): readonly Shapes[] {
  return [
    ...shapes.points.map((point) => ({ ...EMPTY, points: [point] })),
    ...shapes.lines.map((line) => ({ ...EMPTY, lines: [line] })),
    ...shapes.polygons.map((polygon) => ({ ...EMPTY, polygons: [polygon] })),
  ];
}

export function positionsOf({ points, lines, polygons }: Shapes): readonly Position[] {
  return [...points, ...lines.flat(), ...polygons.flatMap((polygon) => polygon.flatMap((ring) => ring.slice(0, -1)))];
}

/** Point, LineString, Polygon, MultiPoint … as GeoJSON names it. */
export function kindOf({ points, lines, polygons }: Shapes): string {
  const kinds = [points, lines, polygons].filter((list) => list.length > 0).length;
  if (kinds !== 1) return "GeometryCollection";
  const [name, count] = points.length
    ? ["Point", points.length]
    : lines.length
      ? ["LineString", lines.length]
      : ["Polygon", polygons.length];
  return `${count > 1 ? "Multi" : ""}${name}`;
}

/** @throws Error where a position is not on Earth. */
export function position(lng: number, lat: number): Position {
  if (!(Math.abs(lat) <= 90)) throw new Error(`Latitude must be between -90 and 90 degrees, was ${lat}`);
  if (!Number.isFinite(lng)) throw new Error(`Longitude must be finite, was ${lng}`);
  return [Math.abs(lng) <= 180 ? lng : lng - 360 * Math.round(lng / 360), lat];
}

export const samePosition = (a: Position | undefined, b: Position | undefined): boolean =>
  a !== undefined && b !== undefined && a[0] === b[0] && a[1] === b[1];

/** @throws Error for a ring that is not closed or too short. */
export function polygonOf(rings: readonly Line[]): Polygon {
  return rings.map((ring, index) => {
    if (ring.length < 4) throw new Error("Invalid polygon loop: a ring needs at least four positions");
    if (!samePosition(ring[0], ring[ring.length - 1])) throw new Error("Invalid polygon loop: it is not closed");
    return signedArea(ring) > 0 === (index === 0) ? ring : [...ring].reverse();
  });
}

/** Its sign tells the direction; twice the area in the plane of degrees, longitudes unwrapped. */
function signedArea(ring: Line): number {
  const [originLng = 0] = ring[0] ?? [];
  const x = (at: Position | undefined) => unwrapped((at?.[0] ?? 0) - originLng);
  return ring.slice(1).reduce((sum, to, index) => {
    const from = ring[index];
    return sum + x(from) * to[1] - x(to) * (from?.[1] ?? 0);
  }, 0);
}

const unwrapped = (lng: number): number => lng - 360 * Math.round(lng / 360);

/** @throws Error for a text that is not WKT. */
export function parseWkt(text: string): Shapes {
  const reader = new WktReader(text);
  const shapes = reader.geometry();
  reader.end();
  return shapes;
}

class WktReader {
  readonly #tokens: readonly string[];
  #at = 0;

  constructor(text: string) {
    this.#tokens = text.match(/[A-Za-z]+|[-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?|[(),]|\S/g) ?? [];
  }

  geometry(): Shapes {
    const kind = this.#next().toUpperCase();
    if (this.#peek()?.toUpperCase() === "EMPTY") {
      this.#next();
      return EMPTY;
    }
    switch (kind) {
      case "POINT":
        return { ...EMPTY, points: this.#list(() => this.#position()) };
      case "MULTIPOINT":
        return joined([{ ...EMPTY, points: this.#list(() => this.#bracketedPosition()) }]);
      case "LINESTRING":
        return { ...EMPTY, lines: [this.#line()] };
      case "MULTILINESTRING":
        return { ...EMPTY, lines: this.#list(() => this.#line()) };
      case "POLYGON":
        return { ...EMPTY, polygons: [polygonOf(this.#list(() => this.#line()))] };
      case "MULTIPOLYGON":
        return { ...EMPTY, polygons: this.#list(() => polygonOf(this.#list(() => this.#line()))) };
      case "GEOMETRYCOLLECTION":
        return joined(this.#list(() => this.geometry()));
      default:
        throw this.#invalid();
    }
  }

  end(): void {
    if (this.#at < this.#tokens.length) throw this.#invalid();
  }

  #line(): Line {
    const line = this.#list(() => this.#position());
    if (line.length < 2) throw this.#invalid();
    return line;
  }

  #list<T>(item: () => T): T[] {
    this.#expect("(");
    const all = [item()];
    while (this.#peek() === ",") {
      this.#next();
      all.push(item());
    }
    this.#expect(")");
    return all;
  }

  #bracketedPosition(): Position {
    if (this.#peek() !== "(") return this.#position();
    return this.#list(() => this.#position())[0] ?? [0, 0];
  }

  #position(): Position {
    const [lng, lat] = [Number(this.#next()), Number(this.#next())];
    if (Number.isNaN(lng) || Number.isNaN(lat)) throw this.#invalid();
    return position(lng, lat);
  }

  #peek(): string | undefined {
    return this.#tokens[this.#at];
  }

  #next(): string {
    const token = this.#tokens[this.#at];
    if (token === undefined) throw this.#invalid();
    this.#at += 1;
    return token;
  }

  #expect(token: string): void {
    if (this.#next() !== token) throw this.#invalid();
  }

  #invalid(): Error {
    return new Error(`Invalid WKT: ${this.#tokens.join(" ").slice(0, 80)}`);
  }
}

/** Fifteen significant digits, as BigQuery writes coordinates (C's %.15g). */
function digits(value: number): string {
  if (value === 0 || Math.abs(value) >= 1e-4) return String(Number(value.toPrecision(15)));
  const [mantissa, exponent] = value.toExponential(14).split("e-");
  return `${Number(mantissa)}e-${exponent?.padStart(2, "0")}`;
}

const positionText = ([lng, lat]: Position): string => `${digits(lng)} ${digits(lat)}`;
const lineText = (line: Line): string => `(${line.map(positionText).join(", ")})`;
const polygonText = (polygon: Polygon): string => `(${polygon.map(lineText).join(", ")})`;

export function wktOf(shapes: Shapes): string {
  const kind = kindOf(shapes);
  const { points, lines, polygons } = shapes;
  switch (kind) {
    case "Point":
      return `POINT(${points.map(positionText).join()})`;
    case "MultiPoint":
      return `MULTIPOINT(${points.map(positionText).join(", ")})`;
    case "LineString":
      return `LINESTRING${lines.map(lineText).join()}`;
    case "MultiLineString":
      return `MULTILINESTRING(${lines.map(lineText).join(", ")})`;
    case "Polygon":
      return `POLYGON${polygons.map(polygonText).join()}`;
    case "MultiPolygon":
      return `MULTIPOLYGON(${polygons.map(polygonText).join(", ")})`;
    default: {
      const all = parts(shapes);
      return all.length === 0 ? "GEOMETRYCOLLECTION EMPTY" : `GEOMETRYCOLLECTION(${all.map(wktOf).join(", ")})`;
    }
  }
}

interface GeoJson {
  readonly type?: string;
  readonly coordinates?: unknown;
  readonly geometries?: readonly GeoJson[];
}

/** @throws Error for a text that is not a GeoJSON geometry. */
export function parseGeoJson(text: string): Shapes {
  try {
    return ofGeoJson(JSON.parse(text) as GeoJson);
  } catch (thrown) {
    throw new Error(`Invalid GeoJSON: ${thrown instanceof Error ? thrown.message : String(thrown)}`, { cause: thrown });
  }
}

function ofGeoJson({ type, coordinates, geometries }: GeoJson): Shapes {
  const at = (pair: unknown): Position => position(Number((pair as number[])[0]), Number((pair as number[])[1]));
  const line = (list: unknown): Line => (list as unknown[]).map(at);
  const polygon = (rings: unknown): Polygon => polygonOf((rings as unknown[]).map(line));
  const list = (coordinates ?? []) as readonly unknown[];
  switch (type) {
    case "Point":
      return { ...EMPTY, points: [at(list)] };
    case "MultiPoint":
      return joined([{ ...EMPTY, points: list.map(at) }]);
    case "LineString":
      return { ...EMPTY, lines: [line(list)] };
    case "MultiLineString":
      return { ...EMPTY, lines: list.map(line) };
    case "Polygon":
      return { ...EMPTY, polygons: [polygon(list)] };
    case "MultiPolygon":
      return { ...EMPTY, polygons: list.map(polygon) };
    case "GeometryCollection":
      return joined((geometries ?? []).map(ofGeoJson));
    default:
      throw new Error(`unknown geometry type ${String(type)}`);
  }
}

/** GeoJSON with the spaces that BigQuery writes. */
export function geoJsonOf(shapes: Shapes): string {
  const kind = kindOf(shapes);
  const at = ([lng, lat]: Position): string => `[${digits(lng)}, ${digits(lat)}]`;
  const line = (list: Line): string => `[${list.map(at).join(", ")}]`;
  const polygon = (rings: Polygon): string => `[${rings.map(line).join(", ")}]`;
  const { points, lines, polygons } = shapes;
  if (kind === "GeometryCollection") {
    return `{ "type": "GeometryCollection", "geometries": [${parts(shapes).map(geoJsonOf).join(", ")}] }`;
  }
  const all = [...points.map(at), ...lines.map(line), ...polygons.map(polygon)].join(", ");
  return `{ "type": "${kind}", "coordinates": ${kind.startsWith("Multi") ? `[${all}]` : all} }`;
}
