import type { ContractSource, HttpRule } from "../platform/contract/source.js";

const V1 = "google.cloud.aiplatform.v1.";

/** Services with handlers of ours. */
const SERVED = ["ModelService", "EndpointService", "PredictionService", "JobService"];

/** The rest of aiplatform v1: a call there is refused by the method's name. */
const KNOWN = [
  "DataFoundryService",
  "DatasetService",
  "DeploymentResourcePoolService",
  "EvaluationService",
  "FeatureOnlineStoreAdminService",
  "FeatureOnlineStoreService",
  "FeatureRegistryService",
  "FeaturestoreOnlineServingService",
  "FeaturestoreService",
  "GenAiCacheService",
  "GenAiTuningService",
  "IndexEndpointService",
  "IndexService",
  "LlmUtilityService",
  "MatchService",
  "MetadataService",
  "MigrationService",
  "ModelGardenService",
  "NotebookService",
  "PersistentResourceService",
  "PipelineService",
  "ReasoningEngineExecutionService",
  "ReasoningEngineService",
  "ScheduleService",
  "SessionService",
  "SpecialistPoolService",
  "TensorboardService",
  "VertexRagDataService",
  "VertexRagService",
  "VizierService",
];

/** Where operations live: under a location, or under a resource of one or two collections; `/ui/` is what Node's client polls, `/v1beta1/` what gcloud polls. */
const OPERATIONS = ["projects/*/locations/*", "projects/*/locations/*/*/*", "projects/*/locations/*/*/*/*/*"];

function operationRules(verb: HttpRule["verb"], template: (version: string, parent: string) => string): HttpRule[] {
  return ["v1", "ui", "v1beta1"].flatMap((version) =>
    OPERATIONS.map((parent) => ({
      verb,
      template: template(version, parent),
      ...(verb === "POST" ? { body: "*" } : {}),
    })),
  );
}

/** `@google-cloud/aiplatform` as Google publishes it, with the mixins of google-gax. */
export const vertexContractSource: ContractSource = {
  files: [
    { package: "@google-cloud/aiplatform", path: "build/protos/protos.json" },
    { package: "google-gax", path: "build/protos/locations.json" },
    { package: "google-gax", path: "build/protos/iam_service.json" },
  ],
  services: [
    ...SERVED.map((name) => V1 + name),
    "google.longrunning.Operations",
    "google.cloud.location.Locations",
    "google.iam.v1.IAMPolicy",
  ],
  knownServices: KNOWN.map((name) => V1 + name),
  // `[REQUIRED, IMMUTABLE]` in model.proto and machine_resources.proto; min_replica_count is checked by its value.
  required: [`${V1}ModelContainerSpec.imageUri`, `${V1}DedicatedResources.machineSpec`],
  // longrunning/operations.proto has routes of its own ("/v1/{name=operations/**}"); each service replaces them in its
  // service configuration, which no npm package carries (googleapis/googleapis google/cloud/aiplatform/v1/aiplatform_v1.yaml).
  routes: {
    "google.longrunning.Operations.GetOperation": operationRules(
      "GET",
      (version, parent) => `/${version}/{name=${parent}/operations/*}`,
    ),
    "google.longrunning.Operations.ListOperations": operationRules(
      "GET",
      (version, parent) => `/${version}/{name=${parent}}/operations`,
    ),
    "google.longrunning.Operations.CancelOperation": operationRules(
      "POST",
      (version, parent) => `/${version}/{name=${parent}/operations/*}:cancel`,
    ),
    "google.longrunning.Operations.DeleteOperation": operationRules(
      "DELETE",
      (version, parent) => `/${version}/{name=${parent}/operations/*}`,
    ),
    "google.longrunning.Operations.WaitOperation": operationRules(
      "POST",
      (version, parent) => `/${version}/{name=${parent}/operations/*}:wait`,
    ),
    "google.iam.v1.IAMPolicy.GetIamPolicy": [
      { verb: "POST", template: "/v1/{resource=projects/*/locations/*/models/*}:getIamPolicy", body: "*" },
      { verb: "POST", template: "/v1/{resource=projects/*/locations/*/endpoints/*}:getIamPolicy", body: "*" },
    ],
    "google.iam.v1.IAMPolicy.SetIamPolicy": [
      { verb: "POST", template: "/v1/{resource=projects/*/locations/*/models/*}:setIamPolicy", body: "*" },
      { verb: "POST", template: "/v1/{resource=projects/*/locations/*/endpoints/*}:setIamPolicy", body: "*" },
    ],
    "google.iam.v1.IAMPolicy.TestIamPermissions": [
      { verb: "POST", template: "/v1/{resource=projects/*/locations/*/models/*}:testIamPermissions", body: "*" },
      { verb: "POST", template: "/v1/{resource=projects/*/locations/*/endpoints/*}:testIamPermissions", body: "*" },
    ],
    "google.cloud.location.Locations.ListLocations": [{ verb: "GET", template: "/v1/{name=projects/*}/locations" }],
    "google.cloud.location.Locations.GetLocation": [{ verb: "GET", template: "/v1/{name=projects/*/locations/*}" }],
  },
};

/** Methods that handlers are written for: their messages become TypeScript in contract/messages.ts. */
export const typedMethods: readonly string[] = [
  "ModelService.UploadModel",
  "ModelService.GetModel",
  "ModelService.ListModels",
  "ModelService.ListModelVersions",
  "ModelService.UpdateModel",
  "ModelService.MergeVersionAliases",
  "ModelService.DeleteModel",
  "ModelService.DeleteModelVersion",
  "EndpointService.CreateEndpoint",
  "EndpointService.GetEndpoint",
  "EndpointService.ListEndpoints",
  "EndpointService.UpdateEndpoint",
  "EndpointService.DeleteEndpoint",
  "EndpointService.DeployModel",
  "EndpointService.UndeployModel",
  "EndpointService.MutateDeployedModel",
  "PredictionService.Predict",
  "PredictionService.RawPredict",
  "JobService.CreateCustomJob",
  "JobService.GetCustomJob",
  "JobService.ListCustomJobs",
  "JobService.CancelCustomJob",
  "JobService.DeleteCustomJob",
  "JobService.CreateBatchPredictionJob",
  "JobService.GetBatchPredictionJob",
  "JobService.ListBatchPredictionJobs",
  "JobService.CancelBatchPredictionJob",
  "JobService.DeleteBatchPredictionJob",
  "Operations.GetOperation",
  "Operations.ListOperations",
  "Operations.CancelOperation",
  "Operations.DeleteOperation",
  "Operations.WaitOperation",
  "Locations.ListLocations",
  "Locations.GetLocation",
  "IAMPolicy.GetIamPolicy",
  "IAMPolicy.SetIamPolicy",
  "IAMPolicy.TestIamPermissions",
];
