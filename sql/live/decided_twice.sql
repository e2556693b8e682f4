-- What: every purchase that a model version has scored live, and what SQL says about it: features from the stored event,
--       distance by ML.DETECT_ANOMALIES.
-- Parameters: version STRING
-- Placeholders: project, dataset, sink (the events table that the scorer writes), model (of BigQuery ML), registry_model
-- Returns: transaction_id STRING, live FLOAT64, sql FLOAT64 (both normalized distances), threshold FLOAT64, anomaly BOOL (live),
--          truth BOOL (NULL where unknown)
WITH detected AS (
  SELECT transaction_id, normalized_distance
  FROM ML.DETECT_ANOMALIES(
    MODEL `${project}.${dataset}.${model}`,
    STRUCT(0 AS contamination),
    TABLE `${project}.${dataset}.live_purchase_features`
  )
)
SELECT
  scored.transaction_id,
  scored.score AS live,
  detected.normalized_distance AS sql,
  scored.threshold,
  scored.anomaly,
  label.is_anomaly AS truth
FROM `${project}.${dataset}.${sink}_anomaly_once` AS scored
JOIN detected USING (transaction_id)
LEFT JOIN `${project}.${dataset}.purchase_label` AS label USING (transaction_id)
WHERE scored.model = '${registry_model}' AND scored.model_version = @version
ORDER BY scored.transaction_id
