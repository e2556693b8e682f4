import { parentPort } from "node:worker_threads";
import { fitKMeans, type TrainingInput } from "../../ml/kmeans/fit.js";
import { Workspace, type WorkspaceMemory } from "../../ml/kmeans/workspace.js";
import { StepQueue } from "./stepQueue.js";

/** A thread of a training: the first one leads, the others help. */
export interface TrainerAssignment {
  readonly role: "lead" | "help";
  readonly input: TrainingInput;
  readonly memory: WorkspaceMemory;
  readonly queue: SharedArrayBuffer;
}

parentPort?.on("message", ({ role, input, memory, queue }: TrainerAssignment) => {
  const steps = new StepQueue(queue);
  const workspace = new Workspace(memory);
  if (role === "help") {
    steps.help((step, index) => workspace.run(step, index));
    return;
  }
  try {
    const fit = fitKMeans(
      input,
      () => performance.now(),
      memory,
      (step, count) => steps.run(step, count, (each, index) => workspace.run(each, index)),
    );
    parentPort?.postMessage(fit, [fit.model.normalizedDistances.buffer as ArrayBuffer]);
  } finally {
    steps.close();
  }
});
