import type { BigQueryConfig } from "./contract/messages.js";
import type { StoredMessage } from "./messages.js";

/**
 * A message as a row of the table; a text says why it is none. Columns: docs.cloud.google.com/pubsub/docs/bigquery.
 * @param dataType type of the column `data`, where the payload goes as it is.
 */
export function rowOf(
  config: BigQueryConfig,
  subscription: string,
  message: StoredMessage,
  dataType: string | undefined,
): object | string {
  const metadata = config.writeMetadata
    ? {
        subscription_name: subscription,
        message_id: message.messageId,
        publish_time: new Date(message.publishMs).toISOString(),
        attributes: JSON.stringify({
          ...message.attributes,
          ...(message.orderingKey === "" ? {} : { ordering_key: message.orderingKey }),
        }),
      }
    : {};
  if (!config.useTableSchema && dataType === "BYTES") {
    return { data: Buffer.from(message.data).toString("base64"), ...metadata };
  }
  const text = Buffer.from(message.data).toString("utf8");
  if (!config.useTableSchema) return { data: text, ...metadata };
  let payload: unknown;
  try {
    payload = JSON.parse(text);
  } catch (thrown) {
    return `Message data is not valid JSON: ${thrown instanceof Error ? thrown.message : String(thrown)}`;
  }
  if (typeof payload !== "object" || payload === null || Array.isArray(payload)) {
    return "Message data is not a JSON object, so it cannot be mapped to the columns of the table";
  }
  return { ...payload, ...metadata };
}
