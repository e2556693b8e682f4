// Generated from the protos of @google-cloud/run; do not edit. Written and checked by platform/contract/typeScript.ts.

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

/** google.iam.v1.AuditConfig */
export interface AuditConfig {
  readonly service?: string | undefined;
  readonly auditLogConfigs?: readonly AuditLogConfig[] | undefined;
}

/** google.iam.v1.AuditLogConfig */
export interface AuditLogConfig {
  readonly logType?: AuditLogConfigLogType | undefined;
  readonly exemptedMembers?: readonly string[] | undefined;
}

/** google.iam.v1.AuditLogConfig.LogType */
export type AuditLogConfigLogType =
  | "LOG_TYPE_UNSPECIFIED"
  | "ADMIN_READ"
  | "DATA_WRITE"
  | "DATA_READ";

/** google.cloud.run.v2.BinaryAuthorization */
export interface BinaryAuthorization {
  readonly useDefault?: boolean | undefined;
  readonly policy?: string | undefined;
  readonly breakglassJustification?: string | undefined;
}

/** google.iam.v1.Binding */
export interface Binding {
  readonly role?: string | undefined;
  readonly members?: readonly string[] | undefined;
  readonly condition?: Expr | undefined;
}

/** google.cloud.run.v2.BuildConfig */
export interface BuildConfig {
  readonly name?: string | undefined;
  readonly sourceLocation?: string | undefined;
  readonly functionTarget?: string | undefined;
  readonly imageUri?: string | undefined;
  readonly baseImage?: string | undefined;
  readonly enableAutomaticUpdates?: boolean | undefined;
  readonly workerPool?: string | undefined;
  readonly environmentVariables?: Readonly<Record<string, string>> | undefined;
  readonly serviceAccount?: string | undefined;
}

/** google.cloud.run.v2.BuildInfo */
export interface BuildInfo {
  readonly functionTarget?: string | undefined;
  readonly sourceLocation?: string | undefined;
}

/** google.cloud.run.v2.CloudSqlInstance */
export interface CloudSqlInstance {
  readonly instances?: readonly string[] | undefined;
}

/** google.cloud.run.v2.Condition */
export interface Condition {
  readonly type?: string | undefined;
  readonly state?: ConditionState | undefined;
  readonly message?: string | undefined;
  readonly lastTransitionTime?: string | undefined;
  readonly severity?: ConditionSeverity | undefined;
  readonly reason?: ConditionCommonReason | undefined;
  readonly revisionReason?: ConditionRevisionReason | undefined;
  readonly executionReason?: ConditionExecutionReason | undefined;
}

/** google.cloud.run.v2.Condition.CommonReason */
export type ConditionCommonReason =
  | "COMMON_REASON_UNDEFINED"
  | "UNKNOWN"
  | "REVISION_FAILED"
  | "PROGRESS_DEADLINE_EXCEEDED"
  | "CONTAINER_MISSING"
  | "CONTAINER_PERMISSION_DENIED"
  | "CONTAINER_IMAGE_UNAUTHORIZED"
  | "CONTAINER_IMAGE_AUTHORIZATION_CHECK_FAILED"
  | "ENCRYPTION_KEY_PERMISSION_DENIED"
  | "ENCRYPTION_KEY_CHECK_FAILED"
  | "SECRETS_ACCESS_CHECK_FAILED"
  | "WAITING_FOR_OPERATION"
  | "IMMEDIATE_RETRY"
  | "POSTPONED_RETRY"
  | "INTERNAL"
  | "VPC_NETWORK_NOT_FOUND";

/** google.cloud.run.v2.Condition.ExecutionReason */
export type ConditionExecutionReason =
  | "EXECUTION_REASON_UNDEFINED"
  | "JOB_STATUS_SERVICE_POLLING_ERROR"
  | "NON_ZERO_EXIT_CODE"
  | "CANCELLED"
  | "CANCELLING"
  | "DELETED"
  | "DELAYED_START_PENDING";

/** google.cloud.run.v2.Condition.RevisionReason */
export type ConditionRevisionReason =
  | "REVISION_REASON_UNDEFINED"
  | "PENDING"
  | "RESERVE"
  | "RETIRED"
  | "RETIRING"
  | "RECREATING"
  | "HEALTH_CHECK_CONTAINER_ERROR"
  | "CUSTOMIZED_PATH_RESPONSE_PENDING"
  | "MIN_INSTANCES_NOT_PROVISIONED"
  | "ACTIVE_REVISION_LIMIT_REACHED"
  | "NO_DEPLOYMENT"
  | "HEALTH_CHECK_SKIPPED"
  | "MIN_INSTANCES_WARMING";

