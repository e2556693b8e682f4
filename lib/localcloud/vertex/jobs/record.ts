/** Jobs as they are kept, and what may happen to them (job_state.proto; contracts 3.10). Pure. */

import { CloudError } from "../../platform/errors.js";
import type { JobState, Status } from "../contract/messages.js";

export interface JobRecord<Resource> {
  readonly location: string;
  readonly jobId: string;
  /** What was asked for. */
  readonly resource: Resource;
  /** What the work has to tell, beside state and times. */
  readonly result: Partial<Resource>;
  readonly state: JobState;
  readonly createTime: string;
  /** Of the first attempt that ran. */
  readonly startTime?: string;
  readonly endTime?: string;
  readonly updateTime: string;
  readonly error?: Status;
  /** How often the work has been started. */
  readonly attempts: number;
}

/** A job is retried so often after its first attempt (training/understanding-training-service). */
export const RETRIES_MAX = 3;

const FINAL: readonly JobState[] = ["JOB_STATE_SUCCEEDED", "JOB_STATE_FAILED", "JOB_STATE_CANCELLED"];

export function isFinal({ state }: { readonly state: JobState }): boolean {
  return FINAL.includes(state);
}

/** Thrown by work that may go better the next time; its message is the job's error when it does not. */
export class TransientFailure extends CloudError {
  constructor(message: string) {
    super("INTERNAL", message);
  }
}
