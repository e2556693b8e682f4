-- What: customers in ten classes by what they spent
-- Placeholders: project, dataset, events
-- Returns: decile INT64, customers INT64, spent FLOAT64, orders FLOAT64
WITH customers AS (
  SELECT user_id, SUM(ecommerce.purchase.value) AS spent, COUNT(*) AS orders
  FROM `${project}.${dataset}.${events}`
  WHERE event = 'purchase'
  GROUP BY user_id
),
classes AS (
  SELECT user_id, spent, orders, NTILE(10) OVER (ORDER BY spent DESC, user_id) AS decile
  FROM customers
)
SELECT decile, COUNT(*) AS customers, ROUND(SUM(spent), 2) AS spent, AVG(orders) AS orders
FROM classes
GROUP BY decile
ORDER BY decile
