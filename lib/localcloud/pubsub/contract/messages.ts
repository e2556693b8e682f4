// Generated from the protos of @google-cloud/pubsub; do not edit. Written and checked by platform/contract/typeScript.ts.

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

/** google.pubsub.v1.AIInference */
export interface AIInference {
  readonly endpoint?: string | undefined;
  readonly unstructuredInference?: AIInferenceUnstructuredInference | undefined;
  readonly serviceAccountEmail?: string | undefined;
}

/** google.pubsub.v1.AIInference.UnstructuredInference */
export interface AIInferenceUnstructuredInference {
  readonly parameters?: { readonly [name: string]: JsonValue } | undefined;
}

/** google.pubsub.v1.BigQueryConfig */
export interface BigQueryConfig {
  readonly table?: string | undefined;
  readonly useTopicSchema?: boolean | undefined;
  readonly writeMetadata?: boolean | undefined;
  readonly dropUnknownFields?: boolean | undefined;
  readonly state?: BigQueryConfigState | undefined;
  readonly useTableSchema?: boolean | undefined;
  readonly serviceAccountEmail?: string | undefined;
}

/** google.pubsub.v1.BigQueryConfig.State */
export type BigQueryConfigState =
  | "STATE_UNSPECIFIED"
  | "ACTIVE"
  | "PERMISSION_DENIED"
  | "NOT_FOUND"
  | "SCHEMA_MISMATCH"
  | "IN_TRANSIT_LOCATION_RESTRICTION"
  | "VERTEX_AI_LOCATION_RESTRICTION";

/** google.pubsub.v1.BigtableConfig */
export interface BigtableConfig {
  readonly table?: string | undefined;
  readonly appProfileId?: string | undefined;
  readonly serviceAccountEmail?: string | undefined;
  readonly writeMetadata?: boolean | undefined;
  readonly state?: BigtableConfigState | undefined;
}

/** google.pubsub.v1.BigtableConfig.State */
export type BigtableConfigState =
  | "STATE_UNSPECIFIED"
  | "ACTIVE"
  | "NOT_FOUND"
  | "APP_PROFILE_MISCONFIGURED"
  | "PERMISSION_DENIED"
  | "SCHEMA_MISMATCH"
  | "IN_TRANSIT_LOCATION_RESTRICTION"
  | "VERTEX_AI_LOCATION_RESTRICTION";

/** google.iam.v1.Binding */
export interface Binding {
  readonly role?: string | undefined;
  readonly members?: readonly string[] | undefined;
  readonly condition?: Expr | undefined;
}

/** google.pubsub.v1.CloudStorageConfig */
export interface CloudStorageConfig {
  readonly bucket?: string | undefined;
  readonly filenamePrefix?: string | undefined;
  readonly filenameSuffix?: string | undefined;
  readonly filenameDatetimeFormat?: string | undefined;
  readonly textConfig?: CloudStorageConfigTextConfig | undefined;
  readonly avroConfig?: CloudStorageConfigAvroConfig | undefined;
  readonly maxDuration?: string | undefined;
  readonly maxBytes?: string | undefined;
  readonly maxMessages?: string | undefined;
  readonly state?: CloudStorageConfigState | undefined;
  readonly serviceAccountEmail?: string | undefined;
}

/** google.pubsub.v1.CloudStorageConfig.AvroConfig */
export interface CloudStorageConfigAvroConfig {
  readonly writeMetadata?: boolean | undefined;
  readonly useTopicSchema?: boolean | undefined;
}

/** google.pubsub.v1.CloudStorageConfig.State */
export type CloudStorageConfigState =
  | "STATE_UNSPECIFIED"
  | "ACTIVE"
  | "PERMISSION_DENIED"
  | "NOT_FOUND"
  | "IN_TRANSIT_LOCATION_RESTRICTION"
  | "SCHEMA_MISMATCH"
  | "VERTEX_AI_LOCATION_RESTRICTION";

/** google.pubsub.v1.CloudStorageConfig.TextConfig */
export interface CloudStorageConfigTextConfig {

}

/** google.pubsub.v1.CreateSnapshotRequest */
export interface CreateSnapshotRequest {
  readonly name?: string | undefined;
  readonly subscription?: string | undefined;
  readonly labels?: Readonly<Record<string, string>> | undefined;
  readonly tags?: Readonly<Record<string, string>> | undefined;
}

