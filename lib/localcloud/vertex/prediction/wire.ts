/** Requests and answers of online prediction in their binary form (prediction_service.proto, google/api/httpbody.proto). */

import { Reader, readValue, Undecodable } from "./valueDecoder.js";
import { BackwardWriter, writeValue } from "./valueEncoder.js";

export interface PredictCall {
  readonly endpoint: string;
  readonly instances: readonly unknown[];
  readonly parameters: unknown;
}

/** Undefined for a request that is unusual in any way: the general decoder takes it, and says what is wrong. */
export function decodePredict(bytes: Buffer): PredictCall | undefined {
  return orUndefined(() => {
    const reader = new Reader(bytes);
    let endpoint = "";
    const instances: unknown[] = [];
    let parameters: unknown;
    while (!reader.done) {
      const tag = reader.varint();
      if (tag === 18) instances.push(readValue(reader));
      else if (tag === 10) endpoint = reader.text();
      else if (tag === 26) parameters = readValue(reader);
      else throw new Undecodable();
    }
    return { endpoint, instances, parameters };
  });
}

export interface RawCall {
  readonly endpoint: string;
  readonly contentType: string;
  readonly data: Buffer;
}

export function decodeRawPredict(bytes: Buffer): RawCall | undefined {
  return orUndefined(() => {
    const reader = new Reader(bytes);
    let endpoint = "";
    let contentType = "";
    let data: Buffer = Buffer.alloc(0);
    while (!reader.done) {
      const tag = reader.varint();
      if (tag === 10) endpoint = reader.text();
      else if (tag === 18) {
        reader.message((inner) => {
          if (inner === 10) contentType = reader.text();
          else if (inner === 18) data = reader.slice();
          else throw new Undecodable();
        });
      } else throw new Undecodable();
    }
    return { endpoint, contentType, data };
  });
}

function orUndefined<Result>(decode: () => Result): Result | undefined {
  try {
    return decode();
  } catch (thrown) {
    if (thrown instanceof Undecodable) return undefined;
    throw thrown;
  }
}

export interface PredictAnswer {
  readonly predictions: readonly unknown[];
  readonly deployedModelId: string;
  readonly model: string;
  readonly modelDisplayName: string;
  readonly modelVersionId: string;
  readonly metadata?: unknown;
}

export function encodePredict(answer: PredictAnswer): Buffer {
  const writer = new BackwardWriter();
  if (answer.metadata !== undefined) writeValue(writer, 50, answer.metadata);
  writer.text(42, answer.modelVersionId);
  writer.text(34, answer.modelDisplayName);
  writer.text(26, answer.model);
  writer.text(18, answer.deployedModelId);
  for (let index = answer.predictions.length - 1; index >= 0; index--) {
    writeValue(writer, 10, answer.predictions[index]);
  }
  return writer.finish();
}

export function encodeHttpBody(contentType: string, data: Uint8Array): Buffer {
  const head = new BackwardWriter();
  head.varint(data.byteLength);
  head.byte(18);
  head.text(10, contentType);
  return Buffer.concat([head.finish(), data]);
}
