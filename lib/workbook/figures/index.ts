/** Figures of the notebooks: rows in, plain JSON for plotly.js out. Each title states what is seen. */
export { funnel, rhythm, valueDistribution } from "./clickstream.js";
export { centroidProfiles, clusterMembers, purchaseMap } from "./clusters.js";
export { distancesByKind, precisionRecall, scoresOf } from "./detection.js";
export { agreement, type DecisionPair, trafficSplit } from "./serving.js";
