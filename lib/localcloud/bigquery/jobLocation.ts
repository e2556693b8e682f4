import type { CatalogReader } from "./catalog.js";
import { datasetNotFoundInLocation } from "./errors.js";
import { namesIn } from "./googlesql/names.js";
import type { DatasetRecord } from "./resources.js";
import type { DatasetReference } from "./schema.js";

const LOCATION_DEFAULT = "US";

/**
 * Where a job runs: where the caller says, else where its data is (contracts 2.3). For a query the data is looked for by
 * the names in its text, since the answer must name the place before the query is analyzed.
 */
export function jobLocation(
  catalog: CatalogReader,
  projectId: string,
  named: string | null | undefined,
  datasets: readonly (Partial<DatasetReference> | null | undefined)[],
  sql = "",
): string {
  if (named) return named;
  for (const dataset of datasets) {
    if (!dataset?.datasetId) continue;
    const record = catalog.dataset({ projectId: dataset.projectId ?? projectId, datasetId: dataset.datasetId });
    if (record) return record.resource.location;
  }
  return datasetsNamed(catalog, projectId, sql)[0]?.resource.location ?? LOCATION_DEFAULT;
}

/** A job sees only data of the place where it runs. @throws CloudError notFound */
export function checkLocation(catalog: CatalogReader, projectId: string, location: string, sql: string): void {
  const elsewhere = datasetsNamed(catalog, projectId, sql).find(
    ({ resource }) => resource.location.toLowerCase() !== location.toLowerCase(),
  );
  if (elsewhere) throw datasetNotFoundInLocation(elsewhere.reference, location);
}

/** The datasets whose tables, models or routines a text names: `d.t` or `p.d.t`, in one or several pairs of backticks. */
function datasetsNamed(catalog: CatalogReader, projectId: string, sql: string): readonly DatasetRecord[] {
  return namesIn(sql).paths.flatMap((path) => {
    const segments = path.flatMap((segment) => segment.split("."));
    const [first = "", second = ""] = segments;
    const record =
      (segments.length > 2 ? catalog.dataset({ projectId: first, datasetId: second }) : undefined) ??
      (segments.length > 1 ? catalog.dataset({ projectId, datasetId: first }) : undefined);
    return record ? [record] : [];
  });
}
