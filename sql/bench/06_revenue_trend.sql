-- What: revenue a day and its mean over seven days
-- Placeholders: project, dataset, events
-- Returns: day DATE, revenue FLOAT64, mean_of_week FLOAT64
WITH days AS (
  SELECT DATE(event_datetime) AS day, SUM(ecommerce.purchase.value) AS revenue
  FROM `${project}.${dataset}.${events}`
  WHERE event = 'purchase'
  GROUP BY day
)
SELECT
  day,
  ROUND(revenue, 2) AS revenue,
  ROUND(AVG(revenue) OVER (ORDER BY day ROWS BETWEEN 6 PRECEDING AND CURRENT ROW), 2) AS mean_of_week
FROM days
ORDER BY day
