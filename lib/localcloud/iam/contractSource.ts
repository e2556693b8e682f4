import type { ContractSource, FieldJson, MethodJson, NodeJson } from "../platform/contract/source.js";

/**
 * What is served of three APIs that no npm package of ours carries, written out in protobufjs' JSON form from
 * googleapis/googleapis: google/iam/admin/v1/iam.proto, google/iam/credentials/v1/{iamcredentials,common}.proto,
 * google/cloud/resourcemanager/v3/projects.proto.
 */
const text = (id: number, behavior?: "REQUIRED" | "OUTPUT_ONLY"): FieldJson => ({
  type: "string",
  id,
  ...(behavior ? { options: { "(google.api.field_behavior)": behavior } } : {}),
});

function method(
  requestType: string,
  responseType: string,
  verb: "get" | "post" | "delete",
  path: string,
  body?: "*",
): MethodJson {
  return {
    requestType,
    responseType,
    parsedOptions: [{ "(google.api.http)": { [verb]: path, ...(body ? { body } : {}) } }],
  };
}

const POLICY = "google.iam.v1.";
const ACCOUNT = "projects/*/serviceAccounts/*";

const admin: NodeJson = {
  nested: {
    IAM: {
      methods: {
        ListServiceAccounts: method(
          "ListServiceAccountsRequest",
          "ListServiceAccountsResponse",
          "get",
          "/v1/{name=projects/*}/serviceAccounts",
        ),
        GetServiceAccount: method("GetServiceAccountRequest", "ServiceAccount", "get", `/v1/{name=${ACCOUNT}}`),
        CreateServiceAccount: method(
          "CreateServiceAccountRequest",
          "ServiceAccount",
          "post",
          "/v1/{name=projects/*}/serviceAccounts",
          "*",
        ),
        DeleteServiceAccount: method(
          "DeleteServiceAccountRequest",
          "google.protobuf.Empty",
          "delete",
          `/v1/{name=${ACCOUNT}}`,
        ),
        GetIamPolicy: method(
          `${POLICY}GetIamPolicyRequest`,
          `${POLICY}Policy`,
          "post",
          `/v1/{resource=${ACCOUNT}}:getIamPolicy`,
        ),
        SetIamPolicy: method(
          `${POLICY}SetIamPolicyRequest`,
          `${POLICY}Policy`,
          "post",
          `/v1/{resource=${ACCOUNT}}:setIamPolicy`,
          "*",
        ),
      },
    },
    ServiceAccount: {
      fields: {
        name: text(1),
        projectId: text(2, "OUTPUT_ONLY"),
        uniqueId: text(4, "OUTPUT_ONLY"),
        email: text(5, "OUTPUT_ONLY"),
        displayName: text(6),
        etag: { type: "bytes", id: 7 },
        description: text(8),
        oauth2ClientId: text(9, "OUTPUT_ONLY"),
        disabled: { type: "bool", id: 11, options: { "(google.api.field_behavior)": "OUTPUT_ONLY" } },
      },
    },
    CreateServiceAccountRequest: {
      fields: {
        name: text(1, "REQUIRED"),
        accountId: text(2, "REQUIRED"),
        serviceAccount: { type: "ServiceAccount", id: 3 },
      },
    },
    GetServiceAccountRequest: { fields: { name: text(1, "REQUIRED") } },
    DeleteServiceAccountRequest: { fields: { name: text(1, "REQUIRED") } },
    ListServiceAccountsRequest: {
      fields: { name: text(1, "REQUIRED"), pageSize: { type: "int32", id: 2 }, pageToken: text(3) },
    },
    ListServiceAccountsResponse: {
      fields: { accounts: { rule: "repeated", type: "ServiceAccount", id: 1 }, nextPageToken: text(2) },
    },
  },
};

const iamCredentials: NodeJson = {
  nested: {
    IAMCredentials: {
      methods: {
        GenerateIdToken: method(
          "GenerateIdTokenRequest",
          "GenerateIdTokenResponse",
          "post",
          `/v1/{name=${ACCOUNT}}:generateIdToken`,
          "*",
        ),
      },
    },
    GenerateIdTokenRequest: {
      fields: {
        name: text(1, "REQUIRED"),
        delegates: { rule: "repeated", type: "string", id: 2 },
        audience: text(3, "REQUIRED"),
        includeEmail: { type: "bool", id: 4 },
      },
    },
    GenerateIdTokenResponse: { fields: { token: text(1) } },
  },
};

