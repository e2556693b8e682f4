-- What: pairs of articles that are bought together: the lines of every purchase joined with each other
-- Placeholders: project, dataset, events
-- Returns: first_item STRING, second_item STRING, orders INT64
WITH bought AS (
  SELECT user_id, ecommerce.purchase.transaction_id AS transaction_id, item.item_name AS item_name
  FROM `${project}.${dataset}.${events}`, UNNEST(ecommerce.purchase.items) AS item
  WHERE event = 'purchase'
)
SELECT first.item_name AS first_item, second.item_name AS second_item, COUNT(*) AS orders
FROM bought AS first
JOIN bought AS second
  ON first.transaction_id = second.transaction_id AND first.user_id = second.user_id AND first.item_name < second.item_name
GROUP BY first_item, second_item
ORDER BY orders DESC, first_item, second_item
LIMIT 20
