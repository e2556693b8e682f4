/** Figures of the notebooks: rows in, plain JSON for plotly.js out. Each title states what is seen. */
export { funnel, rhythm, valueDistribution } from "./clickstream.js";
export { centroidProfiles, clusterMembers, purchaseMap } from "./clusters.js";
export { costPerMillion, loadName, sideBySide } from "./comparison.js";
export { distancesByKind, precisionRecall, scoresOf } from "./detection.js";
export {
  contributions,
  correlationMatrix,
  detectorCurves,
  type Epoch,
  kindsByDetector,
  lossCurve,
  studyGrid,
} from "./detectors.js";
export { type LatencyBucket, type LiveScore, latencyHistogram, liveJudgement, liveScores } from "./pipeline.js";
export { type AnsweredRequest, answeredBy, flaggedByDay } from "./rollout.js";
export { agreement, type DecisionPair, trafficSplit } from "./serving.js";
