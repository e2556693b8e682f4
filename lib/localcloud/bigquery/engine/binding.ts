import { isDeepStrictEqual } from "node:util";
import type { CatalogReader } from "../catalog.js";
import type { Proto } from "../googlesql/analyzer.js";
import type { NamePath } from "../googlesql/names.js";
import { typeProtoOf } from "../googlesql/types.js";
import type { ModelRecord, RoutineRecord, TableRecord } from "../resources.js";
import type { DatasetReference, ModelReference, SqlType, TableReference } from "../schema.js";
import { columnType } from "../storage.js";
import { informationSchemaColumns } from "./informationSchema.js";
import type { Column, ModelHook } from "./modelHook.js";
import { routineProto, tableFunctionProto } from "./routines.js";
import type { TableFunctionCall } from "./tableFunctions.js";

/** A name as a statement writes it, and what of ours it means. */
export type Bound = { readonly path: NamePath } & (
  | { readonly kind: "table"; readonly record: TableRecord; readonly columns: readonly Column[] }
  | {
      readonly kind: "wildcard";
      readonly records: readonly TableRecord[];
      readonly prefix: string;
      readonly columns: readonly Column[];
    }
  | {
      readonly kind: "information";
      readonly view: string;
      readonly dataset: DatasetReference;
      readonly columns: readonly Column[];
    }
  | { readonly kind: "model"; readonly reference: ModelReference; readonly record: ModelRecord | undefined }
  | { readonly kind: "routine"; readonly record: RoutineRecord }
);

export interface NameScope {
  readonly catalog: CatalogReader;
  readonly models: ModelHook | undefined;
  readonly projectId: string;
  readonly defaultDataset: DatasetReference | undefined;
  /** Tables and routines of a script (TEMP), by lower-case name. */
  readonly temporary?: {
    table(name: string): TableRecord | undefined;
    routine(name: string): RoutineRecord | undefined;
  };
}

/** What the paths of a statement mean; a path may name a column of a table too (`d.t.c`), so every prefix is tried. */
export function bindNames(paths: readonly NamePath[], scope: NameScope): Bound[] {
  const bound: Bound[] = [];
  const seen = new Set<string>();
  for (const path of paths.flatMap((written) => [written, ...safelyCalled(written)])) {
    for (let length = 1; length <= Math.min(path.length, 4); length++) {
      const prefix = path.slice(0, length);
      const key = pathKey(prefix);
      if (seen.has(key)) continue;
      const found = bindPath(prefix, scope);
      if (!found) continue;
      seen.add(key);
      bound.push(found);
    }
  }
  return bound;
}

/** `SAFE.f(x)` calls f. */
function safelyCalled(path: NamePath): readonly NamePath[] {
  return path.length > 1 && path[0]?.toUpperCase() === "SAFE" ? [path.slice(1)] : [];
}

function bindPath(path: NamePath, scope: NameScope): Bound | undefined {
  const segments = path.flatMap((segment) => segment.split("."));
  if (segments.some((segment) => segment === "")) return undefined;
  const last = segments[segments.length - 1] ?? "";
  const marker = segments.findIndex((segment) => segment.toUpperCase() === "INFORMATION_SCHEMA");
  if (marker >= 0) return bindInformationSchema(path, segments, marker, scope);
  if (segments.length === 1) {
    const table = scope.temporary?.table(last.toLowerCase());
    if (table) return boundTable(path, table);
    const routine = scope.temporary?.routine(last.toLowerCase());
    if (routine) return { path, kind: "routine", record: routine };
  }
  const at = referenceOf(segments, scope);
  if (!at) return undefined;
  if (last.endsWith("*")) return bindWildcard(path, at, scope);
  const table = scope.catalog.table(at);
  if (table) return boundTable(path, table);
  const model = { projectId: at.projectId, datasetId: at.datasetId, modelId: at.tableId };
  if (scope.models?.hasModel(model)) {
    return { path, kind: "model", reference: model, record: scope.catalog.model(model) };
  }
  const routine = scope.catalog.routine({ projectId: at.projectId, datasetId: at.datasetId, routineId: at.tableId });
  return routine ? { path, kind: "routine", record: routine } : undefined;
}

