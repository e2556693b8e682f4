import { normalizedDistance } from "../anomaly/index.js";
import { ActivateError } from "../cloud/errors.js";
import type { Json } from "../cloud/value.js";
import type { VersionRecord } from "./modelVersions.js";

/** What an answer comes to, whoever gave it. */
export interface Decision {
  readonly score: number;
  readonly anomalous: boolean;
}

/**
 * The decision behind an endpoint's answer: a predictor of ours decides itself; a k-means model answers distances, and
 * radii and threshold of its version decide.
 * @param record of the k-means version that answered, if one did.
 * @throws ActivateError CONFLICT for an answer of another kind, or distances without a record.
 */
export function decisionOf(prediction: Json, record: VersionRecord | undefined): Decision {
  if (typeof prediction === "object" && prediction !== null && !Array.isArray(prediction)) {
    const { score, isAnomaly, centroid_ids: ids, centroid_distances: distances } = prediction as Record<string, Json>;
    if (typeof score === "number" && typeof isAnomaly === "boolean") return { score, anomalous: isAnomaly };
    if (Array.isArray(ids) && Array.isArray(distances) && record !== undefined) {
      const answer = { centroid_ids: ids.map(Number), centroid_distances: distances.map(Number) };
      const { normalizedDistance: far } = normalizedDistance(answer, record.clusters);
      return { score: far, anomalous: far > record.threshold };
    }
  }
  throw new ActivateError("CONFLICT", `Nothing follows from this answer: ${JSON.stringify(prediction).slice(0, 200)}`);
}
