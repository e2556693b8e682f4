-- What: the threshold that the training data suggest: a quantile of the normalized distances of the training window.
-- Parameters: quantile FLOAT64 (0 to 1; 0.98 flags one training purchase in fifty)
-- Placeholders: project, dataset, model
-- Returns: threshold FLOAT64, training_rows INT64 (those that the model was trained on), window_rows INT64 (one row)
WITH detected AS (
  SELECT normalized_distance, is_far
  FROM ML.DETECT_ANOMALIES(
    MODEL `${project}.${dataset}.${model}`,
    STRUCT(0 AS contamination),
    TABLE `${project}.${dataset}.training_purchases`
  )
),
quantiles AS (
  SELECT is_far, PERCENTILE_CONT(normalized_distance, @quantile) OVER () AS threshold
  FROM detected
)
SELECT MIN(threshold) AS threshold, COUNTIF(NOT is_far) AS training_rows, COUNT(*) AS window_rows
FROM quantiles
