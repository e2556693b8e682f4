import { type Config, loadConfig } from "../cloud/config.js";
import { clientVariables, findLocalCloud, launchLocalCloud, stopLocalCloud } from "../localcloud/launch/index.js";
import { SetupError } from "./usage.js";

/** Where notebooks and challenges run. */
export interface Target {
  /** For people. */
  readonly where: string;
  /** What programs must find in their environment to get there. */
  readonly variables: Readonly<Record<string, string>>;
  /** Stops the local cloud if it was started for this. */
  leave(): Promise<void>;
}

/** Reads the configuration and sees to it that the target answers: the local cloud is found or started. @throws SetupError */
export async function reachTarget(): Promise<Target> {
  const { target, project } = configuration();
  if (target === "gcp") {
    return {
      where: `Google Cloud, project ${project}: what is created costs money.`,
      variables: {},
      leave: async () => {},
    };
  }
  const wasRunning = findLocalCloud() !== undefined;
  const cloud = await launchLocalCloud({ project });
  return {
    where: `The local cloud answers at ${cloud.rest}; its state is in ${cloud.state}.`,
    variables: clientVariables(cloud),
    leave: async () => {
      if (!wasRunning) await stopLocalCloud(cloud.state);
    },
  };
}

/** Of this folder and environment. @throws SetupError */
export function configuration(): Config {
  try {
    return loadConfig();
  } catch (thrown) {
    if (isWorded(thrown)) throw new SetupError(thrown.message);
    throw thrown;
  }
}

/** The library words its errors for people. */
export function isWorded(thrown: unknown): thrown is Error {
  return thrown instanceof Error && thrown.name === "ActivateError";
}
