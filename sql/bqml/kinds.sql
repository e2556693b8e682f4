-- What: how many anomalies of each kind a threshold finds, and in which clusters they lie.
-- Parameters: start TIMESTAMP, end TIMESTAMP (excluded), threshold FLOAT64
-- Placeholders: project, dataset, model
-- Returns: kind STRING, purchases INT64, found INT64, recall FLOAT64, median_distance FLOAT64
WITH scored AS (
  SELECT
    label.kind,
    detected.normalized_distance,
    PERCENTILE_CONT(detected.normalized_distance, 0.5) OVER (PARTITION BY label.kind) AS median_distance
  FROM ML.DETECT_ANOMALIES(
    MODEL `${project}.${dataset}.${model}`,
    STRUCT(0 AS contamination),
    (
      SELECT *
      FROM `${project}.${dataset}.purchase_features`
      WHERE event_datetime >= @start AND event_datetime < @end
    )
  ) AS detected
  JOIN `${project}.${dataset}.purchase_label` AS label USING (transaction_id)
  WHERE label.is_anomaly
)
SELECT
  kind,
  COUNT(*) AS purchases,
  COUNTIF(normalized_distance > @threshold) AS found,
  COUNTIF(normalized_distance > @threshold) / COUNT(*) AS recall,
  MIN(median_distance) AS median_distance
FROM scored
GROUP BY kind
ORDER BY recall DESC, kind
