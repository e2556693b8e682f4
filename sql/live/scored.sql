-- What: what the live pipeline decided about the purchases of these messages, with the ground truth.
-- Parameters: message_ids ARRAY<STRING>
-- Placeholders: project, dataset, sink (the events table that the scorer writes)
-- Returns: transaction_id STRING, message_id STRING, value FLOAT64, score FLOAT64, threshold FLOAT64, anomaly BOOL,
--          model_version STRING, scored_at TIMESTAMP, truth BOOL (NULL where unknown), kind STRING
SELECT
  scored.transaction_id,
  scored.message_id,
  scored.value,
  scored.score,
  scored.threshold,
  scored.anomaly,
  scored.model_version,
  scored.scored_at,
  label.is_anomaly AS truth,
  label.kind
FROM `${project}.${dataset}.${sink}_anomaly_once` AS scored
LEFT JOIN `${project}.${dataset}.purchase_label` AS label USING (transaction_id)
WHERE scored.message_id IN UNNEST(@message_ids)
ORDER BY scored.scored_at, scored.transaction_id
