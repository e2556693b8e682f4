-- What: what the batch prediction of the week says about each purchase, the farthest first, with the ground truth.
-- Placeholders: project, dataset
-- Returns: transaction_id STRING, day STRING, value FLOAT64, score FLOAT64, flagged BOOL, model_version STRING,
--          truth BOOL (NULL where unknown), kind STRING
SELECT
  predicted.transaction_id,
  CAST(DATE(predicted.event_datetime) AS STRING) AS day,
  predicted.value,
  CAST(JSON_VALUE(predicted.prediction, '$.score') AS FLOAT64) AS score,
  JSON_VALUE(predicted.prediction, '$.isAnomaly') = 'true' AS flagged,
  JSON_VALUE(predicted.prediction, '$.modelVersion') AS model_version,
  label.is_anomaly AS truth,
  label.kind
FROM `${project}.${dataset}.week_predictions` AS predicted
LEFT JOIN `${project}.${dataset}.purchase_label` AS label USING (transaction_id)
ORDER BY score DESC, predicted.transaction_id
