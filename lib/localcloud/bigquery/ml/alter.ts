import type { Catalog } from "../catalog.js";
import type { CreateModelRequest } from "../engine/modelHook.js";
import { invalidQuery, modelNotFound, notSupported } from "../errors.js";
import type { ModelReference } from "../schema.js";
import { generalOptions, OptionReader, placed } from "./options.js";
import type { Registration } from "./registration.js";

const SUPPORTED = ["DESCRIPTION", "FRIENDLY_NAME", "LABELS", "VERTEX_AI_MODEL_ID"];
const ELSEWHERE = ["EXPIRATION_TIMESTAMP", "KMS_KEY_NAME", "DEPLOY_MODEL", "ENDPOINT_IDLE_TTL"];

/**
 * ALTER MODEL [IF EXISTS] SET OPTIONS: description, friendly name, labels; `vertex_ai_model_id` registers the model.
 * @throws CloudError notFound, invalidQuery for an unknown option, notImplemented for one that has no meaning here.
 */
export async function alterModel(
  reference: ModelReference,
  options: CreateModelRequest["options"],
  ifExists: boolean,
  { catalog, registration }: { readonly catalog: Catalog; readonly registration: Registration },
): Promise<void> {
  if (!catalog.model(reference)) {
    if (ifExists) return;
    throw modelNotFound(reference);
  }
  for (const option of options) {
    const { name } = option;
    const supported = `Supported: ${SUPPORTED.join(", ")}.`;
    if (ELSEWHERE.includes(name)) throw placed(notSupported(`Option ${name} of ALTER MODEL`, supported), option);
    if (!SUPPORTED.includes(name)) {
      throw placed(invalidQuery(`Unknown option '${name.toLowerCase()}' of ALTER MODEL. ${supported}`), option);
    }
  }
  const reader = new OptionReader(options);
  const general = generalOptions(reader);
  const vertexModelId = reader.text("VERTEX_AI_MODEL_ID");
  if (vertexModelId !== undefined) await registration.register(reference, vertexModelId);
  await catalog.write(async (transaction) => {
    const current = transaction.model(reference);
    if (!current) throw modelNotFound(reference);
    const resource: Record<string, unknown> = { ...current.resource, ...general, lastModifiedTime: transaction.now };
    // NULL takes an option away.
    for (const { name, value } of options) if (value === null) delete resource[FIELD[name] ?? ""];
    await transaction.putModel({ ...current, resource });
  });
}

const FIELD: Readonly<Record<string, string>> = {
  DESCRIPTION: "description",
  FRIENDLY_NAME: "friendlyName",
  LABELS: "labels",
};
