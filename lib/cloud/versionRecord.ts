import type { Cluster } from "./bqml.js";
import { numberIn, type Row, textIn } from "./rows.js";

/** What the registry cannot hold about a model version, and a decision needs: a row of table `model_version`. */
export interface VersionRecord {
  readonly version: string;
  /** BigQuery model it was trained as: `project.dataset.model`. */
  readonly source_model: string;
  /** In the order of training. */
  readonly features: readonly string[];
  /** A purchase is anomalous when its normalized distance is greater. */
  readonly threshold: number;
  readonly clusters: readonly Cluster[];
  readonly training_rows: number;
}

/** @throws TypeError naming the column that holds something else. */
export function versionRecord(row: Row): VersionRecord {
  const clusters = Array.isArray(row.clusters) ? (row.clusters as readonly Row[]) : [];
  return {
    version: textIn(row, "version"),
    source_model: textIn(row, "source_model"),
    features: Array.isArray(row.features) ? row.features.map(String) : [],
    threshold: numberIn(row, "threshold"),
    clusters: clusters.map((cluster) => ({
      centroid_id: numberIn(cluster, "centroid_id"),
      cluster_radius: numberIn(cluster, "cluster_radius"),
      cluster_size: numberIn(cluster, "cluster_size"),
    })),
    training_rows: numberIn(row, "training_rows"),
  };
}