/** google.pubsub.v1.DeadLetterPolicy */
export interface DeadLetterPolicy {
  readonly deadLetterTopic?: string | undefined;
  readonly maxDeliveryAttempts?: number | undefined;
}

/** google.pubsub.v1.DeleteSnapshotRequest */
export interface DeleteSnapshotRequest {
  readonly snapshot?: string | undefined;
}

/** google.pubsub.v1.DeleteSubscriptionRequest */
export interface DeleteSubscriptionRequest {
  readonly subscription?: string | undefined;
}

/** google.pubsub.v1.DeleteTopicRequest */
export interface DeleteTopicRequest {
  readonly topic?: string | undefined;
}

/** google.pubsub.v1.DetachSubscriptionRequest */
export interface DetachSubscriptionRequest {
  readonly subscription?: string | undefined;
}

/** google.pubsub.v1.DetachSubscriptionResponse */
export interface DetachSubscriptionResponse {

}

/** google.pubsub.v1.Encoding */
export type Encoding =
  | "ENCODING_UNSPECIFIED"
  | "JSON"
  | "BINARY";

/** google.pubsub.v1.ExpirationPolicy */
export interface ExpirationPolicy {
  readonly ttl?: string | undefined;
}

/** google.type.Expr */
export interface Expr {
  readonly expression?: string | undefined;
  readonly title?: string | undefined;
  readonly description?: string | undefined;
  readonly location?: string | undefined;
}

/** google.iam.v1.GetIamPolicyRequest */
export interface GetIamPolicyRequest {
  readonly resource?: string | undefined;
  readonly options?: GetPolicyOptions | undefined;
}

/** google.iam.v1.GetPolicyOptions */
export interface GetPolicyOptions {
  readonly requestedPolicyVersion?: number | undefined;
}

/** google.pubsub.v1.GetSnapshotRequest */
export interface GetSnapshotRequest {
  readonly snapshot?: string | undefined;
}

/** google.pubsub.v1.GetSubscriptionRequest */
export interface GetSubscriptionRequest {
  readonly subscription?: string | undefined;
}

/** google.pubsub.v1.GetTopicRequest */
export interface GetTopicRequest {
  readonly topic?: string | undefined;
}

/** google.pubsub.v1.IngestionDataSourceSettings */
export interface IngestionDataSourceSettings {
  readonly awsKinesis?: IngestionDataSourceSettingsAwsKinesis | undefined;
  readonly cloudStorage?: IngestionDataSourceSettingsCloudStorage | undefined;
  readonly azureEventHubs?: IngestionDataSourceSettingsAzureEventHubs | undefined;
  readonly awsMsk?: IngestionDataSourceSettingsAwsMsk | undefined;
  readonly confluentCloud?: IngestionDataSourceSettingsConfluentCloud | undefined;
  readonly platformLogsSettings?: PlatformLogsSettings | undefined;
}

/** google.pubsub.v1.IngestionDataSourceSettings.AwsKinesis */
export interface IngestionDataSourceSettingsAwsKinesis {
  readonly state?: IngestionDataSourceSettingsAwsKinesisState | undefined;
  readonly streamArn?: string | undefined;
  readonly consumerArn?: string | undefined;
  readonly awsRoleArn?: string | undefined;
  readonly gcpServiceAccount?: string | undefined;
}

/** google.pubsub.v1.IngestionDataSourceSettings.AwsKinesis.State */
export type IngestionDataSourceSettingsAwsKinesisState =
  | "STATE_UNSPECIFIED"
  | "ACTIVE"
  | "KINESIS_PERMISSION_DENIED"
  | "PUBLISH_PERMISSION_DENIED"
  | "STREAM_NOT_FOUND"
  | "CONSUMER_NOT_FOUND";

/** google.pubsub.v1.IngestionDataSourceSettings.AwsMsk */
export interface IngestionDataSourceSettingsAwsMsk {
  readonly state?: IngestionDataSourceSettingsAwsMskState | undefined;
  readonly clusterArn?: string | undefined;
  readonly topic?: string | undefined;
  readonly awsRoleArn?: string | undefined;
  readonly gcpServiceAccount?: string | undefined;
}

