import { type Call, type Handler, isTrue, parameter } from "../call.js";
import { required } from "../errors.js";
import type { HmacKeyRecord } from "../hmacKeys.js";
import { pageOf } from "../paging.js";
import { shortEtag } from "../resources.js";
import { timestamp } from "../times.js";

/** The project's service agent, and HMAC keys of service accounts. */

const serviceAccount: Handler = (call, { project }) => ({
  kind: "storage#serviceAccount",
  email_address: `service-${parameter(call, "projectId") === project.id ? project.number : parameter(call, "projectId")}@gs-project-accounts.iam.gserviceaccount.com`,
});

function metadata(record: HmacKeyRecord, origin: string): object {
  const { accessId, projectId, serviceAccountEmail, state, timeCreated, updated, revision } = record;
  return {
    kind: "storage#hmacKeyMetadata",
    id: `${projectId}/${accessId}`,
    selfLink: `${origin}/storage/v1/projects/${projectId}/hmacKeys/${accessId}`,
    accessId,
    projectId,
    serviceAccountEmail,
    state,
    timeCreated: timestamp(timeCreated),
    updated: timestamp(updated),
    etag: shortEtag(accessId, revision),
  };
}

const at = (call: Call): readonly [projectId: string, accessId: string] => [
  parameter(call, "projectId"),
  parameter(call, "accessId"),
];

const create: Handler = async (call, { hmacKeys }) => {
  const email = call.query.get("serviceAccountEmail");
  if (!email) throw required("serviceAccountEmail");
  const record = await hmacKeys.create(parameter(call, "projectId"), email);
  return { kind: "storage#hmacKey", metadata: metadata(record, call.origin), secret: record.secret };
};

const list: Handler = (call, { hmacKeys }) => {
  const email = call.query.get("serviceAccountEmail");
  const shown = hmacKeys
    .list(parameter(call, "projectId"))
    .filter(({ state }) => state !== "DELETED" || isTrue(call, "showDeletedKeys"))
    .filter(({ serviceAccountEmail }) => !email || serviceAccountEmail === email);
  const { items, nextPageToken } = pageOf(call, shown, ({ accessId }) => accessId);
  return {
    kind: "storage#hmacKeysMetadata",
    ...(nextPageToken === undefined ? {} : { nextPageToken }),
    ...(items.length === 0 ? {} : { items: items.map((record) => metadata(record, call.origin)) }),
  };
};

export const projects: Readonly<Record<string, Handler>> = {
  "projects.serviceAccount.get": serviceAccount,
  "projects.hmacKeys.create": create,
  "projects.hmacKeys.get": (call, { hmacKeys }) => metadata(hmacKeys.get(...at(call)), call.origin),
  "projects.hmacKeys.list": list,
  "projects.hmacKeys.update": async (call, { hmacKeys }) => {
    const { state } = call.body as { readonly state?: string };
    if (!state) throw required("state");
    return metadata(await hmacKeys.setState(hmacKeys.get(...at(call)), state), call.origin);
  },
  "projects.hmacKeys.delete": async (call, { hmacKeys }) => {
    await hmacKeys.setState(hmacKeys.get(...at(call)), "DELETED");
  },
};