/** google.cloud.run.v2.Condition.Severity */
export type ConditionSeverity =
  | "SEVERITY_UNSPECIFIED"
  | "ERROR"
  | "WARNING"
  | "INFO";

/** google.cloud.run.v2.Condition.State */
export type ConditionState =
  | "STATE_UNSPECIFIED"
  | "CONDITION_PENDING"
  | "CONDITION_RECONCILING"
  | "CONDITION_FAILED"
  | "CONDITION_SUCCEEDED";

/** google.cloud.run.v2.Container */
export interface Container {
  readonly name?: string | undefined;
  readonly image?: string | undefined;
  readonly sourceCode?: SourceCode | undefined;
  readonly command?: readonly string[] | undefined;
  readonly args?: readonly string[] | undefined;
  readonly env?: readonly EnvVar[] | undefined;
  readonly resources?: ResourceRequirements | undefined;
  readonly ports?: readonly ContainerPort[] | undefined;
  readonly volumeMounts?: readonly VolumeMount[] | undefined;
  readonly workingDir?: string | undefined;
  readonly livenessProbe?: Probe | undefined;
  readonly startupProbe?: Probe | undefined;
  readonly readinessProbe?: Probe | undefined;
  readonly dependsOn?: readonly string[] | undefined;
  readonly baseImageUri?: string | undefined;
  readonly buildInfo?: BuildInfo | undefined;
}

/** google.cloud.run.v2.ContainerPort */
export interface ContainerPort {
  readonly name?: string | undefined;
  readonly containerPort?: number | undefined;
}

/** google.cloud.run.v2.CreateServiceRequest */
export interface CreateServiceRequest {
  readonly parent?: string | undefined;
  readonly service?: Service | undefined;
  readonly serviceId?: string | undefined;
  readonly validateOnly?: boolean | undefined;
}

/** google.longrunning.DeleteOperationRequest */
export interface DeleteOperationRequest {
  readonly name?: string | undefined;
}

/** google.cloud.run.v2.DeleteRevisionRequest */
export interface DeleteRevisionRequest {
  readonly name?: string | undefined;
  readonly validateOnly?: boolean | undefined;
  readonly etag?: string | undefined;
}

/** google.cloud.run.v2.DeleteServiceRequest */
export interface DeleteServiceRequest {
  readonly name?: string | undefined;
  readonly validateOnly?: boolean | undefined;
  readonly etag?: string | undefined;
}

/** google.cloud.run.v2.EmptyDirVolumeSource */
export interface EmptyDirVolumeSource {
  readonly medium?: EmptyDirVolumeSourceMedium | undefined;
  readonly sizeLimit?: string | undefined;
}

/** google.cloud.run.v2.EmptyDirVolumeSource.Medium */
export type EmptyDirVolumeSourceMedium =
  | "MEDIUM_UNSPECIFIED"
  | "MEMORY";

/** google.cloud.run.v2.EncryptionKeyRevocationAction */
export type EncryptionKeyRevocationAction =
  | "ENCRYPTION_KEY_REVOCATION_ACTION_UNSPECIFIED"
  | "PREVENT_NEW"
  | "SHUTDOWN";

/** google.cloud.run.v2.EnvVar */
export interface EnvVar {
  readonly name?: string | undefined;
  readonly value?: string | undefined;
  readonly valueSource?: EnvVarSource | undefined;
}

/** google.cloud.run.v2.EnvVarSource */
export interface EnvVarSource {
  readonly secretKeyRef?: SecretKeySelector | undefined;
}

/** google.cloud.run.v2.ExecutionEnvironment */
export type ExecutionEnvironment =
  | "EXECUTION_ENVIRONMENT_UNSPECIFIED"
  | "EXECUTION_ENVIRONMENT_GEN1"
  | "EXECUTION_ENVIRONMENT_GEN2";

/** google.type.Expr */
export interface Expr {
  readonly expression?: string | undefined;
  readonly title?: string | undefined;
  readonly description?: string | undefined;
  readonly location?: string | undefined;
}

/** google.cloud.run.v2.GCSVolumeSource */
export interface GCSVolumeSource {
  readonly bucket?: string | undefined;
  readonly readOnly?: boolean | undefined;
  readonly mountOptions?: readonly string[] | undefined;
}