/** google.pubsub.v1.IngestionDataSourceSettings.AwsMsk.State */
export type IngestionDataSourceSettingsAwsMskState =
  | "STATE_UNSPECIFIED"
  | "ACTIVE"
  | "MSK_PERMISSION_DENIED"
  | "PUBLISH_PERMISSION_DENIED"
  | "CLUSTER_NOT_FOUND"
  | "TOPIC_NOT_FOUND";

/** google.pubsub.v1.IngestionDataSourceSettings.AzureEventHubs */
export interface IngestionDataSourceSettingsAzureEventHubs {
  readonly state?: IngestionDataSourceSettingsAzureEventHubsState | undefined;
  readonly resourceGroup?: string | undefined;
  readonly namespace?: string | undefined;
  readonly eventHub?: string | undefined;
  readonly clientId?: string | undefined;
  readonly tenantId?: string | undefined;
  readonly subscriptionId?: string | undefined;
  readonly gcpServiceAccount?: string | undefined;
}

/** google.pubsub.v1.IngestionDataSourceSettings.AzureEventHubs.State */
export type IngestionDataSourceSettingsAzureEventHubsState =
  | "STATE_UNSPECIFIED"
  | "ACTIVE"
  | "EVENT_HUBS_PERMISSION_DENIED"
  | "PUBLISH_PERMISSION_DENIED"
  | "NAMESPACE_NOT_FOUND"
  | "EVENT_HUB_NOT_FOUND"
  | "SUBSCRIPTION_NOT_FOUND"
  | "RESOURCE_GROUP_NOT_FOUND";

/** google.pubsub.v1.IngestionDataSourceSettings.CloudStorage */
export interface IngestionDataSourceSettingsCloudStorage {
  readonly state?: IngestionDataSourceSettingsCloudStorageState | undefined;
  readonly bucket?: string | undefined;
  readonly textFormat?: IngestionDataSourceSettingsCloudStorageTextFormat | undefined;
  readonly avroFormat?: IngestionDataSourceSettingsCloudStorageAvroFormat | undefined;
  readonly pubsubAvroFormat?: IngestionDataSourceSettingsCloudStoragePubSubAvroFormat | undefined;
  readonly minimumObjectCreateTime?: string | undefined;
  readonly matchGlob?: string | undefined;
}

/** google.pubsub.v1.IngestionDataSourceSettings.CloudStorage.AvroFormat */
export interface IngestionDataSourceSettingsCloudStorageAvroFormat {

}

/** google.pubsub.v1.IngestionDataSourceSettings.CloudStorage.PubSubAvroFormat */
export interface IngestionDataSourceSettingsCloudStoragePubSubAvroFormat {

}

/** google.pubsub.v1.IngestionDataSourceSettings.CloudStorage.State */
export type IngestionDataSourceSettingsCloudStorageState =
  | "STATE_UNSPECIFIED"
  | "ACTIVE"
  | "CLOUD_STORAGE_PERMISSION_DENIED"
  | "PUBLISH_PERMISSION_DENIED"
  | "BUCKET_NOT_FOUND"
  | "TOO_MANY_OBJECTS";

/** google.pubsub.v1.IngestionDataSourceSettings.CloudStorage.TextFormat */
export interface IngestionDataSourceSettingsCloudStorageTextFormat {
  readonly delimiter?: string | undefined;
}

/** google.pubsub.v1.IngestionDataSourceSettings.ConfluentCloud */
export interface IngestionDataSourceSettingsConfluentCloud {
  readonly state?: IngestionDataSourceSettingsConfluentCloudState | undefined;
  readonly bootstrapServer?: string | undefined;
  readonly clusterId?: string | undefined;
  readonly topic?: string | undefined;
  readonly identityPoolId?: string | undefined;
  readonly gcpServiceAccount?: string | undefined;
}

/** google.pubsub.v1.IngestionDataSourceSettings.ConfluentCloud.State */
export type IngestionDataSourceSettingsConfluentCloudState =
  | "STATE_UNSPECIFIED"
  | "ACTIVE"
  | "CONFLUENT_CLOUD_PERMISSION_DENIED"
  | "PUBLISH_PERMISSION_DENIED"
  | "UNREACHABLE_BOOTSTRAP_SERVER"
  | "CLUSTER_NOT_FOUND"
  | "TOPIC_NOT_FOUND";

