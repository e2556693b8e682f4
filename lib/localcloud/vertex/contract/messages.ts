// Generated from the protos of @google-cloud/aiplatform; do not edit. Written and checked by platform/contract/typeScript.ts.

export type JsonValue =
  | string
  | number
  | boolean
  | null
  | readonly JsonValue[]
  | { readonly [name: string]: JsonValue };

/** google.protobuf.Any in JSON. */
export interface TypedValue {
  readonly "@type": string;
  readonly [name: string]: unknown;
}

/** google.cloud.aiplatform.v1.AcceleratorType */
export type AcceleratorType =
  | "ACCELERATOR_TYPE_UNSPECIFIED"
  | "NVIDIA_TESLA_K80"
  | "NVIDIA_TESLA_P100"
  | "NVIDIA_TESLA_V100"
  | "NVIDIA_TESLA_P4"
  | "NVIDIA_TESLA_T4"
  | "NVIDIA_TESLA_A100"
  | "NVIDIA_A100_80GB"
  | "NVIDIA_L4"
  | "NVIDIA_H100_80GB"
  | "NVIDIA_H100_MEGA_80GB"
  | "NVIDIA_H200_141GB"
  | "NVIDIA_B200"
  | "NVIDIA_GB200"
  | "NVIDIA_RTX_PRO_6000"
  | "TPU_V2"
  | "TPU_V3"
  | "TPU_V4_POD"
  | "TPU_V5_LITEPOD";

/** google.cloud.aiplatform.v1.AutomaticResources */
export interface AutomaticResources {
  readonly minReplicaCount?: number | undefined;
  readonly maxReplicaCount?: number | undefined;
}

/** google.cloud.aiplatform.v1.AutoscalingMetricSpec */
export interface AutoscalingMetricSpec {
  readonly metricName?: string | undefined;
  readonly target?: number | undefined;
}

/** google.cloud.aiplatform.v1.BatchDedicatedResources */
export interface BatchDedicatedResources {
  readonly machineSpec?: MachineSpec | undefined;
  readonly startingReplicaCount?: number | undefined;
  readonly maxReplicaCount?: number | undefined;
}

/** google.cloud.aiplatform.v1.BatchPredictionJob */
export interface BatchPredictionJob {
  readonly name?: string | undefined;
  readonly displayName?: string | undefined;
  readonly model?: string | undefined;
  readonly modelVersionId?: string | undefined;
  readonly unmanagedContainerModel?: UnmanagedContainerModel | undefined;
  readonly inputConfig?: BatchPredictionJobInputConfig | undefined;
  readonly instanceConfig?: BatchPredictionJobInstanceConfig | undefined;
  readonly modelParameters?: JsonValue | undefined;
  readonly outputConfig?: BatchPredictionJobOutputConfig | undefined;
  readonly dedicatedResources?: BatchDedicatedResources | undefined;
  readonly serviceAccount?: string | undefined;
  readonly manualBatchTuningParameters?: ManualBatchTuningParameters | undefined;
  readonly generateExplanation?: boolean | undefined;
  readonly explanationSpec?: ExplanationSpec | undefined;
  readonly outputInfo?: BatchPredictionJobOutputInfo | undefined;
  readonly state?: JobState | undefined;
  readonly error?: Status | undefined;
  readonly partialFailures?: readonly Status[] | undefined;
  readonly resourcesConsumed?: ResourcesConsumed | undefined;
  readonly completionStats?: CompletionStats | undefined;
  readonly createTime?: string | undefined;
  readonly startTime?: string | undefined;
  readonly endTime?: string | undefined;
  readonly updateTime?: string | undefined;
  readonly labels?: Readonly<Record<string, string>> | undefined;
  readonly encryptionSpec?: EncryptionSpec | undefined;
  readonly disableContainerLogging?: boolean | undefined;
  readonly satisfiesPzs?: boolean | undefined;
  readonly satisfiesPzi?: boolean | undefined;
}

/** google.cloud.aiplatform.v1.BatchPredictionJob.InputConfig */
export interface BatchPredictionJobInputConfig {
  readonly gcsSource?: GcsSource | undefined;
  readonly bigquerySource?: BigQuerySource | undefined;
  readonly vertexMultimodalDatasetSource?: VertexMultimodalDatasetSource | undefined;
  readonly instancesFormat?: string | undefined;
}

/** google.cloud.aiplatform.v1.BatchPredictionJob.InstanceConfig */
export interface BatchPredictionJobInstanceConfig {
  readonly instanceType?: string | undefined;
  readonly keyField?: string | undefined;
  readonly includedFields?: readonly string[] | undefined;
  readonly excludedFields?: readonly string[] | undefined;
}

/** google.cloud.aiplatform.v1.BatchPredictionJob.OutputConfig */
export interface BatchPredictionJobOutputConfig {
  readonly gcsDestination?: GcsDestination | undefined;
  readonly bigqueryDestination?: BigQueryDestination | undefined;
  readonly vertexMultimodalDatasetDestination?: VertexMultimodalDatasetDestination | undefined;
  readonly predictionsFormat?: string | undefined;
}

/** google.cloud.aiplatform.v1.BatchPredictionJob.OutputInfo */
export interface BatchPredictionJobOutputInfo {
  readonly gcsOutputDirectory?: string | undefined;
  readonly bigqueryOutputDataset?: string | undefined;
  readonly vertexMultimodalDatasetName?: string | undefined;
  readonly bigqueryOutputTable?: string | undefined;
}

/** google.cloud.aiplatform.v1.BigQueryDestination */
export interface BigQueryDestination {
  readonly outputUri?: string | undefined;
}

/** google.cloud.aiplatform.v1.BigQuerySource */
export interface BigQuerySource {
  readonly inputUri?: string | undefined;
}

/** google.iam.v1.Binding */
export interface Binding {
  readonly role?: string | undefined;
  readonly members?: readonly string[] | undefined;
  readonly condition?: Expr | undefined;
}

/** google.cloud.aiplatform.v1.BlurBaselineConfig */
export interface BlurBaselineConfig {
  readonly maxBlurSigma?: number | undefined;
}

/** google.cloud.aiplatform.v1.CancelBatchPredictionJobRequest */
export interface CancelBatchPredictionJobRequest {
  readonly name?: string | undefined;
}

/** google.cloud.aiplatform.v1.CancelCustomJobRequest */
export interface CancelCustomJobRequest {
  readonly name?: string | undefined;
}

/** google.longrunning.CancelOperationRequest */
export interface CancelOperationRequest {
  readonly name?: string | undefined;
}

/** google.cloud.aiplatform.v1.Checkpoint */
export interface Checkpoint {
  readonly checkpointId?: string | undefined;
  readonly epoch?: string | undefined;
  readonly step?: string | undefined;
}

/** google.cloud.aiplatform.v1.ClientConnectionConfig */
export interface ClientConnectionConfig {
  readonly inferenceTimeout?: string | undefined;
}

/** google.cloud.aiplatform.v1.CompletionStats */
export interface CompletionStats {
  readonly successfulCount?: string | undefined;
  readonly failedCount?: string | undefined;
  readonly incompleteCount?: string | undefined;
  readonly successfulForecastPointCount?: string | undefined;
}

