/** Detectors of anomalous rows: fit, score, explain, save, load. */

export { judge, type Trial } from "./choose.js";
export { type Columns, FeatureError, toColumns } from "./columns.js";
export type { Detector, Explanation } from "./detector.js";
export { DETECTOR_FILE_VERSION, type DetectorFile, DetectorFormatError, loadDetector, saveDetector } from "./file.js";
export { type FitOptions, fitDetector, startTraining } from "./fit.js";
export {
  DETECTOR_KINDS,
  DETECTOR_SETTINGS,
  type DetectorKind,
  type DetectorSettings,
  detectorKind,
  type Setting,
  SettingError,
} from "./settings.js";
export type { Epoch, Training } from "./training.js";
