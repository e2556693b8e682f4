import { setTimeout as delay } from "node:timers/promises";
import { revisionClient, servicesClient } from "./clients.js";
import type { Connections } from "./connections.js";
import { ActivateError, fromService, statusOf } from "./errors.js";
import { reach } from "./googleRest.js";
import { AccessManagement } from "./iam.js";
import { type LogLine, readLog, withLastLines } from "./logging.js";
import { type ReportProgress, waitForOperation } from "./operation.js";
import { retry } from "./retry.js";
import { has, type WantedTemplate, wantedTemplate } from "./runTemplate.js";
import type { Json } from "./value.js";

/** A program of our image as a Cloud Run service. */
export interface RunDeployment {
  /** Id of the service: lower-case letters, digits and hyphens, a letter first, at most 49. */
  readonly service: string;
  readonly program: "scorer" | "predictor";
  /** Follow the program's name on the command line. */
  readonly args?: readonly string[];
  /** Beside the settings of this workbook, which every container gets. */
  readonly environment?: Readonly<Record<string, string>>;
  /** Default: the configured image. */
  readonly image?: string;
  /** Instances kept without requests. Default 0: scale to zero. */
  readonly minInstances?: number;
  /** Default 10. */
  readonly maxInstances?: number;
  /** Requests that one instance takes at once. Default 80. */
  readonly concurrency?: number;
  /** Default "1"; "500m" is a half. */
  readonly cpu?: string;
  /** Default "512Mi". */
  readonly memory?: string;
  /** Longest time of a request, its cold start included. Default 60. */
  readonly timeoutSeconds?: number;
  /** Address of the account that it runs as. Default: the project's own. */
  readonly serviceAccount?: string;
  /** "internal": only from inside the project, Pub/Sub's pushes included. Default "all"; who may call is decided by roles. */
  readonly ingress?: "all" | "internal";
  readonly labels?: Readonly<Record<string, string>>;
  /** "keep": what serves goes on serving, the new revision is reached by the tag "candidate". Default "latest". */
  readonly traffic?: "latest" | "keep";
  readonly report?: ReportProgress;
}

export interface RunTraffic {
  readonly revision: string;
  /** Of the requests, 0 to 100. */
  readonly percent: number;
  readonly tag?: string;
  /** Address that leads to this revision only. */
  readonly url?: string;
}

export interface RunService {
  /** `projects/P/locations/L/services/S` */
  readonly name: string;
  readonly id: string;
  readonly url: string;
  readonly ready: boolean;
  /** Why it is not ready. */
  readonly reason?: string;
  /** Id of the newest revision that serves or could. */
  readonly revision: string;
  readonly traffic: readonly RunTraffic[];
  readonly image: string;
  readonly minInstances: number;
  readonly maxInstances: number;
  readonly concurrency: number;
  readonly environment: Readonly<Record<string, string>>;
  readonly labels: Readonly<Record<string, string>>;
}

export interface RunCall {
  /** Default "/". */
  readonly path?: string;
  /** Default: POST with a body, GET without. */
  readonly method?: string;
  /** Sent as JSON. */
  readonly body?: Json;
  readonly headers?: Readonly<Record<string, string>>;
  /** Milliseconds for all attempts together. Default 60,000. */
  readonly timeoutMs?: number;
}

export interface RunAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  /** Parsed where the service says that it is JSON. */
  readonly body: Json;
}

const CANDIDATE = "candidate";
const INVOKER = "roles/run.invoker";
const EVERYBODY: readonly string[] = ["allUsers", "allAuthenticatedUsers"];
const BY_REVISION = "TRAFFIC_TARGET_ALLOCATION_TYPE_REVISION";
const BY_LATEST = "TRAFFIC_TARGET_ALLOCATION_TYPE_LATEST";
const RETRIED = "activate/retried-at-generation";
/** Worth another attempt: no instance was free, or one broke down (contracts 6.6). */
const CALL_AGAIN = new Set([429, 500, 503]);
const TIMEOUT_MS = 60_000;