/** google.cloud.aiplatform.v1.ContainerSpec */
export interface ContainerSpec {
  readonly imageUri?: string | undefined;
  readonly command?: readonly string[] | undefined;
  readonly args?: readonly string[] | undefined;
  readonly env?: readonly EnvVar[] | undefined;
}

/** google.cloud.aiplatform.v1.CreateBatchPredictionJobRequest */
export interface CreateBatchPredictionJobRequest {
  readonly parent?: string | undefined;
  readonly batchPredictionJob?: BatchPredictionJob | undefined;
}

/** google.cloud.aiplatform.v1.CreateCustomJobRequest */
export interface CreateCustomJobRequest {
  readonly parent?: string | undefined;
  readonly customJob?: CustomJob | undefined;
}

/** google.cloud.aiplatform.v1.CreateEndpointOperationMetadata */
export interface CreateEndpointOperationMetadata {
  readonly genericMetadata?: GenericOperationMetadata | undefined;
  readonly deploymentStage?: DeploymentStage | undefined;
}

/** google.cloud.aiplatform.v1.CreateEndpointRequest */
export interface CreateEndpointRequest {
  readonly parent?: string | undefined;
  readonly endpoint?: Endpoint | undefined;
  readonly endpointId?: string | undefined;
}

/** google.cloud.aiplatform.v1.CustomJob */
export interface CustomJob {
  readonly name?: string | undefined;
  readonly displayName?: string | undefined;
  readonly jobSpec?: CustomJobSpec | undefined;
  readonly state?: JobState | undefined;
  readonly createTime?: string | undefined;
  readonly startTime?: string | undefined;
  readonly endTime?: string | undefined;
  readonly updateTime?: string | undefined;
  readonly error?: Status | undefined;
  readonly labels?: Readonly<Record<string, string>> | undefined;
  readonly encryptionSpec?: EncryptionSpec | undefined;
  readonly webAccessUris?: Readonly<Record<string, string>> | undefined;
  readonly satisfiesPzs?: boolean | undefined;
  readonly satisfiesPzi?: boolean | undefined;
}

/** google.cloud.aiplatform.v1.CustomJobSpec */
export interface CustomJobSpec {
  readonly persistentResourceId?: string | undefined;
  readonly workerPoolSpecs?: readonly WorkerPoolSpec[] | undefined;
  readonly scheduling?: Scheduling | undefined;
  readonly serviceAccount?: string | undefined;
  readonly network?: string | undefined;
  readonly reservedIpRanges?: readonly string[] | undefined;
  readonly pscInterfaceConfig?: PscInterfaceConfig | undefined;
  readonly baseOutputDirectory?: GcsDestination | undefined;
  readonly protectedArtifactLocationId?: string | undefined;
  readonly tensorboard?: string | undefined;
  readonly enableWebAccess?: boolean | undefined;
  readonly enableDashboardAccess?: boolean | undefined;
  readonly experiment?: string | undefined;
  readonly experimentRun?: string | undefined;
  readonly models?: readonly string[] | undefined;
}

/** google.cloud.aiplatform.v1.DedicatedResources */
export interface DedicatedResources {
  readonly machineSpec?: MachineSpec | undefined;
  readonly minReplicaCount?: number | undefined;
  readonly maxReplicaCount?: number | undefined;
  readonly requiredReplicaCount?: number | undefined;
  readonly autoscalingMetricSpecs?: readonly AutoscalingMetricSpec[] | undefined;
  readonly spot?: boolean | undefined;
}

/** google.cloud.aiplatform.v1.DeleteBatchPredictionJobRequest */
export interface DeleteBatchPredictionJobRequest {
  readonly name?: string | undefined;
}

/** google.cloud.aiplatform.v1.DeleteCustomJobRequest */
export interface DeleteCustomJobRequest {
  readonly name?: string | undefined;
}

/** google.cloud.aiplatform.v1.DeleteEndpointRequest */
export interface DeleteEndpointRequest {
  readonly name?: string | undefined;
}

/** google.cloud.aiplatform.v1.DeleteModelRequest */
export interface DeleteModelRequest {
  readonly name?: string | undefined;
}

/** google.cloud.aiplatform.v1.DeleteModelVersionRequest */
export interface DeleteModelVersionRequest {
  readonly name?: string | undefined;
}

/** google.cloud.aiplatform.v1.DeleteOperationMetadata */
export interface DeleteOperationMetadata {
  readonly genericMetadata?: GenericOperationMetadata | undefined;
}

/** google.longrunning.DeleteOperationRequest */
export interface DeleteOperationRequest {
  readonly name?: string | undefined;
}

/** google.cloud.aiplatform.v1.DeployModelOperationMetadata */
export interface DeployModelOperationMetadata {
  readonly genericMetadata?: GenericOperationMetadata | undefined;
  readonly deploymentStage?: DeploymentStage | undefined;
}

/** google.cloud.aiplatform.v1.DeployModelRequest */
export interface DeployModelRequest {
  readonly endpoint?: string | undefined;
  readonly deployedModel?: DeployedModel | undefined;
  readonly trafficSplit?: Readonly<Record<string, number>> | undefined;
}

/** google.cloud.aiplatform.v1.DeployModelResponse */
export interface DeployModelResponse {
  readonly deployedModel?: DeployedModel | undefined;
}

/** google.cloud.aiplatform.v1.DeployedModel */
export interface DeployedModel {
  readonly dedicatedResources?: DedicatedResources | undefined;
  readonly automaticResources?: AutomaticResources | undefined;
  readonly sharedResources?: string | undefined;
  readonly id?: string | undefined;
  readonly model?: string | undefined;
  readonly modelVersionId?: string | undefined;
  readonly displayName?: string | undefined;
  readonly createTime?: string | undefined;
  readonly explanationSpec?: ExplanationSpec | undefined;
  readonly disableExplanations?: boolean | undefined;
  readonly serviceAccount?: string | undefined;
  readonly disableContainerLogging?: boolean | undefined;
  readonly enableAccessLogging?: boolean | undefined;
  readonly privateEndpoints?: PrivateEndpoints | undefined;
  readonly fasterDeploymentConfig?: FasterDeploymentConfig | undefined;
  readonly status?: DeployedModelStatus | undefined;
  readonly systemLabels?: Readonly<Record<string, string>> | undefined;
  readonly checkpointId?: string | undefined;
  readonly speculativeDecodingSpec?: SpeculativeDecodingSpec | undefined;
}

/** google.cloud.aiplatform.v1.DeployedModelRef */
export interface DeployedModelRef {
  readonly endpoint?: string | undefined;
  readonly deployedModelId?: string | undefined;
}

/** google.cloud.aiplatform.v1.DeployedModel.Status */
export interface DeployedModelStatus {
  readonly message?: string | undefined;
  readonly lastUpdateTime?: string | undefined;
  readonly availableReplicaCount?: number | undefined;
}

