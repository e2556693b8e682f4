import type { CatalogReader } from "./catalog.js";
import type { DatasetReference } from "./schema.js";

const LOCATION_DEFAULT = "US";

/**
 * Where a job runs: where the caller says, else where its data is (contracts 2.3). For a query the data is looked for by
 * the names of datasets in its text, since the answer must name the place before the query is analyzed.
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
  if (sql === "") return LOCATION_DEFAULT;
  const words = new Set(sql.match(/\w+/g) ?? []);
  const mentioned = catalog.datasets(projectId).find(({ reference }) => words.has(reference.datasetId));
  return mentioned?.resource.location ?? LOCATION_DEFAULT;
}
