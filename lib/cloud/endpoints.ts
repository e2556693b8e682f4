import { endpointClient } from "./clients.js";
import { type ComparisonOptions, compareDeployedModels, type DeployedModelComparison } from "./comparison.js";
import type { Connections } from "./connections.js";
import { ActivateError, fromService, statusOf } from "./errors.js";
import { type ReportProgress, waitForOperation } from "./operation.js";
import type { Instance } from "./prediction.js";
import { millisecondsOf } from "./registry.js";
import { retry } from "./retry.js";

export interface DeployedModel {
  readonly id: string;
  /** Full name of the model, without the version. */
  readonly model: string;
  readonly version: string;
  readonly displayName: string;
  readonly machineType: string;
  /** Percent of the endpoint's requests, 0 to 100. */
  readonly traffic: number;
}

/** A Vertex AI endpoint and what is deployed to it. */
export interface Endpoint {
  /** `projects/P/locations/L/endpoints/E` */
  readonly name: string;
  readonly id: string;
  readonly displayName: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly deployedModels: readonly DeployedModel[];
  /** Milliseconds since 1970. */
  readonly createdAt: number;
}

export interface EndpointOptions {
  readonly displayName: string;
  readonly labels?: Readonly<Record<string, string>>;
  readonly report?: ReportProgress;
}

export interface DeployOptions {
  readonly endpoint: Endpoint;
  /** Full name of the registered model, without the version. */
  readonly model: string;
  readonly version: string;
  /** Percent of the requests for this model, 0 to 100; what is deployed already shares the rest as it did. Default 100. */
  readonly traffic?: number;
  readonly displayName?: string;
  /** Default: the configured machine type. */
  readonly machineType?: string;
  readonly report?: ReportProgress;
}

/** Vertex AI endpoints: found again rather than duplicated, deployed to with a traffic split. */
export class Endpoints {
  readonly #connections: Connections;

  constructor(connections: Connections) {
    this.#connections = connections;
  }