/** Segments of a name as a reference; a project id may hold dots ("example.com:project" is out of use). */
export function referenceOf(
  segments: readonly string[],
  scope: { readonly projectId: string; readonly defaultDataset: DatasetReference | undefined },
): TableReference | undefined {
  const [first, second, third] = segments;
  if (segments.length === 1 && first !== undefined) {
    return scope.defaultDataset ? { ...datasetOnly(scope.defaultDataset), tableId: first } : undefined;
  }
  if (segments.length === 2 && first !== undefined && second !== undefined) {
    return { projectId: scope.projectId, datasetId: first, tableId: second };
  }
  if (segments.length === 3 && first !== undefined && second !== undefined && third !== undefined) {
    return { projectId: first, datasetId: second, tableId: third };
  }
  return undefined;
}

function datasetOnly(at: DatasetReference): DatasetReference {
  return { projectId: at.projectId, datasetId: at.datasetId };
}

function boundTable(path: NamePath, record: TableRecord): Bound {
  return { path, kind: "table", record, columns: columnsOf(record) };
}

export function columnsOf(record: TableRecord): Column[] {
  return (record.resource.schema?.fields ?? []).map((field) => ({ name: field.name, type: columnType(field) }));
}

const STRING: SqlType = { kind: "STRING" };

/** `events_*`: the columns of the newest match, and `_TABLE_SUFFIX`. */
function bindWildcard(path: NamePath, at: TableReference, scope: NameScope): Bound | undefined {
  const prefix = at.tableId.slice(0, -1);
  const records = scope.catalog
    .tables(at)
    .filter((record) => record.reference.tableId.startsWith(prefix) && record.resource.type === "TABLE")
    .sort((a, b) => (a.reference.tableId < b.reference.tableId ? -1 : 1));
  const newest = records[records.length - 1];
  if (!newest) return undefined;
  return {
    path,
    kind: "wildcard",
    records,
    prefix,
    columns: [...columnsOf(newest), { name: "_TABLE_SUFFIX", type: STRING }],
  };
}

function bindInformationSchema(
  path: NamePath,
  segments: readonly string[],
  marker: number,
  scope: NameScope,
): Bound | undefined {
  const view = segments[marker + 1]?.toUpperCase();
  if (view === undefined || segments.length !== marker + 2) return undefined;
  const columns = informationSchemaColumns(view);
  if (!columns) return undefined;
  const before = segments.slice(0, marker);
  const [first, second] = before;
  const region = before.some((segment) => segment.toLowerCase().startsWith("region-"));
  const datasetId = region || first === undefined ? "" : (second ?? first);
  const projectId = before.length > 1 && first !== undefined ? first : scope.projectId;
  if (datasetId !== "" && !scope.catalog.dataset({ projectId, datasetId })) return undefined;
  return { path, kind: "information", view, dataset: { projectId, datasetId }, columns };
}

/** What a bound name rests on: as long as these are the same, what was analyzed with them stays true. */
export function sameBinding(a: Bound, b: Bound): boolean {
  if (a.kind === "table" && b.kind === "table") return sameTable(a.record, b.record);
  if (a.kind === "model" && b.kind === "model") return a.record === b.record;
  if (a.kind === "routine" && b.kind === "routine") return a.record === b.record;
  if (a.kind === "wildcard" && b.kind === "wildcard") {
    return (
      a.records.length === b.records.length && a.records.every((record, index) => sameTable(record, b.records[index]))
    );
  }
  return a.kind === b.kind;
}

/** Does the analyzer see the same in both? Weaker than `sameBinding`: it knows a table by its columns, a model by its name. */
export function looksSame(a: Bound, b: Bound): boolean {
  if (sameBinding(a, b)) return true;
  if (a.kind === "model" && b.kind === "model") return true;
  return "columns" in a && "columns" in b && a.kind === b.kind && isDeepStrictEqual(a.columns, b.columns);
}

function sameTable(a: TableRecord, b: TableRecord | undefined): boolean {
  return (
    b !== undefined &&
    a.physicalName === b.physicalName &&
    a.resource.schema === b.resource.schema &&
    a.resource.view === b.resource.view &&
    a.resource.requirePartitionFilter === b.resource.requirePartitionFilter &&
    a.resource.timePartitioning === b.resource.timePartitioning &&
    a.resource.type === b.resource.type
  );
}

export function pathKey(path: NamePath): string {
  return path.join("\u0000").toLowerCase();
}

interface Folder {
  readonly name: string;
  readonly tables: Proto[];
  readonly models: Proto[];
  readonly functions: Proto[];
  readonly tableFunctions: Proto[];
  readonly folders: Map<string, Folder>;
}

interface CatalogExtra {
  readonly constants: readonly Proto[];
  readonly calls: readonly TableFunctionCall[];
  readonly models: ModelHook | undefined;
}

