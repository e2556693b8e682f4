-- What: what the live pipeline decided since a moment, with ground truth, the latest first.
-- Parameters: since TIMESTAMP
-- Placeholders: project, dataset, table
-- Returns: message_id STRING, transaction_id STRING, event_datetime TIMESTAMP, value FLOAT64, tax FLOAT64, shipping FLOAT64,
--          score FLOAT64, threshold FLOAT64, is_anomaly BOOL, model STRING, model_version STRING, scored_at TIMESTAMP,
--          truth BOOL (NULL where unknown), kind STRING
SELECT
  live.message_id,
  live.transaction_id,
  live.event_datetime,
  live.value,
  live.tax,
  live.shipping,
  live.score,
  live.threshold,
  live.anomaly AS is_anomaly,
  live.model,
  live.model_version,
  live.scored_at,
  label.is_anomaly AS truth,
  label.kind
FROM `${project}.${dataset}.${table}_anomaly_once` AS live
LEFT JOIN `${project}.${dataset}.purchase_label` AS label USING (transaction_id)
WHERE live.scored_at >= @since
ORDER BY live.scored_at DESC, live.message_id
