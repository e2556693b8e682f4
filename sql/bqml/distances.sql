-- What: the normalized distance of every purchase of a window, with its features and ground truth: what plots and thresholds need.
-- Parameters: start TIMESTAMP, end TIMESTAMP (excluded)
-- Placeholders: project, dataset, model
-- Returns: transaction_id STRING, event_datetime TIMESTAMP, value FLOAT64, tax FLOAT64, goods FLOAT64, quantity INT64,
--          value_log, tax_log, shipping, tax_rate, quantity_log, item_price_log, unexplained_log FLOAT64, centroid_id INT64,
--          normalized_distance FLOAT64, truth BOOL (NULL where unknown), kind STRING
SELECT
  detected.transaction_id,
  detected.event_datetime,
  detected.value,
  detected.tax,
  detected.goods,
  detected.quantity,
  detected.value_log,
  detected.tax_log,
  detected.shipping,
  detected.tax_rate,
  detected.quantity_log,
  detected.item_price_log,
  detected.unexplained_log,
  detected.CENTROID_ID AS centroid_id,
  detected.normalized_distance,
  label.is_anomaly AS truth,
  label.kind
FROM ML.DETECT_ANOMALIES(
  MODEL `${project}.${dataset}.${model}`,
  STRUCT(0 AS contamination),
  (
    SELECT *
    FROM `${project}.${dataset}.purchase_features`
    WHERE event_datetime >= @start AND event_datetime < @end
  )
) AS detected
LEFT JOIN `${project}.${dataset}.purchase_label` AS label USING (transaction_id)
ORDER BY event_datetime, transaction_id
