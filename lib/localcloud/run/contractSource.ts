import type { ContractSource, HttpRule } from "../platform/contract/source.js";

const V2 = "google.cloud.run.v2.";

const OPERATION = "projects/*/locations/*/operations/*";

function operationRule(verb: HttpRule["verb"], template: string): HttpRule {
  return { verb, template, ...(verb === "POST" ? { body: "*" } : {}) };
}

/** `@google-cloud/run` as Google publishes it. Jobs and the rest are known and refused by name. */
export const runContractSource: ContractSource = {
  files: [
    { package: "@google-cloud/run", path: "build/protos/protos.json" },
    { package: "google-gax", path: "build/protos/locations.json" },
  ],
  services: [`${V2}Services`, `${V2}Revisions`, "google.longrunning.Operations", "google.cloud.location.Locations"],
  knownServices: ["Jobs", "Executions", "Tasks", "Builds", "Instances", "WorkerPools"].map((name) => V2 + name),
  // Cloud Run's service configuration (googleapis/googleapis google/cloud/run/v2/run_v2.yaml) puts operations here.
  routes: {
    "google.longrunning.Operations.GetOperation": [operationRule("GET", `/v2/{name=${OPERATION}}`)],
    "google.longrunning.Operations.ListOperations": [
      operationRule("GET", "/v2/{name=projects/*/locations/*}/operations"),
    ],
    "google.longrunning.Operations.DeleteOperation": [operationRule("DELETE", `/v2/{name=${OPERATION}}`)],
    "google.longrunning.Operations.WaitOperation": [operationRule("POST", `/v2/{name=${OPERATION}}:wait`)],
    "google.longrunning.Operations.CancelOperation": [],
    "google.cloud.location.Locations.ListLocations": [{ verb: "GET", template: "/v2/{name=projects/*}/locations" }],
    "google.cloud.location.Locations.GetLocation": [{ verb: "GET", template: "/v2/{name=projects/*/locations/*}" }],
  },
};

/** Methods that handlers are written for: their messages become TypeScript in contract/messages.ts. */
export const typedMethods: readonly string[] = [
  "Services.CreateService",
  "Services.GetService",
  "Services.ListServices",
  "Services.UpdateService",
  "Services.DeleteService",
  "Services.GetIamPolicy",
  "Services.SetIamPolicy",
  "Services.TestIamPermissions",
  "Revisions.GetRevision",
  "Revisions.ListRevisions",
  "Revisions.DeleteRevision",
  "Operations.GetOperation",
  "Operations.ListOperations",
  "Operations.DeleteOperation",
  "Operations.WaitOperation",
  "Locations.ListLocations",
  "Locations.GetLocation",
];