/** google.cloud.aiplatform.v1.DeploymentStage */
export type DeploymentStage =
  | "DEPLOYMENT_STAGE_UNSPECIFIED"
  | "STARTING_DEPLOYMENT"
  | "PREPARING_MODEL"
  | "CREATING_SERVING_CLUSTER"
  | "ADDING_NODES_TO_CLUSTER"
  | "GETTING_CONTAINER_IMAGE"
  | "STARTING_MODEL_SERVER"
  | "FINISHING_UP"
  | "DEPLOYMENT_TERMINATED"
  | "SUCCESSFULLY_DEPLOYED"
  | "FAILED_TO_DEPLOY";

/** google.cloud.aiplatform.v1.DiskSpec */
export interface DiskSpec {
  readonly bootDiskType?: string | undefined;
  readonly bootDiskSizeGb?: number | undefined;
}

/** google.cloud.aiplatform.v1.DnsPeeringConfig */
export interface DnsPeeringConfig {
  readonly domain?: string | undefined;
  readonly targetProject?: string | undefined;
  readonly targetNetwork?: string | undefined;
}

/** google.cloud.aiplatform.v1.EncryptionSpec */
export interface EncryptionSpec {
  readonly kmsKeyName?: string | undefined;
}

/** google.cloud.aiplatform.v1.Endpoint */
export interface Endpoint {
  readonly name?: string | undefined;
  readonly displayName?: string | undefined;
  readonly description?: string | undefined;
  readonly deployedModels?: readonly DeployedModel[] | undefined;
  readonly trafficSplit?: Readonly<Record<string, number>> | undefined;
  readonly etag?: string | undefined;
  readonly labels?: Readonly<Record<string, string>> | undefined;
  readonly createTime?: string | undefined;
  readonly updateTime?: string | undefined;
  readonly encryptionSpec?: EncryptionSpec | undefined;
  readonly network?: string | undefined;
  readonly enablePrivateServiceConnect?: boolean | undefined;
  readonly privateServiceConnectConfig?: PrivateServiceConnectConfig | undefined;
  readonly modelDeploymentMonitoringJob?: string | undefined;
  readonly predictRequestResponseLoggingConfig?: PredictRequestResponseLoggingConfig | undefined;
  readonly dedicatedEndpointEnabled?: boolean | undefined;
  readonly dedicatedEndpointDns?: string | undefined;
  readonly clientConnectionConfig?: ClientConnectionConfig | undefined;
  readonly satisfiesPzs?: boolean | undefined;
  readonly satisfiesPzi?: boolean | undefined;
  readonly genAiAdvancedFeaturesConfig?: GenAiAdvancedFeaturesConfig | undefined;
  readonly privateModelServerEnabled?: boolean | undefined;
}

/** google.cloud.aiplatform.v1.EnvVar */
export interface EnvVar {
  readonly name?: string | undefined;
  readonly value?: string | undefined;
}

/** google.cloud.aiplatform.v1.Examples */
export interface Examples {
  readonly exampleGcsSource?: ExamplesExampleGcsSource | undefined;
  readonly nearestNeighborSearchConfig?: JsonValue | undefined;
  readonly presets?: Presets | undefined;
  readonly neighborCount?: number | undefined;
}

/** google.cloud.aiplatform.v1.Examples.ExampleGcsSource */
export interface ExamplesExampleGcsSource {
  readonly dataFormat?: ExamplesExampleGcsSourceDataFormat | undefined;
  readonly gcsSource?: GcsSource | undefined;
}

/** google.cloud.aiplatform.v1.Examples.ExampleGcsSource.DataFormat */
export type ExamplesExampleGcsSourceDataFormat =
  | "DATA_FORMAT_UNSPECIFIED"
  | "JSONL";

/** google.cloud.aiplatform.v1.ExplanationMetadata */
export interface ExplanationMetadata {
  readonly inputs?: Readonly<Record<string, ExplanationMetadataInputMetadata>> | undefined;
  readonly outputs?: Readonly<Record<string, ExplanationMetadataOutputMetadata>> | undefined;
  readonly featureAttributionsSchemaUri?: string | undefined;
  readonly latentSpaceSource?: string | undefined;
}

/** google.cloud.aiplatform.v1.ExplanationMetadata.InputMetadata */
export interface ExplanationMetadataInputMetadata {
  readonly inputBaselines?: readonly JsonValue[] | undefined;
  readonly inputTensorName?: string | undefined;
  readonly encoding?: ExplanationMetadataInputMetadataEncoding | undefined;
  readonly modality?: string | undefined;
  readonly featureValueDomain?: ExplanationMetadataInputMetadataFeatureValueDomain | undefined;
  readonly indicesTensorName?: string | undefined;
  readonly denseShapeTensorName?: string | undefined;
  readonly indexFeatureMapping?: readonly string[] | undefined;
  readonly encodedTensorName?: string | undefined;
  readonly encodedBaselines?: readonly JsonValue[] | undefined;
  readonly visualization?: ExplanationMetadataInputMetadataVisualization | undefined;
  readonly groupName?: string | undefined;
}

/** google.cloud.aiplatform.v1.ExplanationMetadata.InputMetadata.Encoding */
export type ExplanationMetadataInputMetadataEncoding =
  | "ENCODING_UNSPECIFIED"
  | "IDENTITY"
  | "BAG_OF_FEATURES"
  | "BAG_OF_FEATURES_SPARSE"
  | "INDICATOR"
  | "COMBINED_EMBEDDING"
  | "CONCAT_EMBEDDING";

/** google.cloud.aiplatform.v1.ExplanationMetadata.InputMetadata.FeatureValueDomain */
export interface ExplanationMetadataInputMetadataFeatureValueDomain {
  readonly minValue?: number | undefined;
  readonly maxValue?: number | undefined;
  readonly originalMean?: number | undefined;
  readonly originalStddev?: number | undefined;
}

/** google.cloud.aiplatform.v1.ExplanationMetadata.InputMetadata.Visualization */
export interface ExplanationMetadataInputMetadataVisualization {
  readonly type?: ExplanationMetadataInputMetadataVisualizationType | undefined;
  readonly polarity?: ExplanationMetadataInputMetadataVisualizationPolarity | undefined;
  readonly colorMap?: ExplanationMetadataInputMetadataVisualizationColorMap | undefined;
  readonly clipPercentUpperbound?: number | undefined;
  readonly clipPercentLowerbound?: number | undefined;
  readonly overlayType?: ExplanationMetadataInputMetadataVisualizationOverlayType | undefined;
}

/** google.cloud.aiplatform.v1.ExplanationMetadata.InputMetadata.Visualization.ColorMap */
export type ExplanationMetadataInputMetadataVisualizationColorMap =
  | "COLOR_MAP_UNSPECIFIED"
  | "PINK_GREEN"
  | "VIRIDIS"
  | "RED"
  | "GREEN"
  | "RED_GREEN"
  | "PINK_WHITE_GREEN";

