-- What: what each threshold would find and what it would flag in vain, against ground truth.
-- Parameters: start TIMESTAMP, end TIMESTAMP (excluded), thresholds ARRAY<FLOAT64>
-- Placeholders: project, dataset, model
-- Returns: threshold FLOAT64, flagged INT64, true_positives INT64, false_positives INT64, false_negatives INT64,
--          precision FLOAT64 (NULL when nothing is flagged), recall FLOAT64 (NULL without anomalies), f1_score FLOAT64
WITH scored AS (
  SELECT detected.normalized_distance, label.is_anomaly AS truth
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
),
counts AS (
  SELECT
    threshold,
    COUNTIF(normalized_distance > threshold) AS flagged,
    COUNTIF(normalized_distance > threshold AND truth) AS true_positives,
    COUNTIF(normalized_distance > threshold AND NOT truth) AS false_positives,
    COUNTIF(normalized_distance <= threshold AND truth) AS false_negatives
  FROM scored, UNNEST(@thresholds) AS threshold
  GROUP BY threshold
)
SELECT
  threshold,
  flagged,
  true_positives,
  false_positives,
  false_negatives,
  SAFE_DIVIDE(true_positives, flagged) AS precision,
  SAFE_DIVIDE(true_positives, true_positives + false_negatives) AS recall,
  SAFE_DIVIDE(2 * true_positives, 2 * true_positives + false_positives + false_negatives) AS f1_score
FROM counts
ORDER BY threshold
