/** The challenges that this edition has, in order. */
export const challenges = {
  "00": { title: "Architecture and data", file: "00_architecture.ipynb" },
  "01": { title: "Train a model with BigQuery ML", file: "01_bqml_training.ipynb" },
  "02": { title: "Create an endpoint", file: "02_endpoint_creation.ipynb" },
  "03": { title: "Deploy the model", file: "03_model_deployment.ipynb" },
} as const;

export type ChallengeId = keyof typeof challenges;

export const challengeIds = Object.keys(challenges) as ChallengeId[];

export const isChallengeId = (id: string): id is ChallengeId => Object.hasOwn(challenges, id);