/** google.cloud.aiplatform.v1.ExplanationMetadata.InputMetadata.Visualization.OverlayType */
export type ExplanationMetadataInputMetadataVisualizationOverlayType =
  | "OVERLAY_TYPE_UNSPECIFIED"
  | "NONE"
  | "ORIGINAL"
  | "GRAYSCALE"
  | "MASK_BLACK";

/** google.cloud.aiplatform.v1.ExplanationMetadata.InputMetadata.Visualization.Polarity */
export type ExplanationMetadataInputMetadataVisualizationPolarity =
  | "POLARITY_UNSPECIFIED"
  | "POSITIVE"
  | "NEGATIVE"
  | "BOTH";

/** google.cloud.aiplatform.v1.ExplanationMetadata.InputMetadata.Visualization.Type */
export type ExplanationMetadataInputMetadataVisualizationType =
  | "TYPE_UNSPECIFIED"
  | "PIXELS"
  | "OUTLINES";

/** google.cloud.aiplatform.v1.ExplanationMetadata.OutputMetadata */
export interface ExplanationMetadataOutputMetadata {
  readonly indexDisplayNameMapping?: JsonValue | undefined;
  readonly displayNameMappingKey?: string | undefined;
  readonly outputTensorName?: string | undefined;
}

/** google.cloud.aiplatform.v1.ExplanationParameters */
export interface ExplanationParameters {
  readonly sampledShapleyAttribution?: SampledShapleyAttribution | undefined;
  readonly integratedGradientsAttribution?: IntegratedGradientsAttribution | undefined;
  readonly xraiAttribution?: XraiAttribution | undefined;
  readonly examples?: Examples | undefined;
  readonly topK?: number | undefined;
  readonly outputIndices?: readonly JsonValue[] | undefined;
}

/** google.cloud.aiplatform.v1.ExplanationSpec */
export interface ExplanationSpec {
  readonly parameters?: ExplanationParameters | undefined;
  readonly metadata?: ExplanationMetadata | undefined;
}

/** google.type.Expr */
export interface Expr {
  readonly expression?: string | undefined;
  readonly title?: string | undefined;
  readonly description?: string | undefined;
  readonly location?: string | undefined;
}

/** google.cloud.aiplatform.v1.FasterDeploymentConfig */
export interface FasterDeploymentConfig {
  readonly fastTryoutEnabled?: boolean | undefined;
}

/** google.cloud.aiplatform.v1.FeatureNoiseSigma */
export interface FeatureNoiseSigma {
  readonly noiseSigma?: readonly FeatureNoiseSigmaNoiseSigmaForFeature[] | undefined;
}

/** google.cloud.aiplatform.v1.FeatureNoiseSigma.NoiseSigmaForFeature */
export interface FeatureNoiseSigmaNoiseSigmaForFeature {
  readonly name?: string | undefined;
  readonly sigma?: number | undefined;
}

/** google.cloud.aiplatform.v1.GcsDestination */
export interface GcsDestination {
  readonly outputUriPrefix?: string | undefined;
}

/** google.cloud.aiplatform.v1.GcsSource */
export interface GcsSource {
  readonly uris?: readonly string[] | undefined;
}

/** google.cloud.aiplatform.v1.GenAiAdvancedFeaturesConfig */
export interface GenAiAdvancedFeaturesConfig {
  readonly ragConfig?: GenAiAdvancedFeaturesConfigRagConfig | undefined;
}

/** google.cloud.aiplatform.v1.GenAiAdvancedFeaturesConfig.RagConfig */
export interface GenAiAdvancedFeaturesConfigRagConfig {
  readonly enableRag?: boolean | undefined;
}

/** google.cloud.aiplatform.v1.GenericOperationMetadata */
export interface GenericOperationMetadata {
  readonly partialFailures?: readonly Status[] | undefined;
  readonly createTime?: string | undefined;
  readonly updateTime?: string | undefined;
}

/** google.cloud.aiplatform.v1.GenieSource */
export interface GenieSource {
  readonly baseModelUri?: string | undefined;
}

/** google.cloud.aiplatform.v1.GetBatchPredictionJobRequest */
export interface GetBatchPredictionJobRequest {
  readonly name?: string | undefined;
}

/** google.cloud.aiplatform.v1.GetCustomJobRequest */
export interface GetCustomJobRequest {
  readonly name?: string | undefined;
}

/** google.cloud.aiplatform.v1.GetEndpointRequest */
export interface GetEndpointRequest {
  readonly name?: string | undefined;
}

/** google.iam.v1.GetIamPolicyRequest */
export interface GetIamPolicyRequest {
  readonly resource?: string | undefined;
  readonly options?: GetPolicyOptions | undefined;
}

/** google.cloud.location.GetLocationRequest */
export interface GetLocationRequest {
  readonly name?: string | undefined;
}

/** google.cloud.aiplatform.v1.GetModelRequest */
export interface GetModelRequest {
  readonly name?: string | undefined;
}

/** google.longrunning.GetOperationRequest */
export interface GetOperationRequest {
  readonly name?: string | undefined;
}

/** google.iam.v1.GetPolicyOptions */
export interface GetPolicyOptions {
  readonly requestedPolicyVersion?: number | undefined;
}

/** google.api.HttpBody */
export interface HttpBody {
  readonly contentType?: string | undefined;
  readonly data?: string | undefined;
  readonly extensions?: readonly TypedValue[] | undefined;
}

/** google.cloud.aiplatform.v1.IntegratedGradientsAttribution */
export interface IntegratedGradientsAttribution {
  readonly stepCount?: number | undefined;
  readonly smoothGradConfig?: SmoothGradConfig | undefined;
  readonly blurBaselineConfig?: BlurBaselineConfig | undefined;
}

/** google.cloud.aiplatform.v1.JobState */
export type JobState =
  | "JOB_STATE_UNSPECIFIED"
  | "JOB_STATE_QUEUED"
  | "JOB_STATE_PENDING"
  | "JOB_STATE_RUNNING"
  | "JOB_STATE_SUCCEEDED"
  | "JOB_STATE_FAILED"
  | "JOB_STATE_CANCELLING"
  | "JOB_STATE_CANCELLED"
  | "JOB_STATE_PAUSED"
  | "JOB_STATE_EXPIRED"
  | "JOB_STATE_UPDATING"
  | "JOB_STATE_PARTIALLY_SUCCEEDED";

/** google.cloud.aiplatform.v1.ListBatchPredictionJobsRequest */
export interface ListBatchPredictionJobsRequest {
  readonly parent?: string | undefined;
  readonly filter?: string | undefined;
  readonly pageSize?: number | undefined;
  readonly pageToken?: string | undefined;
  readonly readMask?: string | undefined;
}

/** google.cloud.aiplatform.v1.ListBatchPredictionJobsResponse */
export interface ListBatchPredictionJobsResponse {
  readonly batchPredictionJobs?: readonly BatchPredictionJob[] | undefined;
  readonly nextPageToken?: string | undefined;
}

/** google.cloud.aiplatform.v1.ListCustomJobsRequest */
export interface ListCustomJobsRequest {
  readonly parent?: string | undefined;
  readonly filter?: string | undefined;
  readonly pageSize?: number | undefined;
  readonly pageToken?: string | undefined;
  readonly readMask?: string | undefined;
}

