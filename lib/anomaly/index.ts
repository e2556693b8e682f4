/** The domain of the workbook, free of input and output: events, simulator, features, scoring, thresholds, metrics. */

export { ANOMALY_DESCRIPTIONS, ANOMALY_KINDS, type AnomalyKind } from "./anomalies.js";
export * from "./detectors/index.js";
export * from "./event.js";
export * from "./features.js";
export * from "./metrics.js";
export * from "./scoring.js";
export {
  type LiveOptions,
  type PurchaseLabel,
  SIMULATION_DEFAULTS,
  type SimulatedEvent,
  type SimulationOptions,
  simulate,
  simulateClickstream,
  simulateLive,
} from "./simulator.js";
export { EventError, type EventIssue, eventIssues, parseEvent } from "./validation.js";
