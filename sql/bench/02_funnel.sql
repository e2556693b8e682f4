-- What: how far visitors get in a day, by day of the week
-- Placeholders: project, dataset, events
-- Returns: weekday STRING, looked INT64, carted INT64, bought INT64, conversion FLOAT64
WITH visits AS (
  SELECT
    weekday,
    user_id,
    DATE(event_datetime) AS day,
    COUNTIF(event = 'view_item') AS views,
    COUNTIF(event = 'add_to_cart') AS carts,
    COUNTIF(event = 'purchase') AS purchases
  FROM `${project}.${dataset}.${events}`
  GROUP BY weekday, user_id, day
)
SELECT
  weekday,
  COUNTIF(views > 0) AS looked,
  COUNTIF(carts > 0) AS carted,
  COUNTIF(purchases > 0) AS bought,
  SAFE_DIVIDE(COUNTIF(purchases > 0), COUNTIF(views > 0)) AS conversion
FROM visits
GROUP BY weekday
ORDER BY weekday