/** google.cloud.aiplatform.v1.ListCustomJobsResponse */
export interface ListCustomJobsResponse {
  readonly customJobs?: readonly CustomJob[] | undefined;
  readonly nextPageToken?: string | undefined;
}

/** google.cloud.aiplatform.v1.ListEndpointsRequest */
export interface ListEndpointsRequest {
  readonly parent?: string | undefined;
  readonly filter?: string | undefined;
  readonly pageSize?: number | undefined;
  readonly pageToken?: string | undefined;
  readonly readMask?: string | undefined;
  readonly orderBy?: string | undefined;
}

/** google.cloud.aiplatform.v1.ListEndpointsResponse */
export interface ListEndpointsResponse {
  readonly endpoints?: readonly Endpoint[] | undefined;
  readonly nextPageToken?: string | undefined;
}

/** google.cloud.location.ListLocationsRequest */
export interface ListLocationsRequest {
  readonly name?: string | undefined;
  readonly filter?: string | undefined;
  readonly pageSize?: number | undefined;
  readonly pageToken?: string | undefined;
}

/** google.cloud.location.ListLocationsResponse */
export interface ListLocationsResponse {
  readonly locations?: readonly Location[] | undefined;
  readonly nextPageToken?: string | undefined;
}

/** google.cloud.aiplatform.v1.ListModelVersionsRequest */
export interface ListModelVersionsRequest {
  readonly name?: string | undefined;
  readonly pageSize?: number | undefined;
  readonly pageToken?: string | undefined;
  readonly filter?: string | undefined;
  readonly readMask?: string | undefined;
  readonly orderBy?: string | undefined;
}

/** google.cloud.aiplatform.v1.ListModelVersionsResponse */
export interface ListModelVersionsResponse {
  readonly models?: readonly Model[] | undefined;
  readonly nextPageToken?: string | undefined;
}

/** google.cloud.aiplatform.v1.ListModelsRequest */
export interface ListModelsRequest {
  readonly parent?: string | undefined;
  readonly filter?: string | undefined;
  readonly pageSize?: number | undefined;
  readonly pageToken?: string | undefined;
  readonly readMask?: string | undefined;
  readonly orderBy?: string | undefined;
}

/** google.cloud.aiplatform.v1.ListModelsResponse */
export interface ListModelsResponse {
  readonly models?: readonly Model[] | undefined;
  readonly nextPageToken?: string | undefined;
}

/** google.longrunning.ListOperationsRequest */
export interface ListOperationsRequest {
  readonly name?: string | undefined;
  readonly filter?: string | undefined;
  readonly pageSize?: number | undefined;
  readonly pageToken?: string | undefined;
}

/** google.longrunning.ListOperationsResponse */
export interface ListOperationsResponse {
  readonly operations?: readonly Operation[] | undefined;
  readonly nextPageToken?: string | undefined;
}

/** google.cloud.location.Location */
export interface Location {
  readonly name?: string | undefined;
  readonly locationId?: string | undefined;
  readonly displayName?: string | undefined;
  readonly labels?: Readonly<Record<string, string>> | undefined;
  readonly metadata?: TypedValue | undefined;
}

/** google.cloud.aiplatform.v1.LustreMount */
export interface LustreMount {
  readonly instanceIp?: string | undefined;
  readonly volumeHandle?: string | undefined;
  readonly filesystem?: string | undefined;
  readonly mountPoint?: string | undefined;
}

/** google.cloud.aiplatform.v1.MachineSpec */
export interface MachineSpec {
  readonly machineType?: string | undefined;
  readonly acceleratorType?: AcceleratorType | undefined;
  readonly acceleratorCount?: number | undefined;
  readonly gpuPartitionSize?: string | undefined;
  readonly tpuTopology?: string | undefined;
  readonly reservationAffinity?: ReservationAffinity | undefined;
}

/** google.cloud.aiplatform.v1.ManualBatchTuningParameters */
export interface ManualBatchTuningParameters {
  readonly batchSize?: number | undefined;
}

/** google.cloud.aiplatform.v1.MergeVersionAliasesRequest */
export interface MergeVersionAliasesRequest {
  readonly name?: string | undefined;
  readonly versionAliases?: readonly string[] | undefined;
}

/** google.cloud.aiplatform.v1.Model */
export interface Model {
  readonly name?: string | undefined;
  readonly versionId?: string | undefined;
  readonly versionAliases?: readonly string[] | undefined;
  readonly versionCreateTime?: string | undefined;
  readonly versionUpdateTime?: string | undefined;
  readonly displayName?: string | undefined;
  readonly description?: string | undefined;
  readonly versionDescription?: string | undefined;
  readonly defaultCheckpointId?: string | undefined;
  readonly predictSchemata?: PredictSchemata | undefined;
  readonly metadataSchemaUri?: string | undefined;
  readonly metadata?: JsonValue | undefined;
  readonly supportedExportFormats?: readonly ModelExportFormat[] | undefined;
  readonly trainingPipeline?: string | undefined;
  readonly pipelineJob?: string | undefined;
  readonly containerSpec?: ModelContainerSpec | undefined;
  readonly artifactUri?: string | undefined;
  readonly supportedDeploymentResourcesTypes?: readonly ModelDeploymentResourcesType[] | undefined;
  readonly supportedInputStorageFormats?: readonly string[] | undefined;
  readonly supportedOutputStorageFormats?: readonly string[] | undefined;
  readonly createTime?: string | undefined;
  readonly updateTime?: string | undefined;
  readonly deployedModels?: readonly DeployedModelRef[] | undefined;
  readonly explanationSpec?: ExplanationSpec | undefined;
  readonly etag?: string | undefined;
  readonly labels?: Readonly<Record<string, string>> | undefined;
  readonly dataStats?: ModelDataStats | undefined;
  readonly encryptionSpec?: EncryptionSpec | undefined;
  readonly modelSourceInfo?: ModelSourceInfo | undefined;
  readonly originalModelInfo?: ModelOriginalModelInfo | undefined;
  readonly metadataArtifact?: string | undefined;
  readonly baseModelSource?: ModelBaseModelSource | undefined;
  readonly satisfiesPzs?: boolean | undefined;
  readonly satisfiesPzi?: boolean | undefined;
  readonly checkpoints?: readonly Checkpoint[] | undefined;
}

/** google.cloud.aiplatform.v1.Model.BaseModelSource */
export interface ModelBaseModelSource {
  readonly modelGardenSource?: ModelGardenSource | undefined;
  readonly genieSource?: GenieSource | undefined;
}

/** google.cloud.aiplatform.v1.ModelContainerSpec */
export interface ModelContainerSpec {
  readonly imageUri?: string | undefined;
  readonly command?: readonly string[] | undefined;
  readonly args?: readonly string[] | undefined;
  readonly env?: readonly EnvVar[] | undefined;
  readonly ports?: readonly Port[] | undefined;
  readonly predictRoute?: string | undefined;
  readonly healthRoute?: string | undefined;
  readonly invokeRoutePrefix?: string | undefined;
  readonly grpcPorts?: readonly Port[] | undefined;
  readonly deploymentTimeout?: string | undefined;
  readonly sharedMemorySizeMb?: string | undefined;
  readonly startupProbe?: Probe | undefined;
  readonly healthProbe?: Probe | undefined;
  readonly livenessProbe?: Probe | undefined;
}