/** google.pubsub.v1.JavaScriptUDF */
export interface JavaScriptUDF {
  readonly functionName?: string | undefined;
  readonly code?: string | undefined;
}

/** google.pubsub.v1.ListSnapshotsRequest */
export interface ListSnapshotsRequest {
  readonly project?: string | undefined;
  readonly pageSize?: number | undefined;
  readonly pageToken?: string | undefined;
}

/** google.pubsub.v1.ListSnapshotsResponse */
export interface ListSnapshotsResponse {
  readonly snapshots?: readonly Snapshot[] | undefined;
  readonly nextPageToken?: string | undefined;
}

/** google.pubsub.v1.ListSubscriptionsRequest */
export interface ListSubscriptionsRequest {
  readonly project?: string | undefined;
  readonly pageSize?: number | undefined;
  readonly pageToken?: string | undefined;
}

/** google.pubsub.v1.ListSubscriptionsResponse */
export interface ListSubscriptionsResponse {
  readonly subscriptions?: readonly Subscription[] | undefined;
  readonly nextPageToken?: string | undefined;
}

/** google.pubsub.v1.ListTopicSnapshotsRequest */
export interface ListTopicSnapshotsRequest {
  readonly topic?: string | undefined;
  readonly pageSize?: number | undefined;
  readonly pageToken?: string | undefined;
}

/** google.pubsub.v1.ListTopicSnapshotsResponse */
export interface ListTopicSnapshotsResponse {
  readonly snapshots?: readonly string[] | undefined;
  readonly nextPageToken?: string | undefined;
}

/** google.pubsub.v1.ListTopicSubscriptionsRequest */
export interface ListTopicSubscriptionsRequest {
  readonly topic?: string | undefined;
  readonly pageSize?: number | undefined;
  readonly pageToken?: string | undefined;
}

/** google.pubsub.v1.ListTopicSubscriptionsResponse */
export interface ListTopicSubscriptionsResponse {
  readonly subscriptions?: readonly string[] | undefined;
  readonly nextPageToken?: string | undefined;
}

/** google.pubsub.v1.ListTopicsRequest */
export interface ListTopicsRequest {
  readonly project?: string | undefined;
  readonly pageSize?: number | undefined;
  readonly pageToken?: string | undefined;
}

/** google.pubsub.v1.ListTopicsResponse */
export interface ListTopicsResponse {
  readonly topics?: readonly Topic[] | undefined;
  readonly nextPageToken?: string | undefined;
}

/** google.pubsub.v1.MessageStoragePolicy */
export interface MessageStoragePolicy {
  readonly allowedPersistenceRegions?: readonly string[] | undefined;
  readonly enforceInTransit?: boolean | undefined;
}

/** google.pubsub.v1.MessageTransform */
export interface MessageTransform {
  readonly javascriptUdf?: JavaScriptUDF | undefined;
  readonly aiInference?: AIInference | undefined;
  readonly enabled?: boolean | undefined;
  readonly disabled?: boolean | undefined;
}

/** google.pubsub.v1.ModifyPushConfigRequest */
export interface ModifyPushConfigRequest {
  readonly subscription?: string | undefined;
  readonly pushConfig?: PushConfig | undefined;
}

/** google.pubsub.v1.PlatformLogsSettings */
export interface PlatformLogsSettings {
  readonly severity?: PlatformLogsSettingsSeverity | undefined;
}

/** google.pubsub.v1.PlatformLogsSettings.Severity */
export type PlatformLogsSettingsSeverity =
  | "SEVERITY_UNSPECIFIED"
  | "DISABLED"
  | "DEBUG"
  | "INFO"
  | "WARNING"
  | "ERROR";

/** google.iam.v1.Policy */
export interface Policy {
  readonly version?: number | undefined;
  readonly bindings?: readonly Binding[] | undefined;
  readonly etag?: string | undefined;
}

/** google.pubsub.v1.PushConfig */
export interface PushConfig {
  readonly pushEndpoint?: string | undefined;
  readonly attributes?: Readonly<Record<string, string>> | undefined;
  readonly oidcToken?: PushConfigOidcToken | undefined;
  readonly pubsubWrapper?: PushConfigPubsubWrapper | undefined;
  readonly noWrapper?: PushConfigNoWrapper | undefined;
}

