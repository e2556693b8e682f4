-- What: the articles with the highest revenue
-- Placeholders: project, dataset, events
-- Returns: name STRING, brand STRING, orders INT64, pieces INT64, revenue FLOAT64
SELECT
  item.item_name AS name,
  item.item_brand AS brand,
  COUNT(DISTINCT ecommerce.purchase.transaction_id) AS orders,
  SUM(item.quantity) AS pieces,
  ROUND(SUM(item.item_price * item.quantity), 2) AS revenue
FROM `${project}.${dataset}.${events}`, UNNEST(ecommerce.purchase.items) AS item
WHERE event = 'purchase'
GROUP BY name, brand
ORDER BY revenue DESC, name
LIMIT 20