/** google.cloud.aiplatform.v1.Model.DataStats */
export interface ModelDataStats {
  readonly trainingDataItemsCount?: string | undefined;
  readonly validationDataItemsCount?: string | undefined;
  readonly testDataItemsCount?: string | undefined;
  readonly trainingAnnotationsCount?: string | undefined;
  readonly validationAnnotationsCount?: string | undefined;
  readonly testAnnotationsCount?: string | undefined;
}

/** google.cloud.aiplatform.v1.Model.DeploymentResourcesType */
export type ModelDeploymentResourcesType =
  | "DEPLOYMENT_RESOURCES_TYPE_UNSPECIFIED"
  | "DEDICATED_RESOURCES"
  | "AUTOMATIC_RESOURCES"
  | "SHARED_RESOURCES";

/** google.cloud.aiplatform.v1.Model.ExportFormat */
export interface ModelExportFormat {
  readonly id?: string | undefined;
  readonly exportableContents?: readonly ModelExportFormatExportableContent[] | undefined;
}

/** google.cloud.aiplatform.v1.Model.ExportFormat.ExportableContent */
export type ModelExportFormatExportableContent =
  | "EXPORTABLE_CONTENT_UNSPECIFIED"
  | "ARTIFACT"
  | "IMAGE";

/** google.cloud.aiplatform.v1.ModelGardenSource */
export interface ModelGardenSource {
  readonly publicModelName?: string | undefined;
  readonly versionId?: string | undefined;
  readonly skipHfModelCache?: boolean | undefined;
}

/** google.cloud.aiplatform.v1.Model.OriginalModelInfo */
export interface ModelOriginalModelInfo {
  readonly model?: string | undefined;
}

/** google.cloud.aiplatform.v1.ModelSourceInfo */
export interface ModelSourceInfo {
  readonly sourceType?: ModelSourceInfoModelSourceType | undefined;
  readonly copy?: boolean | undefined;
}

/** google.cloud.aiplatform.v1.ModelSourceInfo.ModelSourceType */
export type ModelSourceInfoModelSourceType =
  | "MODEL_SOURCE_TYPE_UNSPECIFIED"
  | "AUTOML"
  | "CUSTOM"
  | "BQML"
  | "MODEL_GARDEN"
  | "GENIE"
  | "CUSTOM_TEXT_EMBEDDING"
  | "MARKETPLACE";

/** google.cloud.aiplatform.v1.MutateDeployedModelOperationMetadata */
export interface MutateDeployedModelOperationMetadata {
  readonly genericMetadata?: GenericOperationMetadata | undefined;
}

/** google.cloud.aiplatform.v1.MutateDeployedModelRequest */
export interface MutateDeployedModelRequest {
  readonly endpoint?: string | undefined;
  readonly deployedModel?: DeployedModel | undefined;
  readonly updateMask?: string | undefined;
}

/** google.cloud.aiplatform.v1.MutateDeployedModelResponse */
export interface MutateDeployedModelResponse {
  readonly deployedModel?: DeployedModel | undefined;
}

/** google.cloud.aiplatform.v1.NfsMount */
export interface NfsMount {
  readonly server?: string | undefined;
  readonly path?: string | undefined;
  readonly mountPoint?: string | undefined;
}

/** google.longrunning.Operation */
export interface Operation {
  readonly name?: string | undefined;
  readonly metadata?: TypedValue | undefined;
  readonly done?: boolean | undefined;
  readonly error?: Status | undefined;
  readonly response?: TypedValue | undefined;
}

/** google.cloud.aiplatform.v1.PSCAutomationConfig */
export interface PSCAutomationConfig {
  readonly projectId?: string | undefined;
  readonly network?: string | undefined;
  readonly ipAddress?: string | undefined;
  readonly forwardingRule?: string | undefined;
  readonly state?: PSCAutomationState | undefined;
  readonly errorMessage?: string | undefined;
}

/** google.cloud.aiplatform.v1.PSCAutomationState */
export type PSCAutomationState =
  | "PSC_AUTOMATION_STATE_UNSPECIFIED"
  | "PSC_AUTOMATION_STATE_SUCCESSFUL"
  | "PSC_AUTOMATION_STATE_FAILED";

/** google.iam.v1.Policy */
export interface Policy {
  readonly version?: number | undefined;
  readonly bindings?: readonly Binding[] | undefined;
  readonly etag?: string | undefined;
}

/** google.cloud.aiplatform.v1.Port */
export interface Port {
  readonly containerPort?: number | undefined;
}

/** google.cloud.aiplatform.v1.PredictRequest */
export interface PredictRequest {
  readonly endpoint?: string | undefined;
  readonly instances?: readonly JsonValue[] | undefined;
  readonly parameters?: JsonValue | undefined;
  readonly labels?: Readonly<Record<string, string>> | undefined;
}

/** google.cloud.aiplatform.v1.PredictRequestResponseLoggingConfig */
export interface PredictRequestResponseLoggingConfig {
  readonly enabled?: boolean | undefined;
  readonly samplingRate?: number | undefined;
  readonly bigqueryDestination?: BigQueryDestination | undefined;
}

/** google.cloud.aiplatform.v1.PredictResponse */
export interface PredictResponse {
  readonly predictions?: readonly JsonValue[] | undefined;
  readonly deployedModelId?: string | undefined;
  readonly model?: string | undefined;
  readonly modelVersionId?: string | undefined;
  readonly modelDisplayName?: string | undefined;
  readonly metadata?: JsonValue | undefined;
}

/** google.cloud.aiplatform.v1.PredictSchemata */
export interface PredictSchemata {
  readonly instanceSchemaUri?: string | undefined;
  readonly parametersSchemaUri?: string | undefined;
  readonly predictionSchemaUri?: string | undefined;
}

/** google.cloud.aiplatform.v1.Presets */
export interface Presets {
  readonly query?: PresetsQuery | undefined;
  readonly modality?: PresetsModality | undefined;
}

/** google.cloud.aiplatform.v1.Presets.Modality */
export type PresetsModality =
  | "MODALITY_UNSPECIFIED"
  | "IMAGE"
  | "TEXT"
  | "TABULAR";

/** google.cloud.aiplatform.v1.Presets.Query */
export type PresetsQuery =
  | "PRECISE"
  | "FAST";

/** google.cloud.aiplatform.v1.PrivateEndpoints */
export interface PrivateEndpoints {
  readonly predictHttpUri?: string | undefined;
  readonly explainHttpUri?: string | undefined;
  readonly healthHttpUri?: string | undefined;
  readonly serviceAttachment?: string | undefined;
}