  /** Endpoints of that display name, the oldest first: Vertex AI allows several. */
  async find(displayName: string): Promise<Endpoint[]> {
    const client = await endpointClient(this.#connections);
    try {
      const [endpoints] = await retry(() =>
        client.listEndpoints({ parent: this.#parent(), filter: `display_name="${displayName}"` }),
      );
      return endpoints.map(describe).sort((left, right) => left.createdAt - right.createdAt);
    } catch (thrown) {
      throw fromService(thrown, `Endpoints named ${displayName}`);
    }
  }

  /** All endpoints of the region. */
  async list(): Promise<Endpoint[]> {
    const client = await endpointClient(this.#connections);
    try {
      const [endpoints] = await retry(() => client.listEndpoints({ parent: this.#parent() }));
      return endpoints.map(describe);
    } catch (thrown) {
      throw fromService(thrown, "Endpoints");
    }
  }

  /** The endpoint as it is now. @throws ActivateError NOT_FOUND */
  async get(name: string): Promise<Endpoint> {
    const client = await endpointClient(this.#connections);
    try {
      const [endpoint] = await retry(() => client.getEndpoint({ name }));
      return describe(endpoint);
    } catch (thrown) {
      throw fromService(thrown, `Endpoint ${name}`);
    }
  }

  /**
   * Creates an endpoint, always: Vertex AI does not mind a second one of the same display name. Mostly `ensure` is meant.
   * @throws ActivateError REFUSED for a label or name that breaks the rules.
   */
  async create({ displayName, labels, report }: EndpointOptions): Promise<Endpoint> {
    const client = await endpointClient(this.#connections);
    const what = `Create endpoint ${displayName}`;
    try {
      const [operation] = await client.createEndpoint({
        parent: this.#parent(),
        endpoint: { displayName, labels: { ...labels } },
      });
      const created = await waitForOperation<EndpointMessage>(
        what,
        operation,
        (name) => client.checkCreateEndpointProgress(name),
        report,
      );
      return await this.get(created.name ?? "");
    } catch (thrown) {
      throw fromService(thrown, what);
    }
  }

  /**
   * The endpoint of that display name: the oldest there is, else a new one. Its labels become those given; others stay.
   */
  async ensure(options: EndpointOptions): Promise<Endpoint & { readonly created: boolean }> {
    const [found] = await this.find(options.displayName);
    if (found === undefined) return { ...(await this.#createOnce(options)), created: true };
    const wanted = { ...found.labels, ...options.labels };
    const same = Object.entries(wanted).every(([key, value]) => found.labels[key] === value);
    return { ...(same ? found : await this.#update(found, { labels: wanted }, "labels")), created: false };
  }

  /**
   * Deploys a version of a registered model; deployed already, only its share of the traffic is set.
   * On Google Cloud a deployment takes minutes and costs by the hour until it is undeployed.
   */
  async deploy(options: DeployOptions): Promise<Endpoint & { readonly created: boolean }> {
    const { model, version, traffic = 100 } = options;
    checkPercent(traffic);
    const endpoint = await this.get(options.endpoint.name);
    const deployed = endpoint.deployedModels.find((one) => idOf(one.model) === idOf(model) && one.version === version);
    if (deployed !== undefined) {
      const split = shares(endpoint, deployed.id, traffic);
      const same = endpoint.deployedModels.every(({ id, traffic }) => (split[id] ?? 0) === traffic);
      return { ...(same ? endpoint : await this.setTraffic(endpoint, split)), created: false };
    }
    const split = shares(endpoint, "0", traffic);
    const client = await endpointClient(this.#connections);
    const what = `Deploy ${idOf(model)}@${version}`;
    try {
      const [operation] = await client.deployModel({
        endpoint: endpoint.name,
        deployedModel: {
          model: `${model}@${version}`,
          displayName: options.displayName ?? `${idOf(model)}-${version}`,
          dedicatedResources: {
            machineSpec: { machineType: options.machineType ?? this.#connections.config.machineType },
            minReplicaCount: 1,
            maxReplicaCount: 1,
          },
        },
        trafficSplit: split,
      });
      await waitForOperation(what, operation, (name) => client.checkDeployModelProgress(name), options.report);
      return { ...(await this.get(endpoint.name)), created: true };
    } catch (thrown) {
      throw fromService(thrown, what);
    }
  }

  /**
   * Sets the shares of all deployed models at once: canary, promotion and roll back are this one call.
   * @param split percent by id of the deployed model; together 100.
   */
  async setTraffic(endpoint: Endpoint, split: Readonly<Record<string, number>>): Promise<Endpoint> {
    return await this.#update(endpoint, { trafficSplit: { ...split } }, "traffic_split");
  }

  /**
   * Gives a deployed model a part of the traffic; the others share the rest as they did. The one that had most of it is
   * remembered, in a label of the endpoint, as the one to go back to.
   * @param traffic percent, 0 to 100.
   */
  async canary(endpoint: Endpoint, deployedModelId: string, traffic: number): Promise<Endpoint> {
    checkPercent(traffic);
    const now = await this.get(endpoint.name);
    requireDeployed(now, deployedModelId);
    const main = [...now.deployedModels].sort((left, right) => right.traffic - left.traffic)[0];
    const isMain = main === undefined || main.id === deployedModelId || main.traffic === 0;
    return await this.#move(now, shares(now, deployedModelId, traffic), isMain ? undefined : main.id);
  }

  /** Gives a deployed model all of the traffic. `rollBack` goes back from here as well. */
  async promote(endpoint: Endpoint, deployedModelId: string): Promise<Endpoint> {
    return await this.canary(endpoint, deployedModelId, 100);
  }

  /**
   * Gives all of the traffic back to the deployed model that had most of it before the last canary: one call that takes
   * effect at once, nothing is deployed or undeployed.
   * @throws ActivateError CONFLICT when there is none to go back to.
   */
  async rollBack(endpoint: Endpoint): Promise<Endpoint> {
    const now = await this.get(endpoint.name);
    const stable = now.labels[STABLE_LABEL];
    if (stable === undefined || !now.deployedModels.some(({ id }) => id === stable)) {
      throw new ActivateError(
        "CONFLICT",
        `Roll back ${now.displayName}: no deployed model is known that it could go back to. Set the shares by setTraffic.`,
      );
    }
    return await this.#move(now, shares(now, stable, 100), undefined);
  }

  /** The deployed models side by side, on live traffic: see `compare` in comparison.ts. */
  async compare(
    endpoint: Endpoint,
    instances: readonly Instance[],
    options: ComparisonOptions = {},
  ): Promise<DeployedModelComparison[]> {
    return await compareDeployedModels(this.#connections, await this.get(endpoint.name), instances, options);
  }

  async #move(endpoint: Endpoint, trafficSplit: Record<string, number>, stable: string | undefined): Promise<Endpoint> {
    const labels = stable === undefined ? endpoint.labels : { ...endpoint.labels, [STABLE_LABEL]: stable };
    return await this.#update(endpoint, { trafficSplit, labels: { ...labels } }, "traffic_split", "labels");
  }

  /**
   * Takes a model off the endpoint; the others share its traffic as they did. A roll back no longer goes to it.
   * Not deployed is no error.
   */
  async undeploy(endpoint: Endpoint, deployedModelId: string, report?: ReportProgress): Promise<Endpoint> {
    const now = await this.get(endpoint.name);
    if (!now.deployedModels.some(({ id }) => id === deployedModelId)) return now;
    const { [deployedModelId]: _, ...split } = shares(now, deployedModelId, 0);
    const client = await endpointClient(this.#connections);
    const what = `Undeploy ${deployedModelId}`;
    try {
      const [operation] = await client.undeployModel({ endpoint: now.name, deployedModelId, trafficSplit: split });
      await waitForOperation(what, operation, (name) => client.checkUndeployModelProgress(name), report);
    } catch (thrown) {
      throw fromService(thrown, what);
    }
    const { [STABLE_LABEL]: stable, ...labels } = now.labels;
    return stable === deployedModelId ? await this.#update(now, { labels }, "labels") : await this.get(now.name);
  }

  /** Undeploys what is deployed and deletes the endpoint; not there is no error. */
  async remove(name: string, report?: ReportProgress): Promise<void> {
    const client = await endpointClient(this.#connections);
    try {
      let endpoint = await this.get(name);
      for (const { id } of endpoint.deployedModels) endpoint = await this.undeploy(endpoint, id, report);
      const [operation] = await client.deleteEndpoint({ name });
      await waitForOperation("Delete endpoint", operation, (name) => client.checkDeleteEndpointProgress(name), report);
    } catch (thrown) {
      if (statusOf(thrown) !== "NOT_FOUND") throw fromService(thrown, `Delete endpoint ${name}`);
    }
  }

  /** A creation that nobody answered may have happened: look before asking again, or there would be two. */
  async #createOnce(options: EndpointOptions): Promise<Endpoint> {
    return await retry(async () => {
      const [found] = await this.find(options.displayName);
      return found ?? (await this.create(options));
    });
  }

  /** The name for people goes along unchanged: the contract asks for it in every Endpoint, whatever the mask says. */
  async #update(
    { name, displayName }: Endpoint,
    change: { labels?: Record<string, string>; trafficSplit?: Record<string, number> },
    ...paths: string[]
  ): Promise<Endpoint> {
    const client = await endpointClient(this.#connections);
    try {
      const [updated] = await retry(() =>
        client.updateEndpoint({ endpoint: { name, displayName, ...change }, updateMask: { paths } }),
      );
      return describe(updated);
    } catch (thrown) {
      throw fromService(thrown, `Update endpoint ${name}`);
    }
  }

  #parent(): string {
    const { project, region } = this.#connections.config;
    return `projects/${project}/locations/${region}`;
  }
}

/** Which deployed model a roll back goes to. */
const STABLE_LABEL = "stable-deployed-model";

function checkPercent(traffic: number): void {
  if (Number.isInteger(traffic) && traffic >= 0 && traffic <= 100) return;
  throw new ActivateError("INVALID_ARGUMENT", `traffic is ${traffic}. It must be a whole percentage from 0 to 100.`);
}

function requireDeployed({ displayName, deployedModels }: Endpoint, id: string): void {
  if (deployedModels.some((deployed) => deployed.id === id)) return;
  const known = deployedModels.map((deployed) => `${deployed.id} (${deployed.displayName})`).join(", ") || "none";
  throw new ActivateError("NOT_FOUND", `${displayName} has no deployed model ${id}. Deployed: ${known}.`);
}

/**
 * The split in which `id` has `traffic` percent and the others share the rest in their old proportion, in whole percents.
 * Alone on the endpoint, it has everything: a split must sum to 100.
 * @example two deployed with 75 and 25, a third is to get 20: 60, 20, 20
 */
function shares(endpoint: Endpoint, id: string, traffic: number): Record<string, number> {
  const others = endpoint.deployedModels.filter((other) => other.id !== id);
  const before = others.reduce((sum, other) => sum + other.traffic, 0);
  if (others.length === 0) return { [id]: 100 };
  let left = 100 - traffic;
  const split: Record<string, number> = { [id]: traffic };
  for (const [index, other] of others.entries()) {
    const share = before === 0 ? 1 / others.length : other.traffic / before;
    const percent = index === others.length - 1 ? left : Math.min(left, Math.round(share * (100 - traffic)));
    split[other.id] = percent;
    left -= percent;
  }
  return split;
}

const idOf = (model: string): string => model.slice(model.lastIndexOf("/") + 1);

/** The part of `google.cloud.aiplatform.v1.Endpoint` that is read. */
interface EndpointMessage {
  readonly name?: string | null;
  readonly displayName?: string | null;
  readonly labels?: Readonly<Record<string, string>> | null;
  readonly createTime?: { readonly seconds?: { toString(): string } | number | string | null } | null;
  readonly trafficSplit?: Readonly<Record<string, number>> | null;
  readonly deployedModels?:
    | readonly {
        readonly id?: string | null;
        readonly model?: string | null;
        readonly modelVersionId?: string | null;
        readonly displayName?: string | null;
        readonly dedicatedResources?: { readonly machineSpec?: { readonly machineType?: string | null } | null } | null;
      }[]
    | null;
}

function describe(message: EndpointMessage): Endpoint {
  const name = message.name ?? "";
  return {
    name,
    id: idOf(name),
    displayName: message.displayName ?? "",
    labels: { ...message.labels },
    createdAt: millisecondsOf(message.createTime),
    deployedModels: (message.deployedModels ?? []).map((deployed) => ({
      id: deployed.id ?? "",
      model: (deployed.model ?? "").replace(/@.*$/, ""),
      version: deployed.modelVersionId ?? "",
      displayName: deployed.displayName ?? "",
      machineType: deployed.dedicatedResources?.machineSpec?.machineType ?? "",
      traffic: message.trafficSplit?.[deployed.id ?? ""] ?? 0,
    })),
  };
}
