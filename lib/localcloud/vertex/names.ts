import { type NameParts, type ResourceName, requireProject, resourceName } from "../platform/names.js";
import type { Project } from "../platform/service.js";
import { invalidFields } from "./errors.js";
import { LOCATIONS } from "./limits.js";

export const locationName = resourceName("projects/{project}/locations/{location}");
export const modelName = resourceName("projects/{project}/locations/{location}/models/{model}");
export const endpointName = resourceName("projects/{project}/locations/{location}/endpoints/{endpoint}");
export const batchPredictionJobName = resourceName("projects/{project}/locations/{location}/batchPredictionJobs/{job}");
export const customJobName = resourceName("projects/{project}/locations/{location}/customJobs/{job}");

interface Located {
  readonly project: string;
  readonly location: string;
}

/** Parses a name of this cloud's project and of a region that Vertex AI has. @throws CloudError */
export function parseName<Variables extends string>(
  project: Project,
  name: ResourceName<Variables>,
  text: string | undefined,
  field: string,
): NameParts<Variables> {
  const parts = name.tryParse(text ?? "");
  if (!parts) throw invalidFields([{ field, description: `Invalid resource name; expected ${name.template}.` }]);
  const { project: given, location } = parts as unknown as Located;
  requireProject(project, given);
  if (!LOCATIONS.includes(location)) {
    throw invalidFields([{ field, description: `"${location}" is not a location of Vertex AI.` }]);
  }
  return parts;
}

/** A model's name with its version: `models/m`, `models/m@3`, `models/m@alias`. */
export interface ModelReference {
  readonly location: string;
  readonly modelId: string;
  /** Version id or alias; undefined when the name has none. "-" stands for the model itself, in UpdateModel only. */
  readonly version: string | undefined;
}

export function parseModelName(project: Project, text: string | undefined, field: string): ModelReference {
  const { location, model } = parseName(project, modelName, text, field);
  const at = model.indexOf("@");
  if (at < 0) return { location, modelId: model, version: undefined };
  return { location, modelId: model.slice(0, at), version: model.slice(at + 1) };
}
