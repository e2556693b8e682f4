-- What: the mean features of purchases by hour: sums over the items of each purchase
-- Placeholders: project, dataset, events
-- Returns: hour INT64, purchases INT64, value_log FLOAT64, tax_rate FLOAT64, quantity_log FLOAT64
WITH purchases AS (
  SELECT
    EXTRACT(HOUR FROM event_datetime) AS hour,
    ecommerce.purchase.value AS value,
    ecommerce.purchase.tax AS tax,
    (SELECT SUM(item.item_price * item.quantity) FROM UNNEST(ecommerce.purchase.items) AS item) AS goods,
    (SELECT SUM(item.quantity) FROM UNNEST(ecommerce.purchase.items) AS item) AS quantity
  FROM `${project}.${dataset}.${events}`
  WHERE event = 'purchase'
)
SELECT
  hour,
  COUNT(*) AS purchases,
  ROUND(AVG(LN(GREATEST(value, 0.01))), 6) AS value_log,
  ROUND(AVG(SAFE_DIVIDE(tax, goods)), 6) AS tax_rate,
  ROUND(AVG(LN(GREATEST(quantity, 1))), 6) AS quantity_log
FROM purchases
GROUP BY hour
ORDER BY hour
