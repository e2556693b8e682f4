-- What: the purchases of the training window, each with its distance from the mean (sum of the squared z-scores of its
--       features). is_far marks the tenth that is farthest: leaving it out keeps anomalies from making a cluster of their own.
-- Placeholders: project, dataset, training_start, training_end (days; the end is excluded)
-- Returns: nothing. Columns of the table: those of purchase_features, squared_z_sum FLOAT64, is_far BOOL
CREATE OR REPLACE TABLE `${project}.${dataset}.training_purchases` AS
WITH purchases AS (
  SELECT *
  FROM `${project}.${dataset}.purchase_features`
  WHERE event_datetime >= TIMESTAMP '${training_start}' AND event_datetime < TIMESTAMP '${training_end}'
),
centered AS (
  SELECT
    *,
    SAFE_DIVIDE(value_log - AVG(value_log) OVER (), STDDEV_SAMP(value_log) OVER ()) AS value_log_z,
    SAFE_DIVIDE(tax_log - AVG(tax_log) OVER (), STDDEV_SAMP(tax_log) OVER ()) AS tax_log_z,
    SAFE_DIVIDE(shipping - AVG(shipping) OVER (), STDDEV_SAMP(shipping) OVER ()) AS shipping_z,
    SAFE_DIVIDE(tax_rate - AVG(tax_rate) OVER (), STDDEV_SAMP(tax_rate) OVER ()) AS tax_rate_z,
    SAFE_DIVIDE(quantity_log - AVG(quantity_log) OVER (), STDDEV_SAMP(quantity_log) OVER ()) AS quantity_log_z,
    SAFE_DIVIDE(item_price_log - AVG(item_price_log) OVER (), STDDEV_SAMP(item_price_log) OVER ()) AS item_price_log_z,
    SAFE_DIVIDE(unexplained_log - AVG(unexplained_log) OVER (), STDDEV_SAMP(unexplained_log) OVER ()) AS unexplained_log_z
  FROM purchases
),
distances AS (
  SELECT
    * EXCEPT (value_log_z, tax_log_z, shipping_z, tax_rate_z, quantity_log_z, item_price_log_z, unexplained_log_z),
    (
      POW(IFNULL(value_log_z, 0), 2)
      + POW(IFNULL(tax_log_z, 0), 2)
      + POW(IFNULL(shipping_z, 0), 2)
      + POW(IFNULL(tax_rate_z, 0), 2)
      + POW(IFNULL(quantity_log_z, 0), 2)
      + POW(IFNULL(item_price_log_z, 0), 2)
      + POW(IFNULL(unexplained_log_z, 0), 2)
    ) AS squared_z_sum
  FROM centered
)
SELECT *, squared_z_sum > PERCENTILE_CONT(squared_z_sum, 0.9) OVER () AS is_far
FROM distances