/** google.cloud.aiplatform.v1.PrivateServiceConnectConfig */
export interface PrivateServiceConnectConfig {
  readonly enablePrivateServiceConnect?: boolean | undefined;
  readonly projectAllowlist?: readonly string[] | undefined;
  readonly pscAutomationConfigs?: readonly PSCAutomationConfig[] | undefined;
  readonly serviceAttachment?: string | undefined;
}

/** google.cloud.aiplatform.v1.Probe */
export interface Probe {
  readonly exec?: ProbeExecAction | undefined;
  readonly httpGet?: ProbeHttpGetAction | undefined;
  readonly grpc?: ProbeGrpcAction | undefined;
  readonly tcpSocket?: ProbeTcpSocketAction | undefined;
  readonly periodSeconds?: number | undefined;
  readonly timeoutSeconds?: number | undefined;
  readonly failureThreshold?: number | undefined;
  readonly successThreshold?: number | undefined;
  readonly initialDelaySeconds?: number | undefined;
}

/** google.cloud.aiplatform.v1.Probe.ExecAction */
export interface ProbeExecAction {
  readonly command?: readonly string[] | undefined;
}

/** google.cloud.aiplatform.v1.Probe.GrpcAction */
export interface ProbeGrpcAction {
  readonly port?: number | undefined;
  readonly service?: string | undefined;
}

/** google.cloud.aiplatform.v1.Probe.HttpGetAction */
export interface ProbeHttpGetAction {
  readonly path?: string | undefined;
  readonly port?: number | undefined;
  readonly host?: string | undefined;
  readonly scheme?: string | undefined;
  readonly httpHeaders?: readonly ProbeHttpHeader[] | undefined;
}

/** google.cloud.aiplatform.v1.Probe.HttpHeader */
export interface ProbeHttpHeader {
  readonly name?: string | undefined;
  readonly value?: string | undefined;
}

/** google.cloud.aiplatform.v1.Probe.TcpSocketAction */
export interface ProbeTcpSocketAction {
  readonly port?: number | undefined;
  readonly host?: string | undefined;
}

/** google.cloud.aiplatform.v1.PscInterfaceConfig */
export interface PscInterfaceConfig {
  readonly networkAttachment?: string | undefined;
  readonly dnsPeeringConfigs?: readonly DnsPeeringConfig[] | undefined;
}

/** google.cloud.aiplatform.v1.PythonPackageSpec */
export interface PythonPackageSpec {
  readonly executorImageUri?: string | undefined;
  readonly packageUris?: readonly string[] | undefined;
  readonly pythonModule?: string | undefined;
  readonly args?: readonly string[] | undefined;
  readonly env?: readonly EnvVar[] | undefined;
}

/** google.cloud.aiplatform.v1.RawPredictRequest */
export interface RawPredictRequest {
  readonly endpoint?: string | undefined;
  readonly httpBody?: HttpBody | undefined;
}

/** google.cloud.aiplatform.v1.ReservationAffinity */
export interface ReservationAffinity {
  readonly reservationAffinityType?: ReservationAffinityType | undefined;
  readonly key?: string | undefined;
  readonly values?: readonly string[] | undefined;
}

/** google.cloud.aiplatform.v1.ReservationAffinity.Type */
export type ReservationAffinityType =
  | "TYPE_UNSPECIFIED"
  | "NO_RESERVATION"
  | "ANY_RESERVATION"
  | "SPECIFIC_RESERVATION";

/** google.cloud.aiplatform.v1.ResourcesConsumed */
export interface ResourcesConsumed {
  readonly replicaHours?: number | undefined;
}

/** google.cloud.aiplatform.v1.SampledShapleyAttribution */
export interface SampledShapleyAttribution {
  readonly pathCount?: number | undefined;
}

/** google.cloud.aiplatform.v1.Scheduling */
export interface Scheduling {
  readonly timeout?: string | undefined;
  readonly restartJobOnWorkerRestart?: boolean | undefined;
  readonly strategy?: SchedulingStrategy | undefined;
  readonly disableRetries?: boolean | undefined;
  readonly maxWaitDuration?: string | undefined;
}

/** google.cloud.aiplatform.v1.Scheduling.Strategy */
export type SchedulingStrategy =
  | "STRATEGY_UNSPECIFIED"
  | "ON_DEMAND"
  | "LOW_COST"
  | "STANDARD"
  | "SPOT"
  | "FLEX_START";

/** google.iam.v1.SetIamPolicyRequest */
export interface SetIamPolicyRequest {
  readonly resource?: string | undefined;
  readonly policy?: Policy | undefined;
}

/** google.cloud.aiplatform.v1.SmoothGradConfig */
export interface SmoothGradConfig {
  readonly noiseSigma?: number | undefined;
  readonly featureNoiseSigma?: FeatureNoiseSigma | undefined;
  readonly noisySampleCount?: number | undefined;
}

/** google.cloud.aiplatform.v1.SpeculativeDecodingSpec */
export interface SpeculativeDecodingSpec {
  readonly draftModelSpeculation?: SpeculativeDecodingSpecDraftModelSpeculation | undefined;
  readonly ngramSpeculation?: SpeculativeDecodingSpecNgramSpeculation | undefined;
  readonly speculativeTokenCount?: number | undefined;
}

/** google.cloud.aiplatform.v1.SpeculativeDecodingSpec.DraftModelSpeculation */
export interface SpeculativeDecodingSpecDraftModelSpeculation {
  readonly draftModel?: string | undefined;
}

/** google.cloud.aiplatform.v1.SpeculativeDecodingSpec.NgramSpeculation */
export interface SpeculativeDecodingSpecNgramSpeculation {
  readonly ngramSize?: number | undefined;
}

/** google.rpc.Status */
export interface Status {
  readonly code?: number | undefined;
  readonly message?: string | undefined;
  readonly details?: readonly TypedValue[] | undefined;
}

/** google.iam.v1.TestIamPermissionsRequest */
export interface TestIamPermissionsRequest {
  readonly resource?: string | undefined;
  readonly permissions?: readonly string[] | undefined;
}

/** google.iam.v1.TestIamPermissionsResponse */
export interface TestIamPermissionsResponse {
  readonly permissions?: readonly string[] | undefined;
}

/** google.cloud.aiplatform.v1.UndeployModelOperationMetadata */
export interface UndeployModelOperationMetadata {
  readonly genericMetadata?: GenericOperationMetadata | undefined;
}

/** google.cloud.aiplatform.v1.UndeployModelRequest */
export interface UndeployModelRequest {
  readonly endpoint?: string | undefined;
  readonly deployedModelId?: string | undefined;
  readonly trafficSplit?: Readonly<Record<string, number>> | undefined;
}

/** google.cloud.aiplatform.v1.UndeployModelResponse */
export interface UndeployModelResponse {

}

/** google.cloud.aiplatform.v1.UnmanagedContainerModel */
export interface UnmanagedContainerModel {
  readonly artifactUri?: string | undefined;
  readonly predictSchemata?: PredictSchemata | undefined;
  readonly containerSpec?: ModelContainerSpec | undefined;
}

/** google.cloud.aiplatform.v1.UpdateEndpointRequest */
export interface UpdateEndpointRequest {
  readonly endpoint?: Endpoint | undefined;
  readonly updateMask?: string | undefined;
}