const resourceManager: NodeJson = {
  nested: {
    Projects: {
      methods: {
        GetProject: method("GetProjectRequest", "Project", "get", "/v3/{name=projects/*}"),
        GetIamPolicy: method(
          `${POLICY}GetIamPolicyRequest`,
          `${POLICY}Policy`,
          "post",
          "/v3/{resource=projects/*}:getIamPolicy",
          "*",
        ),
        SetIamPolicy: method(
          `${POLICY}SetIamPolicyRequest`,
          `${POLICY}Policy`,
          "post",
          "/v3/{resource=projects/*}:setIamPolicy",
          "*",
        ),
      },
    },
    GetProjectRequest: { fields: { name: text(1, "REQUIRED") } },
    Project: {
      fields: {
        name: text(1, "OUTPUT_ONLY"),
        parent: text(2),
        projectId: text(3),
        state: { type: "State", id: 4 },
        displayName: text(5),
      },
      nested: { State: { values: { STATE_UNSPECIFIED: 0, ACTIVE: 1, DELETE_REQUESTED: 2 } } },
    },
  },
};

const inside = (path: readonly string[], node: NodeJson): NodeJson =>
  path.reduceRight<NodeJson>((inner, name) => ({ nested: { [name]: inner } }), node);

export const iamContractSource: ContractSource = {
  files: [
    { package: "google-gax", path: "build/protos/iam_service.json" },
    { definitions: inside(["google", "iam", "admin", "v1"], admin) },
    { definitions: inside(["google", "iam", "credentials", "v1"], iamCredentials) },
    { definitions: inside(["google", "cloud", "resourcemanager", "v3"], resourceManager) },
    { definitions: inside(["google", "protobuf"], { nested: { Empty: { fields: {} } } }) },
  ],
  services: [
    "google.iam.admin.v1.IAM",
    "google.iam.credentials.v1.IAMCredentials",
    "google.cloud.resourcemanager.v3.Projects",
  ],
  knownServices: [],
  routes: {},
};

export interface ServiceAccount {
  readonly name?: string | undefined;
  readonly projectId?: string | undefined;
  readonly uniqueId?: string | undefined;
  readonly email?: string | undefined;
  readonly displayName?: string | undefined;
  readonly description?: string | undefined;
  readonly oauth2ClientId?: string | undefined;
  readonly etag?: string | undefined;
}

export interface Policy {
  readonly version?: number | undefined;
  readonly etag?: string | undefined;
  readonly bindings?:
    | readonly { readonly role?: string | undefined; readonly members?: readonly string[] | undefined }[]
    | undefined;
}

interface Named {
  readonly name?: string | undefined;
}

interface GetPolicy {
  readonly request: { readonly resource?: string; readonly options?: { readonly requestedPolicyVersion?: number } };
  readonly response: Policy;
}

interface SetPolicy {
  readonly request: { readonly resource?: string; readonly policy?: Policy; readonly updateMask?: string };
  readonly response: Policy;
}

export type Methods = {
  readonly "IAM.ListServiceAccounts": {
    readonly request: Named & { readonly pageSize?: number; readonly pageToken?: string };
    readonly response: {
      readonly accounts?: readonly ServiceAccount[];
      readonly nextPageToken?: string | undefined;
    };
  };
  readonly "IAM.GetServiceAccount": { readonly request: Named; readonly response: ServiceAccount };
  readonly "IAM.CreateServiceAccount": {
    readonly request: Named & { readonly accountId?: string; readonly serviceAccount?: ServiceAccount };
    readonly response: ServiceAccount;
  };
  readonly "IAM.DeleteServiceAccount": { readonly request: Named; readonly response: object };
  readonly "IAM.GetIamPolicy": GetPolicy;
  readonly "IAM.SetIamPolicy": SetPolicy;
  readonly "IAMCredentials.GenerateIdToken": {
    readonly request: Named & { readonly audience?: string; readonly includeEmail?: boolean };
    readonly response: { readonly token?: string };
  };
  readonly "Projects.GetProject": {
    readonly request: Named;
    readonly response: Named & { readonly projectId?: string; readonly state?: string; readonly displayName?: string };
  };
  readonly "Projects.GetIamPolicy": GetPolicy;
  readonly "Projects.SetIamPolicy": SetPolicy;
};
