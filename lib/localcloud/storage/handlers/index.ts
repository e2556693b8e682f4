import type { Handler } from "../call.js";
import { GCP_INSTEAD, notSupported } from "../errors.js";
import { acls } from "./acls.js";
import { buckets } from "./buckets.js";
import { copies } from "./copies.js";
import { notifications } from "./notifications.js";
import { objects } from "./objects.js";
import { policies } from "./policies.js";
import { projects } from "./projects.js";

/** A handler for each method of the contract that is served; uploads have rooms of their own. */
export const handlers: Readonly<Record<string, Handler>> = {
  ...buckets,
  ...policies,
  ...acls,
  ...objects,
  ...copies,
  ...notifications,
  ...projects,
};

/** A method of the contract without a handler names itself. */
export const unserved =
  (method: string): Handler =>
  () => {
    throw notSupported(`Method storage.${method}`, GCP_INSTEAD);
  };
