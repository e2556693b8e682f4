import type { Call, Handler, StorageState } from "../call.js";
import { parameter, viewOf } from "../call.js";
import { checkConditions, readConditions } from "../conditions.js";
import { checkKey, keyOf } from "../customerKeys.js";
import { GCP_INSTEAD, invalid, notSupported, objectNotFound, required } from "../errors.js";
import { COMPOSE_SOURCES_MAX, REWRITE_STEP_BYTES_MIN } from "../limits.js";
import { checkObjectName } from "../names.js";
import { settableFields } from "../objectFields.js";
import type { AclEntry, ObjectRecord } from "../records.js";
import { objectResource } from "../resources.js";
import type { Rewrite } from "../rewrites.js";
import { aclOf, show } from "./objects.js";

interface Source {
  readonly record: ObjectRecord;
}

/** The source of a copy, with its conditions held and its key shown. */
function sourceOf(call: Call, { objects }: StorageState, generation: string | null): Source {
  const { record } = objects.find(parameter(call, "sourceBucket"), parameter(call, "sourceObject"), generation);
  checkConditions(readConditions(call.query, "ifSource"), record);
  checkKey(record, keyOf(call.headers, true));
  return { record };
}

/** An empty body keeps the source's metadata; any field that is given replaces all of it (contracts 5.6). */
function fieldsOf(call: Call, { fields }: ObjectRecord) {
  const given = settableFields(call.body);
  if (Object.keys(given).length > 0) return given;
  const { storageClass: _, temporaryHold: __, eventBasedHold: ___, retention: ____, ...kept } = fields;
  return kept;
}

async function copyTo(call: Call, state: StorageState, { record }: Source): Promise<ObjectRecord> {
  const [bucketName, name] = [parameter(call, "destinationBucket"), parameter(call, "destinationObject")];
  checkObjectName(name);
  if (call.query.get("destinationKmsKeyName")) throw notSupported("Parameter 'destinationKmsKeyName'", GCP_INSTEAD);
  const acl = aclOf(call, state, "destinationPredefinedAcl");
  const conditions = readConditions(call.query);
  state.objects.checkInsert(bucketName, name, conditions);
  const made = {
    content: await state.objects.duplicate(record),
    fields: fieldsOf(call, record),
    acl,
    keySha256: keyOf(call.headers),
    componentCount: record.componentCount,
  };
  return state.objects.insert(bucketName, name, made, conditions);
}

function shown(call: Call, state: StorageState, record: ObjectRecord): object {
  const asked = call.query.has("destinationPredefinedAcl") || call.body.acl !== undefined;
  const keyed = record.keySha256 !== undefined;
  return objectResource(record, state.catalog.bucket(record.bucket), viewOf(call, state, asked), keyed);
}

const copy: Handler = async (call, state) => {
  const source = sourceOf(call, state, call.query.get("sourceGeneration"));
  return shown(call, state, await copyTo(call, state, source));
};

/** Copies at once, except where the caller limits what one call may copy and the bytes change their place or class. */
const rewrite: Handler = async (sent, state) => {
  const path = ["sourceBucket", "sourceObject", "destinationBucket", "destinationObject"]
    .map((name) => parameter(sent, name))
    .join("\n");
  const token = sent.query.get("rewriteToken");
  const session = token ? state.rewrites.find(token, path) : undefined;
  const call: Call = session ? { ...sent, query: session.query, body: session.body } : sent;
  const source = sourceOf(call, state, session?.generation ?? call.query.get("sourceGeneration"));
  const { size, generation } = source.record;
  const step = stepOf(sent);
  if (step < size && changesPlace(call, state, source)) {
    const rewriting: Rewrite = session ?? { path, generation, query: call.query, body: call.body, done: 0 };
    rewriting.done += step;
    if (rewriting.done < size) {
      return {
        kind: "storage#rewriteResponse",
        totalBytesRewritten: String(rewriting.done),
        objectSize: String(size),
        done: false,
        rewriteToken: token ?? state.rewrites.begin(rewriting),
      };
    }
  }
  const record = await copyTo(call, state, source);
  if (token) state.rewrites.end(token);
  return {
    kind: "storage#rewriteResponse",
    totalBytesRewritten: String(size),
    objectSize: String(size),
    done: true,
    resource: shown(call, state, record),
  };
};

