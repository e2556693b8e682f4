import { Discovery } from "../platform/discovery.js";
import document from "./contract/bigquery.v2.json";

/**
 * Google's Discovery document of BigQuery v2 (PyPI google-api-python-client, descriptions left out): the routes we
 * serve and the shapes that requests and answers must have.
 */
export const discovery = new Discovery(document, {
  names: {
    projectsId: "projectId",
    datasetsId: "datasetId",
    tablesId: "tableId",
    jobsId: "jobId",
    queriesId: "jobId",
    modelsId: "modelId",
    routinesId: "routineId",
    rowAccessPoliciesId: "policyId",
  },
  // An id holds no colon, except in a project of the old form "example.com:project".
  segment: (name) => (name === "projectId" ? "([^/]+?)" : "([^/:]+)"),
});

/** The document as this server answers it: the addresses are those by which the caller reached us. */
export function discoveryDocument(origin: string): string {
  return JSON.stringify({ ...document, rootUrl: `${origin}/`, baseUrl: `${origin}/bigquery/v2/` });
}
