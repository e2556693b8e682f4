import { CloudError } from "../platform/errors.js";
import { accountId } from "../platform/identity.js";
import { Mutex } from "../platform/mutex.js";
import { requireProject } from "../platform/names.js";
import type { Project } from "../platform/service.js";
import type { DocumentStore } from "../platform/store.js";
import type { Policy, ServiceAccount } from "./contractSource.js";

const ACCOUNTS = "iam/accounts";
const POLICIES = "iam/policies";

export interface AccountRecord {
  readonly email: string;
  readonly displayName: string;
  readonly description: string;
}

/** Service accounts and policies; the only place of this service that knows the document store's keys. */
export class IamStore {
  readonly project: Project;
  readonly #documents: DocumentStore;
  readonly #mutex = new Mutex();

  constructor(documents: DocumentStore, project: Project) {
    this.#documents = documents;
    this.project = project;
  }

  exclusive<T>(task: () => Promise<T>): Promise<T> {
    return this.#mutex.run(task);
  }

  /** @param id the part before the at sign. */
  addressOf(id: string): string {
    return `${id}@${this.project.id}.iam.gserviceaccount.com`;
  }

  find(email: string): AccountRecord | undefined {
    const kept = this.#documents.get<AccountRecord>(ACCOUNTS, email);
    if (kept) return kept;
    // Google makes this one with the project.
    if (email !== `${this.project.number}-compute@developer.gserviceaccount.com`) return undefined;
    return { email, displayName: "Compute Engine default service account", description: "" };
  }

  list(): AccountRecord[] {
    return this.#documents.list<AccountRecord>(ACCOUNTS).map(({ value }) => value);
  }

  /** The account of a name `projects/P/serviceAccounts/ADDRESS`; the project may be "-". @throws CloudError */
  account(name: string | undefined): AccountRecord {
    const [, project = "", email = ""] = /^projects\/([^/]+)\/serviceAccounts\/([^/]+)$/.exec(name ?? "") ?? [];
    if (project !== "-") requireProject(this.project, project);
    const found = this.find(decodeURIComponent(email));
    if (found) return found;
    throw new CloudError("NOT_FOUND", `Unknown service account: ${email}`, {
      reason: "ACCOUNT_NOT_FOUND",
      metadata: { email },
    });
  }

  policy(resource: string): Policy {
    return this.#documents.get<Policy>(POLICIES, resource) ?? {};
  }

  async put(record: AccountRecord): Promise<void> {
    await this.#documents.write([{ collection: ACCOUNTS, key: record.email, value: record }]);
  }

  async remove(email: string): Promise<void> {
    await this.#documents.write([
      { collection: ACCOUNTS, key: email, value: undefined },
      { collection: POLICIES, key: email, value: undefined },
    ]);
  }

  async putPolicy(resource: string, policy: Policy): Promise<void> {
    await this.#documents.write([{ collection: POLICIES, key: resource, value: policy }]);
  }
}

export function toServiceAccount(project: Project, { email, displayName, description }: AccountRecord): ServiceAccount {
  const uniqueId = accountId(email);
  return {
    name: `projects/${project.id}/serviceAccounts/${email}`,
    projectId: project.id,
    uniqueId,
    email,
    oauth2ClientId: uniqueId,
    ...(displayName === "" ? {} : { displayName }),
    ...(description === "" ? {} : { description }),
  };
}
