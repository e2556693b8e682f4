import { type Handler, parameter } from "../context.js";
import { etagOf } from "../listing.js";

const list: Handler = (_call, { project }) => {
  const projects = [
    {
      kind: "bigquery#project",
      id: project.id,
      numericId: project.number,
      projectReference: { projectId: project.id },
      friendlyName: project.id,
    },
  ];
  return { kind: "bigquery#projectList", etag: etagOf(projects), projects, totalItems: projects.length };
};

const getServiceAccount: Handler = (call, { project }) => ({
  kind: "bigquery#getServiceAccountResponse",
  email: `bq-${parameter(call, "projectId") === project.id ? project.number : "0"}@bigquery-encryption.iam.gserviceaccount.com`,
});

export const projects: Readonly<Record<string, Handler>> = {
  "projects.list": list,
  "projects.getServiceAccount": getServiceAccount,
};
