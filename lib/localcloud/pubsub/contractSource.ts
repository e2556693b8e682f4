import type { ContractSource, HttpRule } from "../platform/contract/source.js";

const V1 = "google.pubsub.v1.";

function policyRules(verb: HttpRule["verb"], customVerb: string): HttpRule[] {
  return ["topics", "subscriptions", "snapshots"].map((collection) => ({
    verb,
    template: `/v1/{resource=projects/*/${collection}/*}:${customVerb}`,
    ...(verb === "POST" ? { body: "*" } : {}),
  }));
}

/** `@google-cloud/pubsub` as Google publishes it, with the access policies of google-gax. */
export const pubsubContractSource: ContractSource = {
  files: [
    { package: "@google-cloud/pubsub", path: "build/protos/protos.json" },
    { package: "google-gax", path: "build/protos/iam_service.json" },
  ],
  services: [`${V1}Publisher`, `${V1}Subscriber`, "google.iam.v1.IAMPolicy"],
  knownServices: [`${V1}SchemaService`],
  // iam_policy.proto has "/v1/{resource=**}"; each service replaces it in its service configuration, which no npm
  // package carries (googleapis/googleapis google/pubsub/v1/pubsub_v1.yaml). GetIamPolicy is a GET here.
  routes: {
    "google.iam.v1.IAMPolicy.GetIamPolicy": policyRules("GET", "getIamPolicy"),
    "google.iam.v1.IAMPolicy.SetIamPolicy": policyRules("POST", "setIamPolicy"),
    "google.iam.v1.IAMPolicy.TestIamPermissions": policyRules("POST", "testIamPermissions"),
  },
};

/** Methods that handlers in JSON form are written for: their messages become TypeScript in contract/messages.ts. */
export const typedMethods: readonly string[] = [
  "Publisher.CreateTopic",
  "Publisher.UpdateTopic",
  "Publisher.GetTopic",
  "Publisher.ListTopics",
  "Publisher.ListTopicSubscriptions",
  "Publisher.ListTopicSnapshots",
  "Publisher.DeleteTopic",
  "Publisher.DetachSubscription",
  "Subscriber.CreateSubscription",
  "Subscriber.GetSubscription",
  "Subscriber.UpdateSubscription",
  "Subscriber.ListSubscriptions",
  "Subscriber.DeleteSubscription",
  "Subscriber.ModifyPushConfig",
  "Subscriber.Seek",
  "Subscriber.CreateSnapshot",
  "Subscriber.GetSnapshot",
  "Subscriber.ListSnapshots",
  "Subscriber.UpdateSnapshot",
  "Subscriber.DeleteSnapshot",
  "IAMPolicy.GetIamPolicy",
  "IAMPolicy.SetIamPolicy",
  "IAMPolicy.TestIamPermissions",
];

/** Methods in binary form: many messages, or large ones. */
export const binaryMethods: readonly string[] = [
  "Publisher.Publish",
  "Subscriber.Pull",
  "Subscriber.StreamingPull",
  "Subscriber.Acknowledge",
  "Subscriber.ModifyAckDeadline",
];