function stepOf(call: Call): number {
  const text = call.query.get("maxBytesRewrittenPerCall");
  if (!text) return Number.POSITIVE_INFINITY;
  const step = Number(text);
  if (!Number.isInteger(step) || step < REWRITE_STEP_BYTES_MIN || step % REWRITE_STEP_BYTES_MIN !== 0) {
    throw invalid(`maxBytesRewrittenPerCall must be a multiple of 1 MiB, not ${text}.`, "maxBytesRewrittenPerCall");
  }
  return step;
}

function changesPlace(call: Call, { catalog }: StorageState, { record }: Source): boolean {
  const [from, to] = [catalog.bucket(record.bucket), catalog.bucket(parameter(call, "destinationBucket"))];
  const storageClass = call.body.storageClass ?? to.fields.storageClass;
  return from.fields.location !== to.fields.location || storageClass !== record.fields.storageClass;
}

const move: Handler = async (call, state) => {
  const bucketName = parameter(call, "bucket");
  const [from, to] = [parameter(call, "sourceObject"), parameter(call, "destinationObject")];
  const [sourceConditions, conditions] = [readConditions(call.query, "ifSource"), readConditions(call.query)];
  checkObjectName(to);
  if (from === to) throw invalid("The source and the destination of a move must differ.");
  const record = await state.objects.move(bucketName, from, to, sourceConditions, conditions);
  return show(call, state, record, state.catalog.bucket(bucketName));
};

interface ComposeSource {
  readonly name?: string;
  readonly generation?: string;
  readonly objectPreconditions?: { readonly ifGenerationMatch?: string };
}

const compose: Handler = async (call, state) => {
  const [bucketName, name] = [parameter(call, "destinationBucket"), parameter(call, "destinationObject")];
  checkObjectName(name);
  if (call.query.get("kmsKeyName")) throw notSupported("Parameter 'kmsKeyName'", GCP_INSTEAD);
  const sent = (call.body.sourceObjects ?? []) as readonly ComposeSource[];
  if (sent.length === 0) throw invalid("You must provide at least one source component.");
  if (sent.length > COMPOSE_SOURCES_MAX) {
    throw invalid(
      `The number of source components provided (${sent.length}) exceeds the maximum (${COMPOSE_SOURCES_MAX})`,
    );
  }
  const conditions = readConditions(call.query);
  state.objects.checkInsert(bucketName, name, conditions);
  const key = keyOf(call.headers);
  const sources = sent.map((source) => {
    if (!source.name) throw required("sourceObjects.name");
    const { record } = state.objects.find(bucketName, source.name, source.generation);
    const expected = source.objectPreconditions?.ifGenerationMatch;
    checkConditions(expected === undefined ? {} : { generationMatch: expected }, record);
    checkKey(record, key);
    return record;
  });
  const destination = (call.body.destination ?? {}) as { readonly [name: string]: unknown };
  const acl: readonly AclEntry[] | undefined = aclOf({ ...call, body: destination }, state, "destinationPredefinedAcl");
  const { id, size, crc32c } = await state.blobs.write(concatenated(state, sources));
  const made = {
    content: { id, size, crc32c },
    fields: settableFields(destination),
    acl,
    keySha256: key,
    componentCount: sources.reduce((sum, { componentCount }) => sum + (componentCount ?? 1), 0),
  };
  const record = await state.objects.insert(bucketName, name, made, conditions);
  if (call.body.deleteSourceObjects === true) {
    for (const source of sources) {
      if (source.name !== name) await state.objects.remove(bucketName, source.name, null, {});
    }
  }
  return shown(call, state, record);
};

/** The bytes of objects one after the other. @throws CloudError objectNotFound when one is deleted meanwhile */
async function* concatenated({ blobs }: StorageState, sources: readonly ObjectRecord[]): AsyncIterable<Uint8Array> {
  for (const source of sources) {
    const stream = await blobs.read(source.blob).catch(() => {
      throw objectNotFound(source.bucket, source.name);
    });
    yield* stream as AsyncIterable<Uint8Array>;
  }
}

export const copies: Readonly<Record<string, Handler>> = {
  "objects.copy": copy,
  "objects.rewrite": rewrite,
  "objects.move": move,
  "objects.compose": compose,
};
