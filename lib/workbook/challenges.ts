interface Challenge {
  readonly title: string;
  readonly file: string;
  /** The challenges whose results it works with, in their order. */
  readonly needs: readonly string[];
}

/** The challenges that this edition has, in order. */
export const challenges = {
  "00": { title: "Architecture and data", file: "00_architecture.ipynb", needs: [] },
  "01": { title: "Train a model with BigQuery ML", file: "01_bqml_training.ipynb", needs: ["00"] },
  "02": { title: "Create an endpoint", file: "02_endpoint_creation.ipynb", needs: ["00", "01"] },
  "03": { title: "Deploy the model", file: "03_model_deployment.ipynb", needs: ["00", "01", "02"] },
  "04": {
    title: "Inference in the live pipeline",
    file: "04_inference_pipeline.ipynb",
    needs: ["00", "01", "02", "03"],
  },
  "05": { title: "Train a model of our own", file: "05_custom_training.ipynb", needs: ["00", "01"] },
  "06": {
    title: "Roll out, and roll back",
    file: "06_custom_deployment.ipynb",
    needs: ["00", "01", "02", "03", "05"],
  },
  "08": {
    title: "The same model on Cloud Run",
    file: "08_cloud_run_endpoint.ipynb",
    needs: ["00", "01", "02", "03", "05", "06"],
  },
} as const satisfies Record<string, Challenge>;

export type ChallengeId = keyof typeof challenges;

/** In order: "10" would be sorted before "08" among an object's keys. */
export const challengeIds = (Object.keys(challenges) as ChallengeId[]).sort();

export const isChallengeId = (id: string): id is ChallengeId => Object.hasOwn(challenges, id);

/** What a challenge works with, in the order in which it is built. */
export const needsOf = (id: ChallengeId): readonly ChallengeId[] => challenges[id].needs;
