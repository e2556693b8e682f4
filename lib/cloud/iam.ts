import type { Connections } from "./connections.js";
import { ActivateError } from "./errors.js";
import { callRest } from "./googleRest.js";
import type { RoleBinding } from "./pubsub.js";
import { retry } from "./retry.js";

/** A program's identity, what it may do in the project, and why. */
export interface AccountPlan {
  readonly accountId: string;
  readonly displayName: string;
  readonly projectRoles: readonly { readonly role: string; readonly why: string }[];
}

/** Every service account that the workbook makes, with its roles in the project; none can do more. */
export const ACCOUNTS = {
  scorer: {
    accountId: "activate-scorer",
    displayName: "Activate: scorer on Cloud Run",
    projectRoles: [
      { role: "roles/aiplatform.user", why: "asks the endpoint for predictions" },
      { role: "roles/bigquery.dataEditor", why: "writes events and scores" },
      { role: "roles/bigquery.jobUser", why: "reads the model version's threshold by a query" },
      { role: "roles/pubsub.publisher", why: "publishes to the dead-letter topic" },
    ],
  },
  predictor: {
    accountId: "activate-predictor",
    displayName: "Activate: predictor on Cloud Run",
    projectRoles: [{ role: "roles/storage.objectViewer", why: "reads the model's files" }],
  },
  /** Nothing in the project: it may invoke single services (`CloudRun.grantInvoker`). */
  push: { accountId: "activate-push", displayName: "Activate: Pub/Sub push", projectRoles: [] },
  caller: { accountId: "activate-caller", displayName: "Activate: calls from the workbook", projectRoles: [] },
} as const satisfies Record<string, AccountPlan>;

export type AccountName = keyof typeof ACCOUNTS;

/** Google's own agents of a project, which are granted roles like anybody else. */
export const serviceAgents = (projectNumber: string) => ({
  pubsub: `service-${projectNumber}@gcp-sa-pubsub.iam.gserviceaccount.com`,
  cloudBuild: `${projectNumber}@cloudbuild.gserviceaccount.com`,
  compute: `${projectNumber}-compute@developer.gserviceaccount.com`,
});

const TOKEN_CREATOR = "roles/iam.serviceAccountTokenCreator";

type Bindings = readonly {
  readonly role: string;
  readonly members?: readonly string[];
  readonly condition?: object;
}[];

interface Policy {
  readonly version?: number;
  readonly etag?: string;
  readonly bindings?: Bindings;
}

/** Whose policy it is. */
interface PolicyPlace {
  readonly api: "iam" | "cloudresourcemanager";
  readonly resource: string;
  /** In words, for errors. */
  readonly what: string;
}

/** Service accounts and roles: create-or-reuse, read, change and write by etag. */
export class AccessManagement {
  readonly #connections: Connections;

  constructor(connections: Connections) {
    this.#connections = connections;
  }

  /** The address of one of our accounts. */
  address(name: AccountName): string {
    return `${ACCOUNTS[name].accountId}@${this.#connections.config.project}.iam.gserviceaccount.com`;
  }

  /**
   * The account with its roles in the project, made where it is missing.
   * @returns its address.
   * @throws ActivateError REFUSED when the caller may not make accounts or grant roles.
   */
  async ensureAccount(name: AccountName): Promise<string> {
    const { accountId, displayName, projectRoles } = ACCOUNTS[name];
    const email = this.address(name);
    if (!(await this.hasAccount(name))) await this.#create(accountId, displayName, email);
    const member = `serviceAccount:${email}`;
    if (projectRoles.length > 0) await this.grantInProject(projectRoles.map(({ role }) => ({ role, member })));
    return email;
  }

  /**
   * Who signs push requests: the account, and Pub/Sub's agent allowed to make its tokens.
   * @returns the account's address.
   */
  async ensurePushAccount(): Promise<string> {
    const email = await this.ensureAccount("push");
    const agent = serviceAgents(await this.projectNumber()).pubsub;
    await this.grantOnAccount(email, [{ role: TOKEN_CREATOR, member: `serviceAccount:${agent}` }]);
    return email;
  }

