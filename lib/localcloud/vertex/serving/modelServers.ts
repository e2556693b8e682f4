/** The model servers of every deployed model in a container: started by a deployment, taken up after a restart. */

import type { Clock } from "../../platform/clock.js";
import type { ContainerHost } from "../../platform/containers/index.js";
import { DEPLOYMENT_SECONDS_DEFAULT, MACHINE_TYPE_DEFAULT } from "../limits.js";
import type { DeployedModelRecord, VertexStore } from "../store.js";
import { ModelServer } from "./modelServer.js";

export interface Deployment {
  readonly location: string;
  readonly endpointId: string;
  readonly deployed: DeployedModelRecord;
}

export class ModelServers {
  readonly #store: VertexStore;
  readonly #containers: ContainerHost;
  readonly #clock: Clock;
  readonly #servers = new Map<string, ModelServer>();

  constructor(store: VertexStore, containers: ContainerHost, clock: Clock) {
    this.#store = store;
    this.#containers = containers;
    this.#clock = clock;
  }

  /** Starts what was deployed when the process ended, in the background. */
  resume(): void {
    for (const { location, endpointId, deployedModels } of this.#store.endpoints()) {
      for (const deployed of deployedModels) {
        const deployment = { location, endpointId, deployed };
        const server = this.#create(deployment);
        if (!server) continue;
        this.#servers.set(keyOf(deployment), server);
        server.keep(minReplicas(deployed));
      }
    }
  }

  /**
   * Has every replica of a deployment running and healthy when it resolves; nothing to do for a BigQuery ML model.
   * @throws CloudError FAILED_PRECONDITION; then no more of it runs than before.
   */
  async ensure(deployment: Deployment, signal: AbortSignal): Promise<void> {
    const key = keyOf(deployment);
    const running = this.#servers.get(key);
    const server = running ?? this.#create(deployment);
    if (!server) return;
    this.#servers.set(key, server);
    try {
      await server.scale(minReplicas(deployment.deployed), signal);
    } catch (thrown) {
      if (!running) this.#servers.delete(key);
      throw thrown;
    }
  }

  /** Undefined for a model that is in no container. */
  find(endpointId: string, deployedModelId: string): ModelServer | undefined {
    return this.#servers.get(`${endpointId}/${deployedModelId}`);
  }

  /** Lets its requests end, then stops it. */
  async remove(endpointId: string, deployedModelId: string): Promise<void> {
    const key = `${endpointId}/${deployedModelId}`;
    const server = this.#servers.get(key);
    this.#servers.delete(key);
    await server?.drain();
  }

  async stop(): Promise<void> {
    const servers = [...this.#servers.values()];
    this.#servers.clear();
    await Promise.all(servers.map((server) => server.stop()));
  }

  #create({ location, endpointId, deployed }: Deployment): ModelServer | undefined {
    const model = this.#store.findModel(location, deployed.modelId);
    const uploaded = model?.versions.find(({ versionId }) => versionId === deployed.versionId)?.uploaded;
    const containerSpec = uploaded?.containerSpec;
    if (!containerSpec) return undefined;
    const { deploymentTimeout } = containerSpec;
    return new ModelServer({
      containers: this.#containers,
      clock: this.#clock,
      call: {
        endpointId,
        deployedModelId: deployed.id,
        projectNumber: this.#store.project.number,
        machineType: deployed.resource.dedicatedResources?.machineSpec?.machineType ?? MACHINE_TYPE_DEFAULT,
        containerSpec,
        artifactUri: uploaded?.artifactUri,
      },
      model: `${this.#store.modelName(location, deployed.modelId)}@${deployed.versionId}`,
      timeoutMs: 1000 * (deploymentTimeout ? Number.parseFloat(deploymentTimeout) : DEPLOYMENT_SECONDS_DEFAULT),
    });
  }
}

function keyOf({ endpointId, deployed }: Deployment): string {
  return `${endpointId}/${deployed.id}`;
}

function minReplicas({ resource }: DeployedModelRecord): number {
  return resource.dedicatedResources?.minReplicaCount ?? 1;
}
