/** What a deployment asks of Cloud Run, as the Admin API has it, and whether that is what is there already. */

import type { Config } from "./config.js";
import { containerEnvironment } from "./containerEnvironment.js";
import type { RunDeployment } from "./run.js";

/** The part of `google.cloud.run.v2.RevisionTemplate` that we set. */
export interface WantedTemplate {
  readonly annotations?: Readonly<Record<string, string>>;
  readonly scaling: { readonly minInstanceCount: number; readonly maxInstanceCount: number };
  readonly maxInstanceRequestConcurrency: number;
  readonly timeout: { readonly seconds: number };
  readonly serviceAccount?: string;
  readonly containers: readonly [WantedContainer];
}

interface WantedContainer {
  readonly image: string;
  readonly args: readonly string[];
  readonly env: readonly { readonly name: string; readonly value: string }[];
  readonly resources: {
    readonly limits: { readonly cpu: string; readonly memory: string };
    readonly cpuIdle: boolean;
    readonly startupCpuBoost: boolean;
  };
}

export function wantedTemplate(config: Config, deployment: RunDeployment): WantedTemplate {
  const env = { ...containerEnvironment(config), ...deployment.environment };
  return {
    scaling: { minInstanceCount: deployment.minInstances ?? 0, maxInstanceCount: deployment.maxInstances ?? 10 },
    maxInstanceRequestConcurrency: deployment.concurrency ?? 80,
    timeout: { seconds: deployment.timeoutSeconds ?? 60 },
    ...(deployment.serviceAccount === undefined ? {} : { serviceAccount: deployment.serviceAccount }),
    containers: [
      {
        image: deployment.image ?? config.image,
        args: [deployment.program, ...(deployment.args ?? [])],
        env: Object.entries(env).map(([name, value]) => ({ name, value })),
        resources: {
          limits: { cpu: deployment.cpu ?? "1", memory: deployment.memory ?? "512Mi" },
          // CPU while requests are at work, and more of it while the container starts.
          cpuIdle: true,
          startupCpuBoost: true,
        },
      },
    ],
  };
}

/** Does `there` have all that is wanted? What the service has filled in beside does not matter. */
export function has(there: unknown, wanted: unknown): boolean {
  if (Array.isArray(wanted)) {
    if (!Array.isArray(there) || there.length !== wanted.length) return false;
    return wanted.every((item, index) => has(there[index], item));
  }
  if (typeof wanted === "object" && wanted !== null) {
    if (typeof there !== "object" || there === null) return false;
    return Object.entries(wanted).every(([name, value]) => has((there as Record<string, unknown>)[name], value));
  }
  // A 64-bit number comes as text or as an object that prints as one; zero and "" are left out on the wire.
  return String(there ?? (typeof wanted === "number" ? 0 : "")) === String(wanted);
}
