-- What: purchases spread evenly over the ranking by distance, from the farthest on, with their features and the decision:
--       what an endpoint's answers are compared with.
-- Parameters: start TIMESTAMP, end TIMESTAMP (excluded), rows INT64, threshold FLOAT64
-- Placeholders: project, dataset, model
-- Returns: transaction_id STRING, value_log, tax_log, shipping, tax_rate, quantity_log, item_price_log, unexplained_log FLOAT64,
--          centroid_id INT64, normalized_distance FLOAT64, is_anomalous BOOL (distance above the threshold)
WITH ranked AS (
  SELECT
    *,
    ROW_NUMBER() OVER (ORDER BY normalized_distance DESC, transaction_id) - 1 AS place,
    COUNT(*) OVER () AS purchases
  FROM ML.DETECT_ANOMALIES(
    MODEL `${project}.${dataset}.${model}`,
    STRUCT(0 AS contamination),
    (
      SELECT *
      FROM `${project}.${dataset}.purchase_features`
      WHERE event_datetime >= @start AND event_datetime < @end
    )
  )
)
SELECT
  transaction_id,
  value_log,
  tax_log,
  shipping,
  tax_rate,
  quantity_log,
  item_price_log,
  unexplained_log,
  CENTROID_ID AS centroid_id,
  normalized_distance,
  normalized_distance > @threshold AS is_anomalous
FROM ranked
WHERE MOD(place, GREATEST(DIV(purchases, @rows), 1)) = 0
ORDER BY place
LIMIT @rows
