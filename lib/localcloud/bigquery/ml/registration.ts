import { CloudError } from "../../platform/errors.js";
import type { ModelRegistry } from "../../platform/links.js";
import type { Catalog } from "../catalog.js";
import { invalidQuery, notSupported } from "../errors.js";
import type { ModelRecord } from "../resources.js";
import type { ModelReference } from "../schema.js";
import { checkVertexModelId } from "./options.js";
import { withRegistration } from "./resource.js";
import { type ModelState, stateOf } from "./state.js";
import { deleteDistances, keepDistances } from "./trainingDistances.js";

/**
 * Models of this warehouse in the Model Registry. The catalog and the registry are two stores, so whatever is to be done in
 * the registry is first written into the model's record (`registration` without a version, `unregister`, `dropping`), then
 * done there (idempotent by training id), then written off. `reconcile` finishes what a crash left open.
 */
export class Registration {
  readonly #catalog: Catalog;
  readonly #registry: () => ModelRegistry | undefined;

  constructor(catalog: Catalog, registry: () => ModelRegistry | undefined) {
    this.#catalog = catalog;
    this.#registry = registry;
  }

  /** @throws CloudError notImplemented when this cloud runs without Vertex AI. */
  requireRegistry(): ModelRegistry {
    const registry = this.#registry();
    if (!registry) throw notSupported("MODEL_REGISTRY='VERTEX_AI'", "Start the local cloud with Vertex AI.");
    return registry;
  }

  /** @throws CloudError FAILED_PRECONDITION while a version of the model is deployed. */
  async checkUnregister(record: ModelRecord): Promise<void> {
    const state = stateOf(record);
    if (state.registration) await this.requireRegistry().checkUnregister(state.trainingId);
  }

  /**
   * Does what the model's record says is to be done in the registry, and writes it off.
   * @returns the record as it is then.
   */
  async settle(reference: ModelReference): Promise<ModelRecord | undefined> {
    const record = this.#catalog.model(reference);
    if (!record) return undefined;
    const state = stateOf(record);
    if (state.dropping) {
      if (state.registration) await this.requireRegistry().unregister(state.trainingId);
      await this.#catalog.write(async (transaction) => {
        await transaction.dropModel(reference);
        await deleteDistances(transaction.connection, [state.trainingId]);
      });
      return undefined;
    }
    const { registration } = state;
    if (registration && registration.versionId === undefined) {
      const { versionId } = await this.requireRegistry().register({
        source: reference,
        modelType: "KMEANS",
        vertexModelId: registration.vertexModelId,
        versionAliases: registration.versionAliases,
        location: vertexLocation(String(record.resource.location ?? "")),
        trainingId: state.trainingId,
      });
      await this.#update(reference, (current) => ({
        resource: withRegistration(current.resource, { ...registration, versionId }),
        state: { ...stateOf(current), registration: { ...registration, versionId } },
      }));
    }
    // After the new version is there, so that version numbers go on and aliases find where to move.
    if (state.unregister) {
      for (const trainingId of state.unregister) await this.requireRegistry().unregister(trainingId);
      await this.#update(reference, (current) => {
        const { unregister: _done, ...rest } = stateOf(current);
        return { resource: current.resource, state: rest };
      });
    }
    return this.#catalog.model(reference);
  }

  /** Takes a training's version out of the registry, if it came to be there. */
  async withdraw(trainingId: string): Promise<void> {
    await this.#registry()?.unregister(trainingId);
  }

  /**
   * Registers a model that is there already (ALTER MODEL, models.patch).
   * @throws CloudError invalidQuery when it is registered under another id, which cannot be changed.
   */
  async register(reference: ModelReference, vertexModelId: string): Promise<ModelRecord> {
    this.requireRegistry();
    checkVertexModelId(vertexModelId, "vertex_ai_model_id");
    await this.#update(reference, (current) => {
      const state = stateOf(current);
      const known = state.registration?.vertexModelId;
      if (known !== undefined && known !== vertexModelId) {
        throw invalidQuery(
          `The model is registered as '${known}' in Vertex AI; the vertex_ai_model_id of a registered model cannot be changed.`,
        );
      }
      const registration = state.registration ?? { vertexModelId, versionAliases: [] };
      return { resource: current.resource, state: { ...state, registration } };
    });
    try {
      const settled = await this.settle(reference);
      if (settled) return settled;
    } catch (thrown) {
      await this.#update(reference, (current) => {
        const { registration, ...rest } = stateOf(current);
        const isOpen = registration !== undefined && registration.versionId === undefined;
        return { resource: current.resource, state: isOpen ? rest : stateOf(current) };
      });
      throw thrown;
    }
    throw new CloudError("ABORTED", "The model was dropped while it was being registered.", { reason: "notFound" });
  }

  /** Finishes what a crash left open, and forgets distances of trainings that are no more. */
  async reconcile(projectId: string): Promise<void> {
    const models = this.#catalog.datasets(projectId).flatMap((dataset) => this.#catalog.models(dataset.reference));
    for (const { reference, state } of models) {
      const { registration, unregister, dropping } = state as ModelState;
      const isOpen = dropping || unregister || (registration && registration.versionId === undefined);
      if (isOpen) await this.settle(reference);
    }
    await this.#catalog.database.write((connection) => {
      const kept = this.#catalog.datasets(projectId).flatMap((dataset) => this.#catalog.models(dataset.reference));
      return keepDistances(
        connection,
        kept.map((record) => stateOf(record).trainingId),
      );
    });
  }

  async #update(
    reference: ModelReference,
    change: (current: ModelRecord) => { readonly resource: ModelRecord["resource"]; readonly state: ModelState },
  ): Promise<void> {
    await this.#catalog.write(async (transaction) => {
      const current = transaction.model(reference);
      if (current) await transaction.putModel({ reference, ...change(current) });
    });
  }
}

/** The Vertex AI location that belongs to a dataset's (docs.cloud.google.com/bigquery/docs/managing-models-vertex). */
export function vertexLocation(datasetLocation: string): string {
  const location = datasetLocation.toLowerCase();
  if (location === "us") return "us-central1";
  return location === "eu" ? "europe-west4" : location;
}