/** google.cloud.aiplatform.v1.UpdateModelRequest */
export interface UpdateModelRequest {
  readonly model?: Model | undefined;
  readonly updateMask?: string | undefined;
}

/** google.cloud.aiplatform.v1.UploadModelOperationMetadata */
export interface UploadModelOperationMetadata {
  readonly genericMetadata?: GenericOperationMetadata | undefined;
}

/** google.cloud.aiplatform.v1.UploadModelRequest */
export interface UploadModelRequest {
  readonly parent?: string | undefined;
  readonly parentModel?: string | undefined;
  readonly modelId?: string | undefined;
  readonly model?: Model | undefined;
  readonly serviceAccount?: string | undefined;
}

/** google.cloud.aiplatform.v1.UploadModelResponse */
export interface UploadModelResponse {
  readonly model?: string | undefined;
  readonly modelVersionId?: string | undefined;
}

/** google.cloud.aiplatform.v1.VertexMultimodalDatasetDestination */
export interface VertexMultimodalDatasetDestination {
  readonly bigqueryDestination?: BigQueryDestination | undefined;
  readonly displayName?: string | undefined;
}

/** google.cloud.aiplatform.v1.VertexMultimodalDatasetSource */
export interface VertexMultimodalDatasetSource {
  readonly datasetName?: string | undefined;
}

/** google.longrunning.WaitOperationRequest */
export interface WaitOperationRequest {
  readonly name?: string | undefined;
  readonly timeout?: string | undefined;
}

/** google.cloud.aiplatform.v1.WorkerPoolSpec */
export interface WorkerPoolSpec {
  readonly containerSpec?: ContainerSpec | undefined;
  readonly pythonPackageSpec?: PythonPackageSpec | undefined;
  readonly machineSpec?: MachineSpec | undefined;
  readonly replicaCount?: string | undefined;
  readonly nfsMounts?: readonly NfsMount[] | undefined;
  readonly lustreMounts?: readonly LustreMount[] | undefined;
  readonly diskSpec?: DiskSpec | undefined;
}

/** google.cloud.aiplatform.v1.XraiAttribution */
export interface XraiAttribution {
  readonly stepCount?: number | undefined;
  readonly smoothGradConfig?: SmoothGradConfig | undefined;
  readonly blurBaselineConfig?: BlurBaselineConfig | undefined;
}

export type Methods = {
  readonly "ModelService.UploadModel": { readonly request: UploadModelRequest; readonly response: Operation };
  readonly "ModelService.GetModel": { readonly request: GetModelRequest; readonly response: Model };
  readonly "ModelService.ListModels": { readonly request: ListModelsRequest; readonly response: ListModelsResponse };
  readonly "ModelService.ListModelVersions": { readonly request: ListModelVersionsRequest; readonly response: ListModelVersionsResponse };
  readonly "ModelService.UpdateModel": { readonly request: UpdateModelRequest; readonly response: Model };
  readonly "ModelService.MergeVersionAliases": { readonly request: MergeVersionAliasesRequest; readonly response: Model };
  readonly "ModelService.DeleteModel": { readonly request: DeleteModelRequest; readonly response: Operation };
  readonly "ModelService.DeleteModelVersion": { readonly request: DeleteModelVersionRequest; readonly response: Operation };
  readonly "EndpointService.CreateEndpoint": { readonly request: CreateEndpointRequest; readonly response: Operation };
  readonly "EndpointService.GetEndpoint": { readonly request: GetEndpointRequest; readonly response: Endpoint };
  readonly "EndpointService.ListEndpoints": { readonly request: ListEndpointsRequest; readonly response: ListEndpointsResponse };
  readonly "EndpointService.UpdateEndpoint": { readonly request: UpdateEndpointRequest; readonly response: Endpoint };
  readonly "EndpointService.DeleteEndpoint": { readonly request: DeleteEndpointRequest; readonly response: Operation };
  readonly "EndpointService.DeployModel": { readonly request: DeployModelRequest; readonly response: Operation };
  readonly "EndpointService.UndeployModel": { readonly request: UndeployModelRequest; readonly response: Operation };
  readonly "EndpointService.MutateDeployedModel": { readonly request: MutateDeployedModelRequest; readonly response: Operation };
  readonly "PredictionService.Predict": { readonly request: PredictRequest; readonly response: PredictResponse };
  readonly "PredictionService.RawPredict": { readonly request: RawPredictRequest; readonly response: HttpBody };
  readonly "JobService.CreateCustomJob": { readonly request: CreateCustomJobRequest; readonly response: CustomJob };
  readonly "JobService.GetCustomJob": { readonly request: GetCustomJobRequest; readonly response: CustomJob };
  readonly "JobService.ListCustomJobs": { readonly request: ListCustomJobsRequest; readonly response: ListCustomJobsResponse };
  readonly "JobService.CancelCustomJob": { readonly request: CancelCustomJobRequest; readonly response: Readonly<Record<string, never>> };
  readonly "JobService.DeleteCustomJob": { readonly request: DeleteCustomJobRequest; readonly response: Operation };
  readonly "JobService.CreateBatchPredictionJob": { readonly request: CreateBatchPredictionJobRequest; readonly response: BatchPredictionJob };
  readonly "JobService.GetBatchPredictionJob": { readonly request: GetBatchPredictionJobRequest; readonly response: BatchPredictionJob };
  readonly "JobService.ListBatchPredictionJobs": { readonly request: ListBatchPredictionJobsRequest; readonly response: ListBatchPredictionJobsResponse };
  readonly "JobService.CancelBatchPredictionJob": { readonly request: CancelBatchPredictionJobRequest; readonly response: Readonly<Record<string, never>> };
  readonly "JobService.DeleteBatchPredictionJob": { readonly request: DeleteBatchPredictionJobRequest; readonly response: Operation };
  readonly "Operations.GetOperation": { readonly request: GetOperationRequest; readonly response: Operation };
  readonly "Operations.ListOperations": { readonly request: ListOperationsRequest; readonly response: ListOperationsResponse };
  readonly "Operations.CancelOperation": { readonly request: CancelOperationRequest; readonly response: Readonly<Record<string, never>> };
  readonly "Operations.DeleteOperation": { readonly request: DeleteOperationRequest; readonly response: Readonly<Record<string, never>> };
  readonly "Operations.WaitOperation": { readonly request: WaitOperationRequest; readonly response: Operation };
  readonly "Locations.ListLocations": { readonly request: ListLocationsRequest; readonly response: ListLocationsResponse };
  readonly "Locations.GetLocation": { readonly request: GetLocationRequest; readonly response: Location };
  readonly "IAMPolicy.GetIamPolicy": { readonly request: GetIamPolicyRequest; readonly response: Policy };
  readonly "IAMPolicy.SetIamPolicy": { readonly request: SetIamPolicyRequest; readonly response: Policy };
  readonly "IAMPolicy.TestIamPermissions": { readonly request: TestIamPermissionsRequest; readonly response: TestIamPermissionsResponse };
};
