import type { Clock } from "../platform/clock.js";
import type { ContainerHost } from "../platform/containers/index.js";
import type { Operations } from "../platform/operations.js";
import type { Project } from "../platform/service.js";
import type { OperationArguments } from "./deployment.js";
import type { RunNames } from "./names.js";
import type { Fleet } from "./serving/fleet.js";
import type { RunStore } from "./store.js";

/** What Cloud Run's handlers share. */
export interface Run {
  readonly project: Project;
  readonly names: RunNames;
  readonly store: RunStore;
  readonly operations: Operations<OperationArguments>;
  readonly fleet: Fleet;
  readonly containers: ContainerHost;
  readonly clock: Clock;
  readonly random: () => number;
}

/** RFC 4122, version 4, of injected chance. */
export function drawUuid(random: () => number): string {
  const digits = Array.from({ length: 32 }, () => Math.floor(random() * 16).toString(16));
  digits[12] = "4";
  digits[16] = "89ab"[Math.floor(random() * 4)] ?? "8";
  const text = digits.join("");
  return [text.slice(0, 8), text.slice(8, 12), text.slice(12, 16), text.slice(16, 20), text.slice(20)].join("-");
}

/** "scorer-00002-ruh": a counter and three letters or digits (contracts 6.3). */
export function drawRevisionId(service: string, number: number, random: () => number): string {
  const letters = "abcdefghijklmnopqrstuvwxyz0123456789";
  const suffix = Array.from({ length: 3 }, () => letters[Math.floor(random() * letters.length)] ?? "a").join("");
  return `${service}-${String(number).padStart(5, "0")}-${suffix}`;
}
