-- What: the one definition of the features: a view with one row a purchase. Its twin is lib/anomaly/features.ts.
--       Amounts are on a logarithmic scale, because they differ by factors; a feature is never NULL.
-- Placeholders: project, dataset, events, features_view (the view's name; purchase_features unless it is said)
-- Returns: nothing. Columns of the view: transaction_id STRING, event_datetime TIMESTAMP, user_id STRING,
--          value FLOAT64, tax FLOAT64, goods FLOAT64, quantity INT64 (EUR and pieces, to look at), and the features
--          value_log, tax_log, shipping, tax_rate, quantity_log, item_price_log, unexplained_log FLOAT64
CREATE OR REPLACE VIEW `${project}.${dataset}.${features_view}` AS
WITH purchases AS (
  SELECT
    ecommerce.purchase.transaction_id AS transaction_id,
    event_datetime,
    user_id,
    IFNULL(ecommerce.purchase.value, 0) AS value,
    IFNULL(ecommerce.purchase.tax, 0) AS tax,
    IFNULL(ecommerce.purchase.shipping, 0) AS shipping,
    IFNULL((SELECT SUM(item.item_price * item.quantity) FROM UNNEST(ecommerce.purchase.items) AS item), 0) AS goods,
    IFNULL((SELECT SUM(item.quantity) FROM UNNEST(ecommerce.purchase.items) AS item), 0) AS quantity
  FROM `${project}.${dataset}.${events}`
  WHERE event = 'purchase'
)
SELECT
  transaction_id,
  event_datetime,
  user_id,
  value,
  tax,
  goods,
  quantity,
  LN(GREATEST(value, 0.01)) AS value_log,
  LN(1 + GREATEST(tax, 0)) AS tax_log,
  shipping,
  IF(goods > 0, tax / GREATEST(goods, 0.01), 0) AS tax_rate,
  LN(GREATEST(quantity, 1)) AS quantity_log,
  LN(GREATEST(goods / GREATEST(quantity, 1), 0.01)) AS item_price_log,
  LN(GREATEST(value, 0.01) / GREATEST(goods + tax + shipping, 0.01)) AS unexplained_log
FROM purchases
