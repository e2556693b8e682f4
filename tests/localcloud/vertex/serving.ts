import { helpers } from "@google-cloud/aiplatform";
import type { Clients } from "./clients.js";
import { PARENT } from "./clients.js";
import { PREDICTOR_IMAGE } from "./images.js";

export interface ServedModel {
  readonly endpoint: string;
  readonly id: string;
}

/** What the test images' predictor answers for an instance. */
export interface TestPrediction {
  readonly sum: number;
  readonly instance: Readonly<Record<string, unknown>>;
  readonly pid: number;
  readonly name: string;
  readonly environment: unknown;
}

interface PredictResponse {
  readonly predictions?: readonly object[] | null;
  readonly deployedModelId?: string | null;
  readonly model?: string | null;
  readonly modelVersionId?: string | null;
  readonly modelDisplayName?: string | null;
  readonly metadata?: object | null;
}

/** Steps that tests of models in containers share. */
export function serving(clients: () => Clients) {
  const upload = async (
    environment: Readonly<Record<string, string>> = {},
    model: object = {},
    container: object = {},
  ): Promise<string> => {
    const env = Object.entries(environment).map(([name, value]) => ({ name, value }));
    const [operation] = await clients().models.uploadModel({
      parent: PARENT,
      model: { displayName: "m", containerSpec: { imageUri: PREDICTOR_IMAGE, env, ...container }, ...model },
    });
    const [response] = await operation.promise();
    return response.model ?? "";
  };

  const createEndpoint = async (): Promise<string> => {
    const [operation] = await clients().endpoints.createEndpoint({ parent: PARENT, endpoint: { displayName: "e" } });
    const [endpoint] = await operation.promise();
    return endpoint.name ?? "";
  };

  const deploy = async (
    endpoint: string,
    model: string,
    resources: object = {},
    trafficSplit: Record<string, number> = { "0": 100 },
  ): Promise<ServedModel> => {
    const [operation] = await clients().endpoints.deployModel({
      endpoint,
      deployedModel: {
        model,
        dedicatedResources: { machineSpec: { machineType: "n1-standard-2" }, minReplicaCount: 1, ...resources },
      },
      trafficSplit,
    });
    const [response] = await operation.promise();
    return { endpoint, id: response.deployedModel?.id ?? "" };
  };

  const predict = async (endpoint: string, instances: readonly object[], parameters?: object) => {
    const [response] = (await clients().prediction.predict({
      endpoint,
      instances: instances.map((instance) => helpers.toValue(instance) ?? {}),
      ...(parameters === undefined ? {} : { parameters: helpers.toValue(parameters) ?? null }),
    })) as unknown as [PredictResponse];
    const predictions = (response.predictions ?? []).map(
      (prediction) => helpers.fromValue(prediction as never) as unknown as TestPrediction,
    );
    return { response, predictions };
  };

  const read = async (name: string) => {
    const [endpoint] = await clients().endpoints.getEndpoint({ name });
    return endpoint;
  };

  return { upload, createEndpoint, deploy, predict, read };
}
