import { join } from "node:path";
import type { RunningCloud } from "./launch.js";

/** What other programs must find in their environment to reach this local cloud and nothing else. */
export function clientVariables({ rest, grpc, project, state }: RunningCloud): Readonly<Record<string, string>> {
  const restUrl = new URL(rest);
  return {
    ACTIVATE_TARGET: "local",
    ACTIVATE_PROJECT: project,
    ACTIVATE_STATE: state,
    ACTIVATE_LOCAL_REST: rest,
    ACTIVATE_LOCAL_GRPC: grpc,
    GOOGLE_CLOUD_PROJECT: project,
    GOOGLE_CLOUD_REGION: "europe-west1",
    // Read by the BigQuery clients of Python, Go and Node.js (Node.js leaves out /bigquery/v2: both forms are served).
    BIGQUERY_EMULATOR_HOST: rest,
    // No probing for the metadata server of a Google machine: Node.js, then Python, then gcloud and gsutil.
    METADATA_SERVER_DETECTION: "none",
    NO_GCE_CHECK: "true",
    CLOUDSDK_CORE_CHECK_GCE_METADATA: "false",
    // gcloud and bq.
    CLOUDSDK_CORE_PROJECT: project,
    CLOUDSDK_CORE_DISABLE_PROMPTS: "1",
    CLOUDSDK_AUTH_DISABLE_CREDENTIALS: "1",
    CLOUDSDK_AUTH_ACCESS_TOKEN: "local",
    CLOUDSDK_AI_REGION: "europe-west1",
    CLOUDSDK_API_ENDPOINT_OVERRIDES_AIPLATFORM: `${rest}/`,
    CLOUDSDK_API_ENDPOINT_OVERRIDES_BIGQUERY: `${rest}/`,
    CLOUDSDK_API_ENDPOINT_OVERRIDES_LOGGING: `${rest}/`,
    CLOUDSDK_API_ENDPOINT_OVERRIDES_PUBSUB: `${rest}/`,
    CLOUDSDK_API_ENDPOINT_OVERRIDES_RUN: `${rest}/`,
    // gcloud writes the region before this address, which no resolver knows then: the local cloud is its proxy too.
    CLOUDSDK_PROXY_TYPE: "http",
    CLOUDSDK_PROXY_ADDRESS: restUrl.hostname,
    CLOUDSDK_PROXY_PORT: restUrl.port,
    CLOUDSDK_RUN_REGION: "europe-west1",
    CLOUDSDK_API_ENDPOINT_OVERRIDES_STORAGE: `${rest}/`,
    // gsutil; its wrapper would hand it an account's credentials.
    BOTO_CONFIG: join(state, "boto"),
    CLOUDSDK_CORE_PASS_CREDENTIALS_TO_GSUTIL: "0",
    // Read by the Storage clients of every language.
    STORAGE_EMULATOR_HOST: rest,
    // Read by the Pub/Sub clients of every language; Node.js would dial gcloud's REST address without it.
    PUBSUB_EMULATOR_HOST: grpc,
  };
}

/** How each client is called, in words and lines to copy; `#` first, so that a shell may read it. */
export function clientGuide({ rest, grpc, project }: RunningCloud): string {
  const [host, port] = grpc.split(":");
  return `# With these variables set (without them: bq --api ${rest} --project_id ${project} query ...):
#   bq       bq query --use_legacy_sql=false 'SELECT 1'
#   gcloud   gcloud ai models list --region europe-west1; gcloud storage ls
#   gsutil   gsutil mb gs://shop && gsutil cp FILE gs://shop
# In code (no credentials are needed; none are sent anywhere but here):
#   Node.js  new BigQuery({ projectId: "${project}", apiEndpoint: "${rest}", authClient: new PassThroughClient() })
#            new v1.ModelServiceClient({ apiEndpoint: "${host}", port: ${port}, sslCreds: grpc.credentials.createInsecure(), authClient: new PassThroughClient() })
#            new Storage({ projectId: "${project}", apiEndpoint: "${rest}" })
#   Python   storage.Client(project="${project}", credentials=AnonymousCredentials(), client_options={"api_endpoint": "${rest}"})
#            bigquery.Client(project="${project}", credentials=AnonymousCredentials(), client_options={"api_endpoint": "${rest}"})
#            aiplatform_v1.ModelServiceClient(transport=ModelServiceGrpcTransport(channel=grpc.insecure_channel("${grpc}")))
#   Go       bigquery.NewClient(ctx, "${project}", option.WithEndpoint("${rest}/bigquery/v2/"), option.WithoutAuthentication())
#            aiplatform.NewModelClient(ctx, option.WithEndpoint("${grpc}"), option.WithoutAuthentication(), option.WithGRPCDialOption(grpc.WithTransportCredentials(insecure.NewCredentials())))
#   Java     BigQueryOptions.newBuilder().setProjectId("${project}").setHost("${rest}").setCredentials(NoCredentials.getInstance()).build()
#            ModelServiceSettings.newBuilder().setCredentialsProvider(NoCredentialsProvider.create()).setTransportChannelProvider(
#              InstantiatingGrpcChannelProvider.newBuilder().setEndpoint("${grpc}").setChannelConfigurator(b -> b.usePlaintext()).build())`;
}
