-- What: the purchases that ML.DETECT_ANOMALIES flags when it is told what share is anomalous, farthest first, with ground truth.
-- Parameters: start TIMESTAMP, end TIMESTAMP (excluded), limit INT64
-- Placeholders: project, dataset, model, contamination (0 to 0.5)
-- Returns: transaction_id STRING, event_datetime TIMESTAMP, value FLOAT64, tax FLOAT64, shipping FLOAT64, quantity INT64,
--          centroid_id INT64, normalized_distance FLOAT64, is_anomaly BOOL (flagged), truth BOOL (NULL where unknown), kind STRING
SELECT
  detected.transaction_id,
  detected.event_datetime,
  detected.value,
  detected.tax,
  detected.shipping,
  detected.quantity,
  detected.CENTROID_ID AS centroid_id,
  detected.normalized_distance,
  detected.is_anomaly,
  label.is_anomaly AS truth,
  label.kind
FROM ML.DETECT_ANOMALIES(
  MODEL `${project}.${dataset}.${model}`,
  STRUCT(${contamination} AS contamination),
  (
    SELECT *
    FROM `${project}.${dataset}.purchase_features`
    WHERE event_datetime >= @start AND event_datetime < @end
  )
) AS detected
LEFT JOIN `${project}.${dataset}.purchase_label` AS label USING (transaction_id)
WHERE detected.is_anomaly
ORDER BY normalized_distance DESC, transaction_id
LIMIT @limit
