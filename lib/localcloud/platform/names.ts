import { CloudError } from "./errors.js";
import type { Project } from "./service.js";

/** A name's variable segments by the template's variable names. */
export type NameParts<Variables extends string> = Readonly<Record<Variables, string>>;

type VariablesOf<Template extends string> = Template extends `${string}{${infer Name}}${infer Rest}`
  ? Name | VariablesOf<Rest>
  : never;

/** Names of one kind of resource (AIP-122), as `projects/{project}/locations/{location}/endpoints/{endpoint}`. */
export interface ResourceName<Variables extends string> {
  readonly template: string;
  /** Undefined when the text is no name of this kind. */
  tryParse(name: string): NameParts<Variables> | undefined;
  /** @throws CloudError INVALID_ARGUMENT that says the field and the form expected. */
  parse(name: string | undefined, field: string): NameParts<Variables>;
  format(parts: NameParts<Variables>): string;
}

export function resourceName<const Template extends string>(template: Template): ResourceName<VariablesOf<Template>> {
  type Variables = VariablesOf<Template>;
  const variables = [...template.matchAll(/\{(\w+)\}/g)].map((match) => match[1] ?? "");
  const pattern = new RegExp(`^${template.replace(/\{\w+\}/g, "([^/]+)")}$`);
  const tryParse = (name: string): NameParts<Variables> | undefined => {
    const groups = pattern.exec(name);
    if (!groups) return undefined;
    return Object.fromEntries(
      variables.map((variable, index) => [variable, groups[index + 1] ?? ""]),
    ) as NameParts<Variables>;
  };
  return {
    template,
    tryParse,
    parse: (name, field) => {
      const parts = tryParse(name ?? "");
      if (parts) return parts;
      throw new CloudError(
        "INVALID_ARGUMENT",
        `Invalid resource name in ${field}: "${name ?? ""}". Expected ${template}.`,
        {
          reason: "INVALID_RESOURCE_NAME",
          metadata: { field, name: name ?? "" },
        },
      );
    },
    format: (parts) =>
      template.replace(
        /\{(\w+)\}/g,
        (_, variable: string) => (parts as Readonly<Record<string, string>>)[variable] ?? "",
      ),
  };
}

/**
 * Either spelling of this cloud's project, by id or by number, to its number: names in answers hold the number.
 * @throws CloudError PERMISSION_DENIED for any other project, as Google answers for a project one may not see.
 */
export function requireProject(project: Project, given: string): string {
  if (given === project.id || given === project.number) return project.number;
  throw new CloudError(
    "PERMISSION_DENIED",
    `Permission denied on resource project ${given} (or it may not exist). The local cloud serves project ${project.id} (${project.number}).`,
    { reason: "CONSUMER_INVALID", metadata: { consumer: `projects/${given}` } },
  );
}