/** google.pubsub.v1.PushConfig.NoWrapper */
export interface PushConfigNoWrapper {
  readonly writeMetadata?: boolean | undefined;
}

/** google.pubsub.v1.PushConfig.OidcToken */
export interface PushConfigOidcToken {
  readonly serviceAccountEmail?: string | undefined;
  readonly audience?: string | undefined;
}

/** google.pubsub.v1.PushConfig.PubsubWrapper */
export interface PushConfigPubsubWrapper {

}

/** google.pubsub.v1.RetryPolicy */
export interface RetryPolicy {
  readonly minimumBackoff?: string | undefined;
  readonly maximumBackoff?: string | undefined;
}

/** google.pubsub.v1.SchemaSettings */
export interface SchemaSettings {
  readonly schema?: string | undefined;
  readonly encoding?: Encoding | undefined;
  readonly firstRevisionId?: string | undefined;
  readonly lastRevisionId?: string | undefined;
}

/** google.pubsub.v1.SeekRequest */
export interface SeekRequest {
  readonly subscription?: string | undefined;
  readonly time?: string | undefined;
  readonly snapshot?: string | undefined;
}

/** google.pubsub.v1.SeekResponse */
export interface SeekResponse {

}

/** google.iam.v1.SetIamPolicyRequest */
export interface SetIamPolicyRequest {
  readonly resource?: string | undefined;
  readonly policy?: Policy | undefined;
}

/** google.pubsub.v1.Snapshot */
export interface Snapshot {
  readonly name?: string | undefined;
  readonly topic?: string | undefined;
  readonly expireTime?: string | undefined;
  readonly labels?: Readonly<Record<string, string>> | undefined;
}

/** google.pubsub.v1.Subscription */
export interface Subscription {
  readonly name?: string | undefined;
  readonly topic?: string | undefined;
  readonly pushConfig?: PushConfig | undefined;
  readonly bigqueryConfig?: BigQueryConfig | undefined;
  readonly cloudStorageConfig?: CloudStorageConfig | undefined;
  readonly bigtableConfig?: BigtableConfig | undefined;
  readonly ackDeadlineSeconds?: number | undefined;
  readonly retainAckedMessages?: boolean | undefined;
  readonly messageRetentionDuration?: string | undefined;
  readonly labels?: Readonly<Record<string, string>> | undefined;
  readonly enableMessageOrdering?: boolean | undefined;
  readonly expirationPolicy?: ExpirationPolicy | undefined;
  readonly filter?: string | undefined;
  readonly deadLetterPolicy?: DeadLetterPolicy | undefined;
  readonly retryPolicy?: RetryPolicy | undefined;
  readonly detached?: boolean | undefined;
  readonly enableExactlyOnceDelivery?: boolean | undefined;
  readonly topicMessageRetentionDuration?: string | undefined;
  readonly state?: SubscriptionState | undefined;
  readonly analyticsHubSubscriptionInfo?: SubscriptionAnalyticsHubSubscriptionInfo | undefined;
  readonly messageTransforms?: readonly MessageTransform[] | undefined;
  readonly tags?: Readonly<Record<string, string>> | undefined;
}

/** google.pubsub.v1.Subscription.AnalyticsHubSubscriptionInfo */
export interface SubscriptionAnalyticsHubSubscriptionInfo {
  readonly listing?: string | undefined;
  readonly subscription?: string | undefined;
}

/** google.pubsub.v1.Subscription.State */
export type SubscriptionState =
  | "STATE_UNSPECIFIED"
  | "ACTIVE"
  | "RESOURCE_ERROR";

/** google.iam.v1.TestIamPermissionsRequest */
export interface TestIamPermissionsRequest {
  readonly resource?: string | undefined;
  readonly permissions?: readonly string[] | undefined;
}

/** google.iam.v1.TestIamPermissionsResponse */
export interface TestIamPermissionsResponse {
  readonly permissions?: readonly string[] | undefined;
}

