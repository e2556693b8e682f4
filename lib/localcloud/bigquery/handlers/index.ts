import type { Handler } from "../context.js";
import { notSupported } from "../errors.js";
import { datasets } from "./datasets.js";
import { jobs } from "./jobs.js";
import { models } from "./models.js";
import { policies } from "./policies.js";
import { projects } from "./projects.js";
import { queries } from "./queries.js";
import { routines } from "./routines.js";
import { tabledata } from "./tabledata.js";
import { tables } from "./tables.js";

/** A handler for each method of the contract that is served. */
export const handlers: Readonly<Record<string, Handler>> = {
  ...projects,
  ...datasets,
  ...tables,
  ...tabledata,
  ...jobs,
  ...queries,
  ...models,
  ...routines,
  ...policies,
};

/** A method of the contract without a handler names itself. */
export const unserved =
  (method: string): Handler =>
  () => {
    throw notSupported(`Method bigquery.${method}`, "Run this on Google Cloud (ACTIVATE_TARGET=gcp).");
  };
