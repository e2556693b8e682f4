-- What: how many visitors of a day look, put something into the cart, and buy.
-- Placeholders: project, dataset, events
-- Returns: step INT64, event STRING, visitors INT64 (user and day), share FLOAT64 (of those who looked)
WITH steps AS (
  SELECT event, COUNT(DISTINCT CONCAT(user_id, ' ', CAST(DATE(event_datetime) AS STRING))) AS visitors
  FROM `${project}.${dataset}.${events}`
  GROUP BY event
)
SELECT
  CASE event WHEN 'view_item' THEN 1 WHEN 'add_to_cart' THEN 2 ELSE 3 END AS step,
  event,
  visitors,
  visitors / MAX(IF(event = 'view_item', visitors, NULL)) OVER () AS share
FROM steps
ORDER BY step
