import { fromService, statusOf } from "./errors.js";
import { retry } from "./retry.js";

/** Where a long-running operation stands. */
export interface Progress {
  /** What is being done, in words: "Deploy model". */
  readonly what: string;
  /** What the service says about it, such as "STARTING_MODEL_SERVER"; empty when it says nothing. */
  readonly stage: string;
  readonly done: boolean;
}

export type ReportProgress = (progress: Progress) => void;

/** The part of google-gax's operation that is used here. */
interface Operation<Result> {
  readonly name?: string;
  promise(): Promise<unknown[]>;
  on(event: "progress", listener: (metadata: unknown) => void): unknown;
  readonly resultType?: Result;
}

/**
 * Waits until a long-running operation is done and answers its result.
 * A poll that nobody answers does not end it: the operation is taken up again by name.
 * @throws ActivateError with the operation's own error.
 */
export async function waitForOperation<Result>(
  what: string,
  operation: Operation<unknown>,
  resume: (name: string) => Promise<Operation<unknown>>,
  report?: ReportProgress,
): Promise<Result> {
  let current = operation;
  report?.({ what, stage: "", done: false });
  try {
    const result = await retry(
      async () => {
        current.on("progress", (metadata) => report?.({ what, stage: stageOf(metadata), done: false }));
        try {
          const [answer] = await current.promise();
          return answer as Result;
        } catch (thrown) {
          if (statusOf(thrown) === "UNAVAILABLE" && operation.name !== undefined)
            current = await resume(operation.name);
          throw thrown;
        }
      },
      { statuses: ["UNAVAILABLE"] },
    );
    report?.({ what, stage: "", done: true });
    return result;
  } catch (thrown) {
    throw fromService(thrown, what);
  }
}

function stageOf(metadata: unknown): string {
  if (typeof metadata !== "object" || metadata === null || !("deploymentStage" in metadata)) return "";
  const stage = metadata.deploymentStage;
  return typeof stage === "number" ? (deploymentStages[stage] ?? "") : String(stage);
}

/** `google.cloud.aiplatform.v1.DeploymentStage` by number. */
const deploymentStages: Readonly<Record<number, string>> = {
  5: "STARTING_DEPLOYMENT",
  6: "PREPARING_MODEL",
  7: "CREATING_SERVING_CLUSTER",
  8: "ADDING_NODES_TO_CLUSTER",
  9: "GETTING_CONTAINER_IMAGE",
  3: "STARTING_MODEL_SERVER",
  4: "FINISHING_UP",
  10: "DEPLOYMENT_TERMINATED",
  11: "SUCCESSFULLY_DEPLOYED",
  12: "FAILED_TO_DEPLOY",
};
