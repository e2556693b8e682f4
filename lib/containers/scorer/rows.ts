import { type ClickstreamEvent, type Features, type PurchaseEvent, toSinkRow } from "../../anomaly/index.js";
import type { Scored } from "./predictor.js";

/** The row of an event: what the pipeline before wrote, and the id by which readers count a message once. */
export function eventRow(event: ClickstreamEvent, messageId: string): object {
  return { ...toSinkRow(event), message_id: messageId };
}

/** The row of a scored purchase: the four columns of the pipeline before, and what an audit needs. */
export function anomalyRow(
  event: PurchaseEvent,
  features: Features,
  { score, threshold, isAnomaly, centroidId, modelId, version }: Scored,
  messageId: string,
  nowMs: number,
): object {
  const { tax, shipping, value, transaction_id } = event.ecommerce.purchase;
  return {
    tax,
    shipping,
    value,
    anomaly: isAnomaly,
    message_id: messageId,
    transaction_id,
    event_datetime: event.event_datetime,
    features,
    score: Number.isFinite(score) ? score : "Infinity",
    threshold,
    centroid_id: centroidId,
    model: modelId,
    model_version: version,
    scored_at: new Date(nowMs).toISOString(),
  };
}