/** google.cloud.run.v2.GRPCAction */
export interface GRPCAction {
  readonly port?: number | undefined;
  readonly service?: string | undefined;
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

/** google.longrunning.GetOperationRequest */
export interface GetOperationRequest {
  readonly name?: string | undefined;
}

/** google.iam.v1.GetPolicyOptions */
export interface GetPolicyOptions {
  readonly requestedPolicyVersion?: number | undefined;
}

/** google.cloud.run.v2.GetRevisionRequest */
export interface GetRevisionRequest {
  readonly name?: string | undefined;
}

/** google.cloud.run.v2.GetServiceRequest */
export interface GetServiceRequest {
  readonly name?: string | undefined;
}

/** google.cloud.run.v2.HTTPGetAction */
export interface HTTPGetAction {
  readonly path?: string | undefined;
  readonly httpHeaders?: readonly HTTPHeader[] | undefined;
  readonly port?: number | undefined;
}

/** google.cloud.run.v2.HTTPHeader */
export interface HTTPHeader {
  readonly name?: string | undefined;
  readonly value?: string | undefined;
}

/** google.cloud.run.v2.IngressTraffic */
export type IngressTraffic =
  | "INGRESS_TRAFFIC_UNSPECIFIED"
  | "INGRESS_TRAFFIC_ALL"
  | "INGRESS_TRAFFIC_INTERNAL_ONLY"
  | "INGRESS_TRAFFIC_INTERNAL_LOAD_BALANCER"
  | "INGRESS_TRAFFIC_NONE";

/** google.api.LaunchStage */
export type LaunchStage =
  | "LAUNCH_STAGE_UNSPECIFIED"
  | "UNIMPLEMENTED"
  | "PRELAUNCH"
  | "EARLY_ACCESS"
  | "ALPHA"
  | "BETA"
  | "GA"
  | "DEPRECATED";

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

/** google.cloud.run.v2.ListRevisionsRequest */
export interface ListRevisionsRequest {
  readonly parent?: string | undefined;
  readonly pageSize?: number | undefined;
  readonly pageToken?: string | undefined;
  readonly showDeleted?: boolean | undefined;
}

/** google.cloud.run.v2.ListRevisionsResponse */
export interface ListRevisionsResponse {
  readonly revisions?: readonly Revision[] | undefined;
  readonly nextPageToken?: string | undefined;
}

/** google.cloud.run.v2.ListServicesRequest */
export interface ListServicesRequest {
  readonly parent?: string | undefined;
  readonly pageSize?: number | undefined;
  readonly pageToken?: string | undefined;
  readonly showDeleted?: boolean | undefined;
}

/** google.cloud.run.v2.ListServicesResponse */
export interface ListServicesResponse {
  readonly services?: readonly Service[] | undefined;
  readonly nextPageToken?: string | undefined;
  readonly unreachable?: readonly string[] | undefined;
}

/** google.cloud.location.Location */
export interface Location {
  readonly name?: string | undefined;
  readonly locationId?: string | undefined;
  readonly displayName?: string | undefined;
  readonly labels?: Readonly<Record<string, string>> | undefined;
  readonly metadata?: TypedValue | undefined;
}

/** google.cloud.run.v2.NFSVolumeSource */
export interface NFSVolumeSource {
  readonly server?: string | undefined;
  readonly path?: string | undefined;
  readonly readOnly?: boolean | undefined;
}

/** google.cloud.run.v2.NodeSelector */
export interface NodeSelector {
  readonly accelerator?: string | undefined;
}

/** google.longrunning.Operation */
export interface Operation {
  readonly name?: string | undefined;
  readonly metadata?: TypedValue | undefined;
  readonly done?: boolean | undefined;
  readonly error?: Status | undefined;
  readonly response?: TypedValue | undefined;
}

/** google.iam.v1.Policy */
export interface Policy {
  readonly version?: number | undefined;
  readonly bindings?: readonly Binding[] | undefined;
  readonly auditConfigs?: readonly AuditConfig[] | undefined;
  readonly etag?: string | undefined;
}

/** google.cloud.run.v2.Probe */
export interface Probe {
  readonly initialDelaySeconds?: number | undefined;
  readonly timeoutSeconds?: number | undefined;
  readonly periodSeconds?: number | undefined;
  readonly failureThreshold?: number | undefined;
  readonly httpGet?: HTTPGetAction | undefined;
  readonly tcpSocket?: TCPSocketAction | undefined;
  readonly grpc?: GRPCAction | undefined;
}

/** google.cloud.run.v2.ResourceRequirements */
export interface ResourceRequirements {
  readonly limits?: Readonly<Record<string, string>> | undefined;
  readonly cpuIdle?: boolean | undefined;
  readonly startupCpuBoost?: boolean | undefined;
}

/** google.cloud.run.v2.Revision */
export interface Revision {
  readonly name?: string | undefined;
  readonly uid?: string | undefined;
  readonly generation?: string | undefined;
  readonly labels?: Readonly<Record<string, string>> | undefined;
  readonly annotations?: Readonly<Record<string, string>> | undefined;
  readonly createTime?: string | undefined;
  readonly updateTime?: string | undefined;
  readonly deleteTime?: string | undefined;
  readonly expireTime?: string | undefined;
  readonly launchStage?: LaunchStage | undefined;
  readonly service?: string | undefined;
  readonly scaling?: RevisionScaling | undefined;
  readonly vpcAccess?: VpcAccess | undefined;
  readonly maxInstanceRequestConcurrency?: number | undefined;
  readonly timeout?: string | undefined;
  readonly serviceAccount?: string | undefined;
  readonly containers?: readonly Container[] | undefined;
  readonly volumes?: readonly Volume[] | undefined;
  readonly executionEnvironment?: ExecutionEnvironment | undefined;
  readonly encryptionKey?: string | undefined;
  readonly serviceMesh?: ServiceMesh | undefined;
  readonly encryptionKeyRevocationAction?: EncryptionKeyRevocationAction | undefined;
  readonly encryptionKeyShutdownDuration?: string | undefined;
  readonly reconciling?: boolean | undefined;
  readonly conditions?: readonly Condition[] | undefined;
  readonly observedGeneration?: string | undefined;
  readonly logUri?: string | undefined;
  readonly satisfiesPzs?: boolean | undefined;
  readonly sessionAffinity?: boolean | undefined;
  readonly scalingStatus?: RevisionScalingStatus | undefined;
  readonly nodeSelector?: NodeSelector | undefined;
  readonly gpuZonalRedundancyDisabled?: boolean | undefined;
  readonly creator?: string | undefined;
  readonly etag?: string | undefined;
}

/** google.cloud.run.v2.RevisionScaling */
export interface RevisionScaling {
  readonly minInstanceCount?: number | undefined;
  readonly maxInstanceCount?: number | undefined;
}

/** google.cloud.run.v2.RevisionScalingStatus */
export interface RevisionScalingStatus {
  readonly desiredMinInstanceCount?: number | undefined;
}

/** google.cloud.run.v2.RevisionTemplate */
export interface RevisionTemplate {
  readonly revision?: string | undefined;
  readonly labels?: Readonly<Record<string, string>> | undefined;
  readonly annotations?: Readonly<Record<string, string>> | undefined;
  readonly scaling?: RevisionScaling | undefined;
  readonly vpcAccess?: VpcAccess | undefined;
  readonly timeout?: string | undefined;
  readonly serviceAccount?: string | undefined;
  readonly containers?: readonly Container[] | undefined;
  readonly volumes?: readonly Volume[] | undefined;
  readonly executionEnvironment?: ExecutionEnvironment | undefined;
  readonly encryptionKey?: string | undefined;
  readonly maxInstanceRequestConcurrency?: number | undefined;
  readonly serviceMesh?: ServiceMesh | undefined;
  readonly encryptionKeyRevocationAction?: EncryptionKeyRevocationAction | undefined;
  readonly encryptionKeyShutdownDuration?: string | undefined;
  readonly sessionAffinity?: boolean | undefined;
  readonly healthCheckDisabled?: boolean | undefined;
  readonly nodeSelector?: NodeSelector | undefined;
  readonly gpuZonalRedundancyDisabled?: boolean | undefined;
}

/** google.cloud.run.v2.SecretKeySelector */
export interface SecretKeySelector {
  readonly secret?: string | undefined;
  readonly version?: string | undefined;
}

/** google.cloud.run.v2.SecretVolumeSource */
export interface SecretVolumeSource {
  readonly secret?: string | undefined;
  readonly items?: readonly VersionToPath[] | undefined;
  readonly defaultMode?: number | undefined;
}

/** google.cloud.run.v2.Service */
export interface Service {
  readonly name?: string | undefined;
  readonly description?: string | undefined;
  readonly uid?: string | undefined;
  readonly generation?: string | undefined;
  readonly labels?: Readonly<Record<string, string>> | undefined;
  readonly annotations?: Readonly<Record<string, string>> | undefined;
  readonly createTime?: string | undefined;
  readonly updateTime?: string | undefined;
  readonly deleteTime?: string | undefined;
  readonly expireTime?: string | undefined;
  readonly creator?: string | undefined;
  readonly lastModifier?: string | undefined;
  readonly client?: string | undefined;
  readonly clientVersion?: string | undefined;
  readonly ingress?: IngressTraffic | undefined;
  readonly launchStage?: LaunchStage | undefined;
  readonly binaryAuthorization?: BinaryAuthorization | undefined;
  readonly template?: RevisionTemplate | undefined;
  readonly traffic?: readonly TrafficTarget[] | undefined;
  readonly scaling?: ServiceScaling | undefined;
  readonly invokerIamDisabled?: boolean | undefined;
  readonly defaultUriDisabled?: boolean | undefined;
  readonly urls?: readonly string[] | undefined;
  readonly iapEnabled?: boolean | undefined;
  readonly multiRegionSettings?: ServiceMultiRegionSettings | undefined;
  readonly customAudiences?: readonly string[] | undefined;
  readonly observedGeneration?: string | undefined;
  readonly terminalCondition?: Condition | undefined;
  readonly conditions?: readonly Condition[] | undefined;
  readonly latestReadyRevision?: string | undefined;
  readonly latestCreatedRevision?: string | undefined;
  readonly trafficStatuses?: readonly TrafficTargetStatus[] | undefined;
  readonly uri?: string | undefined;
  readonly satisfiesPzs?: boolean | undefined;
  readonly threatDetectionEnabled?: boolean | undefined;
  readonly buildConfig?: BuildConfig | undefined;
  readonly reconciling?: boolean | undefined;
  readonly etag?: string | undefined;
}

/** google.cloud.run.v2.ServiceMesh */
export interface ServiceMesh {
  readonly mesh?: string | undefined;
}

/** google.cloud.run.v2.Service.MultiRegionSettings */
export interface ServiceMultiRegionSettings {
  readonly regions?: readonly string[] | undefined;
  readonly multiRegionId?: string | undefined;
}

/** google.cloud.run.v2.ServiceScaling */
export interface ServiceScaling {
  readonly minInstanceCount?: number | undefined;
  readonly scalingMode?: ServiceScalingScalingMode | undefined;
  readonly maxInstanceCount?: number | undefined;
  readonly manualInstanceCount?: number | undefined;
}

/** google.cloud.run.v2.ServiceScaling.ScalingMode */
export type ServiceScalingScalingMode =
  | "SCALING_MODE_UNSPECIFIED"
  | "AUTOMATIC"
  | "MANUAL";

/** google.iam.v1.SetIamPolicyRequest */
export interface SetIamPolicyRequest {
  readonly resource?: string | undefined;
  readonly policy?: Policy | undefined;
  readonly updateMask?: string | undefined;
}

/** google.cloud.run.v2.SourceCode */
export interface SourceCode {
  readonly cloudStorageSource?: SourceCodeCloudStorageSource | undefined;
}

/** google.cloud.run.v2.SourceCode.CloudStorageSource */
export interface SourceCodeCloudStorageSource {
  readonly bucket?: string | undefined;
  readonly object?: string | undefined;
  readonly generation?: string | undefined;
}

/** google.rpc.Status */
export interface Status {
  readonly code?: number | undefined;
  readonly message?: string | undefined;
  readonly details?: readonly TypedValue[] | undefined;
}

/** google.cloud.run.v2.TCPSocketAction */
export interface TCPSocketAction {
  readonly port?: number | undefined;
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

/** google.cloud.run.v2.TrafficTarget */
export interface TrafficTarget {
  readonly type?: TrafficTargetAllocationType | undefined;
  readonly revision?: string | undefined;
  readonly percent?: number | undefined;
  readonly tag?: string | undefined;
}

/** google.cloud.run.v2.TrafficTargetAllocationType */
export type TrafficTargetAllocationType =
  | "TRAFFIC_TARGET_ALLOCATION_TYPE_UNSPECIFIED"
  | "TRAFFIC_TARGET_ALLOCATION_TYPE_LATEST"
  | "TRAFFIC_TARGET_ALLOCATION_TYPE_REVISION";

/** google.cloud.run.v2.TrafficTargetStatus */
export interface TrafficTargetStatus {
  readonly type?: TrafficTargetAllocationType | undefined;
  readonly revision?: string | undefined;
  readonly percent?: number | undefined;
  readonly tag?: string | undefined;
  readonly uri?: string | undefined;
}

/** google.cloud.run.v2.UpdateServiceRequest */
export interface UpdateServiceRequest {
  readonly updateMask?: string | undefined;
  readonly service?: Service | undefined;
  readonly validateOnly?: boolean | undefined;
  readonly allowMissing?: boolean | undefined;
}

/** google.cloud.run.v2.VersionToPath */
export interface VersionToPath {
  readonly path?: string | undefined;
  readonly version?: string | undefined;
  readonly mode?: number | undefined;
}

/** google.cloud.run.v2.Volume */
export interface Volume {
  readonly name?: string | undefined;
  readonly secret?: SecretVolumeSource | undefined;
  readonly cloudSqlInstance?: CloudSqlInstance | undefined;
  readonly emptyDir?: EmptyDirVolumeSource | undefined;
  readonly nfs?: NFSVolumeSource | undefined;
  readonly gcs?: GCSVolumeSource | undefined;
}

/** google.cloud.run.v2.VolumeMount */
export interface VolumeMount {
  readonly name?: string | undefined;
  readonly mountPath?: string | undefined;
  readonly subPath?: string | undefined;
}

/** google.cloud.run.v2.VpcAccess */
export interface VpcAccess {
  readonly connector?: string | undefined;
  readonly egress?: VpcAccessVpcEgress | undefined;
  readonly networkInterfaces?: readonly VpcAccessNetworkInterface[] | undefined;
}

/** google.cloud.run.v2.VpcAccess.NetworkInterface */
export interface VpcAccessNetworkInterface {
  readonly network?: string | undefined;
  readonly subnetwork?: string | undefined;
  readonly tags?: readonly string[] | undefined;
}

/** google.cloud.run.v2.VpcAccess.VpcEgress */
export type VpcAccessVpcEgress =
  | "VPC_EGRESS_UNSPECIFIED"
  | "ALL_TRAFFIC"
  | "PRIVATE_RANGES_ONLY";

/** google.longrunning.WaitOperationRequest */
export interface WaitOperationRequest {
  readonly name?: string | undefined;
  readonly timeout?: string | undefined;
}

export type Methods = {
  readonly "Services.CreateService": { readonly request: CreateServiceRequest; readonly response: Operation };
  readonly "Services.GetService": { readonly request: GetServiceRequest; readonly response: Service };
  readonly "Services.ListServices": { readonly request: ListServicesRequest; readonly response: ListServicesResponse };
  readonly "Services.UpdateService": { readonly request: UpdateServiceRequest; readonly response: Operation };
  readonly "Services.DeleteService": { readonly request: DeleteServiceRequest; readonly response: Operation };
  readonly "Services.GetIamPolicy": { readonly request: GetIamPolicyRequest; readonly response: Policy };
  readonly "Services.SetIamPolicy": { readonly request: SetIamPolicyRequest; readonly response: Policy };
  readonly "Services.TestIamPermissions": { readonly request: TestIamPermissionsRequest; readonly response: TestIamPermissionsResponse };
  readonly "Revisions.GetRevision": { readonly request: GetRevisionRequest; readonly response: Revision };
  readonly "Revisions.ListRevisions": { readonly request: ListRevisionsRequest; readonly response: ListRevisionsResponse };
  readonly "Revisions.DeleteRevision": { readonly request: DeleteRevisionRequest; readonly response: Operation };
  readonly "Operations.GetOperation": { readonly request: GetOperationRequest; readonly response: Operation };
  readonly "Operations.ListOperations": { readonly request: ListOperationsRequest; readonly response: ListOperationsResponse };
  readonly "Operations.DeleteOperation": { readonly request: DeleteOperationRequest; readonly response: Readonly<Record<string, never>> };
  readonly "Operations.WaitOperation": { readonly request: WaitOperationRequest; readonly response: Operation };
  readonly "Locations.ListLocations": { readonly request: ListLocationsRequest; readonly response: ListLocationsResponse };
  readonly "Locations.GetLocation": { readonly request: GetLocationRequest; readonly response: Location };
};