/** Cloud Run services: created or reused, private, called with an identity token. */
export class CloudRun {
  readonly #connections: Connections;
  readonly #access: AccessManagement;
  readonly #tokens = new Map<string, { readonly token: string; readonly expiresAtMs: number }>();

  constructor(connections: Connections) {
    this.#connections = connections;
    this.#access = new AccessManagement(connections);
  }

  /**
   * The service as asked for: made where it is missing, left alone where it is so already, else a new revision.
   * @returns `created`: whether it was missing.
   * @throws ActivateError REFUSED with Cloud Run's reason, and the container's last lines, when it does not start.
   */
  async deploy(deployment: RunDeployment): Promise<RunService & { readonly created: boolean }> {
    const template = wantedTemplate(this.#connections.config, deployment);
    const found = await this.#read(deployment.service);
    let created = false;
    try {
      created = found === undefined && (await this.#create(deployment, template));
      const current = created ? undefined : (found ?? (await this.#read(deployment.service)));
      if (current) await this.#update(deployment, template, current);
    } catch (thrown) {
      throw await withLastLines(this.#connections, thrown);
    }
    return { ...(await this.#get(deployment.service)), created };
  }

  /** Undefined when there is none. */
  async find(service: string): Promise<RunService | undefined> {
    const message = await this.#read(service);
    return message && describe(message);
  }

  /** Newest first. */
  async list(): Promise<RunService[]> {
    const client = await servicesClient(this.#connections);
    const { config } = this.#connections;
    const [services] = await this.#call("Cloud Run services", () =>
      client.listServices({ parent: `projects/${config.project}/locations/${config.region}` }),
    );
    return services.map(describe);
  }

  /** Ids of the revisions, newest first. */
  async revisions(service: string): Promise<string[]> {
    const client = await revisionClient(this.#connections);
    const [revisions] = await this.#call(`Revisions of service ${service}`, () =>
      client.listRevisions({ parent: this.#name(service) }),
    );
    return revisions.map(({ name }) => lastSegment(name ?? ""));
  }

  /**
   * Turns the requests to revisions by percent (a canary, a rollback), or to the latest one from now on.
   * Revisions with a tag keep it.
   * @throws ActivateError REFUSED when the percents do not add up to 100 or a revision is not there.
   */
  async setTraffic(
    service: string,
    split: "latest" | Readonly<Record<string, number>>,
    report?: ReportProgress,
  ): Promise<RunService> {
    const message = await this.#read(service);
    if (!message) throw missing(service);
    const current = describe(message);
    const wanted =
      split === "latest"
        ? [{ type: BY_LATEST, percent: 100 } as const]
        : Object.entries(split).map(([revision, percent]) => ({ type: BY_REVISION, revision, percent }) as const);
    const tags = current.traffic.flatMap(({ tag, revision }) =>
      tag === undefined ? [] : [{ type: BY_REVISION, revision, tag, percent: 0 } as const],
    );
    await this.#send(`Traffic of service ${service}`, message, { traffic: [...wanted, ...tags] }, report);
    return this.#get(service);
  }

  /** Adds the role of an invoker for "serviceAccount:ADDRESS", and takes it from everybody: the chapter before gave it. */
  async grantInvoker(service: string, member: string): Promise<void> {
    if (EVERYBODY.includes(member)) {
      throw new ActivateError(
        "INVALID_ARGUMENT",
        `${member} would open service ${service} to everybody. Name a service account: "serviceAccount:ADDRESS".`,
      );
    }
    const client = await servicesClient(this.#connections);
    const resource = this.#name(service);
    await this.#call(`Invokers of service ${service}`, async () => {
      const [policy] = await client.getIamPolicy({ resource });
      const invokers = (policy.bindings ?? []).find(({ role }) => role === INVOKER)?.members ?? [];
      const wanted = [...new Set([...invokers.filter((one) => !EVERYBODY.includes(one)), member])];
      if (wanted.length === invokers.length && invokers.includes(member)) return;
      const others = (policy.bindings ?? []).filter(({ role }) => role !== INVOKER);
      const bindings = [...others, { role: INVOKER, members: wanted }];
      const etag = policy.etag ? { etag: policy.etag } : {};
      await client.setIamPolicy({ resource, policy: { bindings, ...etag } });
    });
  }

  /** Not there is no error. */
  async remove(service: string, report?: ReportProgress): Promise<void> {
    const what = `Delete service ${service}`;
    const client = await servicesClient(this.#connections);
    try {
      const [operation] = await retry(() => client.deleteService({ name: this.#name(service) }));
      await waitForOperation(what, operation, (name) => client.checkDeleteServiceProgress(name), report);
    } catch (thrown) {
      if (statusOf(thrown) !== "NOT_FOUND") throw fromService(thrown, what);
    }
  }

  /** What a service's containers, and the platform about them and about requests, have logged since then; oldest first. */
  async logs(service: string, sinceMs = 0): Promise<LogLine[]> {
    const filter = [
      'resource.type="cloud_run_revision"',
      `resource.labels.service_name="${service}"`,
      `timestamp>="${new Date(sinceMs).toISOString()}"`,
    ];
    return readLog(this.#connections, filter.join(" AND "));
  }

  /** Lets the workbook call a service: its own account, with the invoker's role there. */
  async allowCalls(service: string): Promise<void> {
    const email = await this.#access.ensureAccount("caller");
    await this.grantInvoker(service, `serviceAccount:${email}`);
  }

  /**
   * Calls a private service with an identity token of the workbook's account (`allowCalls` first). An answer that says
   * "try again" (429, 500, 503), and a connection that fails, is tried again until the time is up; any other is the answer.
   * @throws ActivateError UNAVAILABLE when nobody answers.
   */
  async call(service: RunService | string, call: RunCall = {}): Promise<RunAnswer> {
    const { url, id } = typeof service === "string" ? await this.#get(service) : service;
    const { path = "/", body, headers = {}, timeoutMs = TIMEOUT_MS } = call;
    const token = await this.#token(url);
    const over = AbortSignal.timeout(timeoutMs);
    let last: unknown;
    const attempt = async (): Promise<Response> => {
      const response = await reach(
        fetch(new URL(path, url), {
          method: call.method ?? (body === undefined ? "GET" : "POST"),
          headers: {
            authorization: `Bearer ${token}`,
            ...(body === undefined ? {} : { "content-type": "application/json" }),
            ...headers,
          },
          signal: over,
          ...(body === undefined ? {} : { body: JSON.stringify(body) }),
        }),
      );
      if (!CALL_AGAIN.has(response.status)) return response;
      const text = (await response.text()).slice(0, 500);
      last = new ActivateError("UNAVAILABLE", `HTTP ${response.status}: ${text}`, "UNAVAILABLE");
      throw last;
    };
    try {
      const sleep = (ms: number): Promise<void> => delay(ms, undefined, { signal: over });
      return await answerOf(await retry(attempt, { statuses: ["UNAVAILABLE"], sleep }));
    } catch (caught) {
      // What was answered last says more than that the time is up.
      const thrown = over.aborted && last !== undefined ? last : caught;
      throw thrown instanceof ActivateError && thrown.status === "UNAVAILABLE"
        ? new ActivateError("UNAVAILABLE", `Call service ${id}: ${thrown.message}`, "UNAVAILABLE", { cause: thrown })
        : fromService(thrown, `Call service ${id}`);
    }
  }

  /** @returns false when it was there already. */
  async #create({ service, ingress, labels, report }: RunDeployment, template: WantedTemplate): Promise<boolean> {
    const what = `Create service ${service}`;
    const client = await servicesClient(this.#connections);
    const { config } = this.#connections;
    try {
      const [operation] = await retry(() =>
        client.createService({
          parent: `projects/${config.project}/locations/${config.region}`,
          serviceId: service,
          service: {
            template: mutable(template),
            ingress: ingressOf(ingress),
            labels: { ...labels },
            client: "activate",
          },
        }),
      );
      await waitForOperation(what, operation, (name) => client.checkCreateServiceProgress(name), report);
      return true;
    } catch (thrown) {
      if (statusOf(thrown) === "ALREADY_EXISTS") return false;
      throw fromService(thrown, what);
    }
  }

  async #update(deployment: RunDeployment, template: WantedTemplate, current: ServiceMessage): Promise<void> {
    const { service, labels = {}, ingress, report } = deployment;
    const failed = isFailed(current);
    const changed: ServiceChange = {};
    // The same template again would make no new revision, and what failed would stay failed.
    const retried = { ...template, annotations: { [RETRIED]: String(current.generation ?? "") } };
    if (failed || !has(current.template, template)) changed.template = mutable(failed ? retried : template);
    if (!has(current.labels, labels)) changed.labels = { ...current.labels, ...labels };
    if (String(current.ingress) !== ingressOf(ingress)) changed.ingress = ingressOf(ingress);
    const traffic = this.#trafficFor(deployment, current, changed.template !== undefined);
    if (traffic) changed.traffic = traffic;
    const paths = Object.keys(changed);
    if (paths.length > 0) await this.#send(`Update service ${service}`, current, changed, report);
  }

  #trafficFor(
    { traffic = "latest" }: RunDeployment,
    current: ServiceMessage,
    isNew: boolean,
  ): ServiceChange["traffic"] | undefined {
    const followsLatest = current.traffic?.length === 1 && !current.traffic[0]?.revision;
    if (traffic === "latest") return followsLatest ? undefined : [{ type: BY_LATEST, percent: 100 }];
    if (!isNew) return undefined;
    const { traffic: serving } = describe(current);
    return [
      ...serving
        .filter(({ percent }) => percent > 0)
        .map(({ revision, percent }) => ({ type: BY_REVISION, revision, percent }) as const),
      { type: BY_LATEST, percent: 0, tag: CANDIDATE },
    ];
  }

  async #send(
    what: string,
    { name }: ServiceMessage,
    changed: ServiceChange,
    report: ReportProgress | undefined,
  ): Promise<void> {
    const client = await servicesClient(this.#connections);
    const paths = Object.keys(changed);
    // The contract calls the template required, whatever the mask says: an empty one outside the mask changes nothing.
    const unchanged = { name: name ?? "", template: {} };
    try {
      const [operation] = await retry(() =>
        client.updateService({ service: { ...unchanged, ...changed }, updateMask: { paths } }),
      );
      await waitForOperation(what, operation, (started) => client.checkUpdateServiceProgress(started), report);
    } catch (thrown) {
      throw fromService(thrown, what);
    }
  }

  async #get(service: string): Promise<RunService> {
    const found = await this.find(service);
    if (found) return found;
    throw missing(service);
  }

  async #read(service: string): Promise<ServiceMessage | undefined> {
    const client = await servicesClient(this.#connections);
    try {
      const [message] = await retry(() => client.getService({ name: this.#name(service) }));
      return message;
    } catch (thrown) {
      if (statusOf(thrown) === "NOT_FOUND") return undefined;
      throw fromService(thrown, `Service ${service}`);
    }
  }

  async #token(audience: string): Promise<string> {
    const kept = this.#tokens.get(audience);
    const now = performance.now();
    if (kept && kept.expiresAtMs > now) return kept.token;
    const token = await this.#access.identityToken(this.#access.address("caller"), audience);
    // Good for an hour; used for fifty minutes.
    this.#tokens.set(audience, { token, expiresAtMs: now + 50 * 60_000 });
    return token;
  }

  #name(service: string): string {
    const { project, region } = this.#connections.config;
    return `projects/${project}/locations/${region}/services/${service}`;
  }

  async #call<Result>(what: string, attempt: () => Promise<Result>): Promise<Result> {
    try {
      return await retry(attempt);
    } catch (thrown) {
      throw fromService(thrown, what);
    }
  }
}

/** What an update sends; the keys are the paths of its mask. */
interface ServiceChange {
  template?: MutableTemplate;
  labels?: Record<string, string>;
  ingress?: ReturnType<typeof ingressOf>;
  traffic?: { type: typeof BY_LATEST | typeof BY_REVISION; revision?: string; percent: number; tag?: string }[];
}

type MutableTemplate = ReturnType<typeof mutable>;

/** The client's types know no `readonly`. */
function mutable(template: WantedTemplate) {
  const [container] = template.containers;
  return {
    ...template,
    annotations: { ...template.annotations },
    containers: [
      {
        image: container.image,
        args: [...container.args],
        env: [...container.env],
        resources: { ...container.resources, limits: { ...container.resources.limits } },
      },
    ],
  };
}

const ingressOf = (ingress: RunDeployment["ingress"]) =>
  ingress === "internal" ? "INGRESS_TRAFFIC_INTERNAL_ONLY" : "INGRESS_TRAFFIC_ALL";

/** The part of `google.cloud.run.v2.Service` that is read; enumerations by name, as `getService` gives them. */
interface ServiceMessage {
  readonly name?: string | null;
  readonly uri?: string | null;
  readonly generation?: unknown;
  readonly ingress?: unknown;
  readonly labels?: Readonly<Record<string, string>> | null;
  readonly latestReadyRevision?: string | null;
  readonly terminalCondition?: { readonly state?: unknown; readonly message?: string | null } | null;
  readonly traffic?: readonly { readonly revision?: string | null }[] | null;
  readonly trafficStatuses?:
    | readonly {
        readonly revision?: string | null;
        readonly percent?: number | null;
        readonly tag?: string | null;
        readonly uri?: string | null;
      }[]
    | null;
  readonly template?: {
    readonly scaling?: { readonly minInstanceCount?: number | null; readonly maxInstanceCount?: number | null } | null;
    readonly maxInstanceRequestConcurrency?: number | null;
    readonly containers?:
      | readonly {
          readonly image?: string | null;
          readonly env?: readonly { readonly name?: string | null; readonly value?: string | null }[] | null;
        }[]
      | null;
  } | null;
}

const missing = (service: string): ActivateError =>
  new ActivateError("NOT_FOUND", `There is no Cloud Run service ${service}: deploy it first.`, "NOT_FOUND");

const isFailed = ({ terminalCondition }: ServiceMessage): boolean => terminalCondition?.state === "CONDITION_FAILED";

function describe(message: ServiceMessage): RunService {
  const name = message.name ?? "";
  const latest = lastSegment(message.latestReadyRevision ?? "");
  const { template, terminalCondition } = message;
  const [container] = template?.containers ?? [];
  const reason = terminalCondition?.message;
  return {
    name,
    id: lastSegment(name),
    url: message.uri ?? "",
    ready: terminalCondition?.state === "CONDITION_SUCCEEDED",
    ...(reason ? { reason } : {}),
    revision: latest,
    traffic: (message.trafficStatuses ?? []).map(({ revision, percent, tag, uri }) => ({
      revision: revision || latest,
      percent: percent ?? 0,
      ...(tag ? { tag } : {}),
      ...(uri ? { url: uri } : {}),
    })),
    image: container?.image ?? "",
    minInstances: template?.scaling?.minInstanceCount ?? 0,
    maxInstances: template?.scaling?.maxInstanceCount ?? 0,
    concurrency: template?.maxInstanceRequestConcurrency ?? 0,
    environment: Object.fromEntries((container?.env ?? []).map(({ name: key, value }) => [key ?? "", value ?? ""])),
    labels: { ...message.labels },
  };
}

const lastSegment = (name: string): string => name.slice(name.lastIndexOf("/") + 1);

async function answerOf(response: Response): Promise<RunAnswer> {
  const text = await response.text();
  const isJson = /\bjson\b/.test(response.headers.get("content-type") ?? "");
  return {
    status: response.status,
    headers: Object.fromEntries(response.headers),
    body: isJson && text !== "" ? (JSON.parse(text) as Json) : text,
  };
}
