-- What: events a day and type, and the day's revenue.
-- Placeholders: project, dataset, events
-- Returns: day DATE, event STRING, events INT64, revenue FLOAT64 (EUR; 0 for other types than purchase)
SELECT
  DATE(event_datetime) AS day,
  event,
  COUNT(*) AS events,
  SUM(IFNULL(ecommerce.purchase.value, 0)) AS revenue
FROM `${project}.${dataset}.${events}`
GROUP BY day, event
ORDER BY day, event
