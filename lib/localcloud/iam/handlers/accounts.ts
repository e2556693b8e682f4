/** Service accounts and their identity tokens. Contracts: google.iam.admin.v1.IAM, google.iam.credentials.v1. */

import { CloudError } from "../../platform/errors.js";
import type { Identity } from "../../platform/identity.js";
import { requireProject } from "../../platform/names.js";
import { page } from "../../platform/pages.js";
import type { Handlers } from "../../platform/transport/handler.js";
import { refuseUnsupported } from "../../platform/unsupported.js";
import type { Methods } from "../contractSource.js";
import { type IamStore, toServiceAccount } from "../store.js";

/** iam.proto, CreateServiceAccountRequest. */
const ACCOUNT_ID = /^[a-z]([-a-z0-9]*[a-z0-9])$/;

export function accountHandlers(store: IamStore, identity: Identity): Handlers<Methods> {
  const { project } = store;
  return {
    "IAM.ListServiceAccounts": (request) => {
      requireProject(project, (request.name ?? "").replace("projects/", ""));
      const { items, nextPageToken } = page(store.list(), request, [], ({ email }) => email, ["accounts"]);
      return { accounts: items.map((account) => toServiceAccount(project, account)), nextPageToken };
    },

    /** @throws NOT_FOUND */
    "IAM.GetServiceAccount": (request) => toServiceAccount(project, store.account(request.name)),

    /** @throws ALREADY_EXISTS, INVALID_ARGUMENT */
    "IAM.CreateServiceAccount": (request) => {
      refuseUnsupported(request, {
        honoured: ["name", "accountId", "serviceAccount.displayName", "serviceAccount.description"],
      });
      requireProject(project, (request.name ?? "").replace("projects/", ""));
      const id = request.accountId ?? "";
      if (id.length < 6 || id.length > 30 || !ACCOUNT_ID.test(id)) {
        throw new CloudError(
          "INVALID_ARGUMENT",
          `Invalid service account ID "${id}": 6 to 30 lowercase letters, digits and hyphens, a letter first, no hyphen last.`,
        );
      }
      return store.exclusive(async () => {
        const email = store.addressOf(id);
        if (store.find(email)) {
          throw new CloudError(
            "ALREADY_EXISTS",
            `Service account ${id} already exists within project projects/${project.id}.`,
            { reason: "RESOURCE_ALREADY_EXISTS", metadata: { resource: email } },
          );
        }
        const { displayName = "", description = "" } = request.serviceAccount ?? {};
        const record = { email, displayName, description };
        await store.put(record);
        return toServiceAccount(project, record);
      });
    },

    /** @throws NOT_FOUND */
    "IAM.DeleteServiceAccount": (request) =>
      store.exclusive(async () => {
        await store.remove(store.account(request.name).email);
        return {};
      }),

    /** Good for an hour, as Google's. @throws NOT_FOUND */
    "IAMCredentials.GenerateIdToken": async (request) => {
      refuseUnsupported(request, { honoured: ["name", "audience", "includeEmail"] });
      const { email } = store.account(request.name);
      return { token: await identity.issue({ audience: request.audience ?? "", email }) };
    },
  };
}