/** The analyzer's catalog of the bound names; a table's serialization id is its index in `bound`. */
export function catalogProto(bound: readonly Bound[], extra: CatalogExtra): Proto {
  const root = emptyFolder("root");
  if (extra.calls.length > 0 || extra.models) {
    const ml = subfolder(root, "ML");
    for (const { isBuiltIn, isScalar, proto } of extra.calls) {
      (isScalar ? ml.functions : isBuiltIn ? root.tableFunctions : ml.tableFunctions).push(proto);
    }
    ml.functions.push(...(extra.models?.preprocessing.functions ?? []));
    root.functions.push(...(extra.models?.preprocessing.optionFunctions ?? []));
  }
  bound.forEach((entry, index) => {
    let folder = root;
    for (const segment of entry.path.slice(0, -1)) folder = subfolder(folder, segment);
    const name = entry.path[entry.path.length - 1] ?? "";
    switch (entry.kind) {
      case "model":
        folder.models.push({ name, id: index });
        break;
      case "routine":
        if (entry.record.resource.routineType === "TABLE_VALUED_FUNCTION") {
          folder.tableFunctions.push(tableFunctionProto(name, entry.record));
        } else if (entry.record.resource.routineType !== "PROCEDURE") {
          folder.functions.push(routineProto(name, entry.record, index));
        }
        break;
      default:
        folder.tables.push(tableProto(name, entry, index));
    }
  });
  root.functions.push(...EXTRA_FUNCTIONS);
  return { ...folderProto(root), constant: extra.constants };
}

const fixed = (kind: string): Proto => ({ kind: "ARG_TYPE_FIXED", type: { type_kind: kind }, num_occurrences: 1 });
const scalarFunction = (name: string, args: readonly string[], result: string): Proto => ({
  name_path: [name],
  group: "BigQuery",
  mode: "SCALAR",
  signature: [{ argument: args.map(fixed), return_type: fixed(result) }],
});

/** MAX_BY(x, y) and MIN_BY(x, y): x of the row with the greatest, or least, y. */
const extremeBy = (name: string): Proto => ({
  name_path: [name],
  group: "BigQuery",
  mode: "AGGREGATE",
  signature: [
    {
      argument: ["ARG_TYPE_ANY_1", "ARG_TYPE_ANY_2"].map((kind) => ({ kind, num_occurrences: 1 })),
      return_type: { kind: "ARG_TYPE_ANY_1", num_occurrences: 1 },
    },
  ],
});

/** Functions of BigQuery that GoogleSQL's analyzer does not have built in. */
const EXTRA_FUNCTIONS: readonly Proto[] = [
  {
    name_path: ["contains_substr"],
    group: "BigQuery",
    mode: "SCALAR",
    signature: ["TYPE_STRING", "TYPE_JSON", "TYPE_INT64", "TYPE_DOUBLE", "TYPE_BOOL", "TYPE_DATE"].map((kind) => ({
      argument: [fixed(kind), fixed("TYPE_STRING")],
      return_type: fixed("TYPE_BOOL"),
    })),
  },
  extremeBy("max_by"),
  extremeBy("min_by"),
  scalarFunction("collate", ["TYPE_STRING", "TYPE_STRING"], "TYPE_STRING"),
];

function tableProto(
  name: string,
  entry: { readonly kind: string; readonly columns: readonly Column[] },
  index: number,
): Proto {
  return {
    name,
    serialization_id: index,
    full_name: name,
    column: entry.columns.map((column) => ({
      name: column.name,
      type: typeProtoOf(column.type),
      is_pseudo_column: entry.kind === "wildcard" && column.name === "_TABLE_SUFFIX",
      is_writable_column: true,
    })),
  };
}

function emptyFolder(name: string): Folder {
  return { name, tables: [], models: [], functions: [], tableFunctions: [], folders: new Map() };
}

function subfolder(folder: Folder, segment: string): Folder {
  const key = segment.toLowerCase();
  let found = folder.folders.get(key);
  if (!found) {
    found = emptyFolder(segment);
    folder.folders.set(key, found);
  }
  return found;
}

function folderProto(folder: Folder): Proto {
  return {
    name: folder.name,
    table: folder.tables,
    model: folder.models,
    custom_function: folder.functions,
    custom_tvf: folder.tableFunctions,
    catalog: [...folder.folders.values()].map((inner) => ({
      ...folderProto(inner),
      builtin_function_options: undefined,
    })),
  };
}