  /** Twelve digits. */
  async projectNumber(): Promise<string> {
    const { project } = this.#connections.config;
    const { name = "" } = await callRest<{ name?: string }>(this.#connections, {
      api: "cloudresourcemanager",
      method: "GET",
      path: `/v3/projects/${project}`,
      what: `Project ${project}`,
    });
    return name.replace("projects/", "");
  }

  /** Adds roles in the project; who has them keeps them. */
  async grantInProject(roles: readonly RoleBinding[]): Promise<void> {
    const { project } = this.#connections.config;
    const what = `Roles in project ${project}`;
    await this.#change({ api: "cloudresourcemanager", resource: `/v3/projects/${project}`, what }, (bindings) =>
      withRoles(bindings, roles),
    );
  }

  /** Adds roles on an account itself: who may use it, or make tokens for it. */
  async grantOnAccount(email: string, roles: readonly RoleBinding[]): Promise<void> {
    await this.#change({ api: "iam", resource: this.#accountPath(email), what: `Roles on ${email}` }, (bindings) =>
      withRoles(bindings, roles),
    );
  }

  /**
   * An identity token of an account for an audience, by the IAM Credentials API; good for an hour.
   * @throws ActivateError REFUSED without the role roles/iam.serviceAccountTokenCreator on the account.
   */
  async identityToken(email: string, audience: string): Promise<string> {
    const { token } = await callRest<{ token: string }>(this.#connections, {
      api: "iamcredentials",
      method: "POST",
      path: `/v1/projects/-/serviceAccounts/${email}:generateIdToken`,
      body: { audience, includeEmail: true },
      what: `Identity token of ${email}`,
    });
    return token;
  }

  async hasAccount(name: AccountName): Promise<boolean> {
    const email = this.address(name);
    try {
      await callRest(this.#connections, {
        api: "iam",
        method: "GET",
        path: this.#accountPath(email),
        what: `Service account ${email}`,
      });
      return true;
    } catch (thrown) {
      if (thrown instanceof ActivateError && thrown.status === "NOT_FOUND") return false;
      throw thrown;
    }
  }

  /** The account, its roles in the project first: a role of an account that is gone stays in the policy. Not there is no error. */
  async removeAccount(name: AccountName): Promise<void> {
    const email = this.address(name);
    if (ACCOUNTS[name].projectRoles.length > 0) {
      const { project } = this.#connections.config;
      const what = `Roles in project ${project}`;
      await this.#change({ api: "cloudresourcemanager", resource: `/v3/projects/${project}`, what }, (bindings) =>
        withoutMember(bindings, `serviceAccount:${email}`),
      );
    }
    try {
      await callRest(this.#connections, {
        api: "iam",
        method: "DELETE",
        path: this.#accountPath(email),
        what: `Service account ${email}`,
      });
    } catch (thrown) {
      if (!(thrown instanceof ActivateError && thrown.status === "NOT_FOUND")) throw thrown;
    }
  }

  #accountPath(email: string): string {
    return `/v1/projects/${this.#connections.config.project}/serviceAccounts/${email}`;
  }

  async #create(accountId: string, displayName: string, email: string): Promise<void> {
    const what = `Service account ${email}`;
    try {
      await callRest(this.#connections, {
        api: "iam",
        method: "POST",
        path: `/v1/projects/${this.#connections.config.project}/serviceAccounts`,
        body: { accountId, serviceAccount: { displayName } },
        what,
      });
    } catch (thrown) {
      // Another run was faster.
      if (!(thrown instanceof ActivateError && thrown.status === "ALREADY_EXISTS")) throw thrown;
    }
  }

  /** Read, change and write with the etag that was read: another writer's roles are not lost. */
  async #change(
    { api, resource, what }: PolicyPlace,
    change: (bindings: Bindings) => Bindings | undefined,
  ): Promise<void> {
    const version = 3;
    const options = api === "iam" ? {} : { options: { requestedPolicyVersion: version } };
    await retry(
      async () => {
        const query = api === "iam" ? `?options.requestedPolicyVersion=${version}` : "";
        const policy = await callRest<Policy>(this.#connections, {
          api,
          method: "POST",
          path: `${resource}:getIamPolicy${query}`,
          ...(api === "iam" ? {} : { body: options }),
          what,
        });
        const bindings = change(policy.bindings ?? []);
        if (bindings === undefined) return;
        const changed = { ...policy, version, bindings };
        await callRest(this.#connections, {
          api,
          method: "POST",
          path: `${resource}:setIamPolicy`,
          body: { policy: changed },
          what,
        });
      },
      // A 409 is somebody else's change in between (`ALREADY_EXISTS` by its HTTP code); a new account is not known everywhere at once.
      { statuses: ["ABORTED", "ALREADY_EXISTS", "INVALID_ARGUMENT"], attempts: 5 },
    );
  }
}

/** @returns undefined when all roles are there. Conditional bindings are others' and stay as they are. */
function withRoles(current: Bindings, roles: readonly RoleBinding[]): Bindings | undefined {
  const bindings = current.map((binding) => ({ ...binding, members: [...(binding.members ?? [])] }));
  let changed = false;
  for (const { role, member } of roles) {
    const binding = bindings.find((one) => one.role === role && one.condition === undefined);
    if (binding?.members.includes(member)) continue;
    changed = true;
    if (binding) binding.members.push(member);
    else bindings.push({ role, members: [member] });
  }
  return changed ? bindings : undefined;
}

/** @returns undefined when it has no role. */
function withoutMember(current: Bindings, member: string): Bindings | undefined {
  if (!current.some(({ members }) => members?.includes(member))) return undefined;
  return current
    .map((binding) => ({ ...binding, members: (binding.members ?? []).filter((one) => one !== member) }))
    .filter(({ members }) => members.length > 0);
}
