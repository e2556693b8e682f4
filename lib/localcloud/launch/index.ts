export { clientGuide, clientVariables } from "./clients.js";
export { LaunchError } from "./errors.js";
export {
  DEFAULT_PROJECT,
  findLocalCloud,
  type LaunchOptions,
  launchEphemeralCloud,
  launchLocalCloud,
  type RunningCloud,
  resetLocalCloud,
  stopLocalCloud,
} from "./launch.js";
export { defaultStateDir } from "./stateFolder.js";