/** google.pubsub.v1.Topic */
export interface Topic {
  readonly name?: string | undefined;
  readonly labels?: Readonly<Record<string, string>> | undefined;
  readonly messageStoragePolicy?: MessageStoragePolicy | undefined;
  readonly kmsKeyName?: string | undefined;
  readonly schemaSettings?: SchemaSettings | undefined;
  readonly satisfiesPzs?: boolean | undefined;
  readonly messageRetentionDuration?: string | undefined;
  readonly state?: TopicState | undefined;
  readonly ingestionDataSourceSettings?: IngestionDataSourceSettings | undefined;
  readonly messageTransforms?: readonly MessageTransform[] | undefined;
  readonly tags?: Readonly<Record<string, string>> | undefined;
}

/** google.pubsub.v1.Topic.State */
export type TopicState =
  | "STATE_UNSPECIFIED"
  | "ACTIVE"
  | "INGESTION_RESOURCE_ERROR";

/** google.pubsub.v1.UpdateSnapshotRequest */
export interface UpdateSnapshotRequest {
  readonly snapshot?: Snapshot | undefined;
  readonly updateMask?: string | undefined;
}

/** google.pubsub.v1.UpdateSubscriptionRequest */
export interface UpdateSubscriptionRequest {
  readonly subscription?: Subscription | undefined;
  readonly updateMask?: string | undefined;
}

/** google.pubsub.v1.UpdateTopicRequest */
export interface UpdateTopicRequest {
  readonly topic?: Topic | undefined;
  readonly updateMask?: string | undefined;
}

export type Methods = {
  readonly "Publisher.CreateTopic": { readonly request: Topic; readonly response: Topic };
  readonly "Publisher.UpdateTopic": { readonly request: UpdateTopicRequest; readonly response: Topic };
  readonly "Publisher.GetTopic": { readonly request: GetTopicRequest; readonly response: Topic };
  readonly "Publisher.ListTopics": { readonly request: ListTopicsRequest; readonly response: ListTopicsResponse };
  readonly "Publisher.ListTopicSubscriptions": { readonly request: ListTopicSubscriptionsRequest; readonly response: ListTopicSubscriptionsResponse };
  readonly "Publisher.ListTopicSnapshots": { readonly request: ListTopicSnapshotsRequest; readonly response: ListTopicSnapshotsResponse };
  readonly "Publisher.DeleteTopic": { readonly request: DeleteTopicRequest; readonly response: Readonly<Record<string, never>> };
  readonly "Publisher.DetachSubscription": { readonly request: DetachSubscriptionRequest; readonly response: DetachSubscriptionResponse };
  readonly "Subscriber.CreateSubscription": { readonly request: Subscription; readonly response: Subscription };
  readonly "Subscriber.GetSubscription": { readonly request: GetSubscriptionRequest; readonly response: Subscription };
  readonly "Subscriber.UpdateSubscription": { readonly request: UpdateSubscriptionRequest; readonly response: Subscription };
  readonly "Subscriber.ListSubscriptions": { readonly request: ListSubscriptionsRequest; readonly response: ListSubscriptionsResponse };
  readonly "Subscriber.DeleteSubscription": { readonly request: DeleteSubscriptionRequest; readonly response: Readonly<Record<string, never>> };
  readonly "Subscriber.ModifyPushConfig": { readonly request: ModifyPushConfigRequest; readonly response: Readonly<Record<string, never>> };
  readonly "Subscriber.Seek": { readonly request: SeekRequest; readonly response: SeekResponse };
  readonly "Subscriber.CreateSnapshot": { readonly request: CreateSnapshotRequest; readonly response: Snapshot };
  readonly "Subscriber.GetSnapshot": { readonly request: GetSnapshotRequest; readonly response: Snapshot };
  readonly "Subscriber.ListSnapshots": { readonly request: ListSnapshotsRequest; readonly response: ListSnapshotsResponse };
  readonly "Subscriber.UpdateSnapshot": { readonly request: UpdateSnapshotRequest; readonly response: Snapshot };
  readonly "Subscriber.DeleteSnapshot": { readonly request: DeleteSnapshotRequest; readonly response: Readonly<Record<string, never>> };
  readonly "IAMPolicy.GetIamPolicy": { readonly request: GetIamPolicyRequest; readonly response: Policy };
  readonly "IAMPolicy.SetIamPolicy": { readonly request: SetIamPolicyRequest; readonly response: Policy };
  readonly "IAMPolicy.TestIamPermissions": { readonly request: TestIamPermissionsRequest; readonly response: TestIamPermissionsResponse };
};
