-- What: the articles that sell best.
-- Parameters: limit INT64
-- Placeholders: project, dataset, events
-- Returns: item_id INT64, item_name STRING, pieces INT64, revenue FLOAT64 (EUR, before tax)
SELECT
  item.item_id,
  ANY_VALUE(item.item_name) AS item_name,
  SUM(item.quantity) AS pieces,
  SUM(item.item_price * item.quantity) AS revenue
FROM `${project}.${dataset}.${events}`, UNNEST(ecommerce.purchase.items) AS item
WHERE event = 'purchase'
GROUP BY item_id
ORDER BY pieces DESC, item_id
LIMIT @limit
