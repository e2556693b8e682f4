-- What: events by day and type
-- Placeholders: project, dataset, events
-- Returns: day DATE, event STRING, events INT64, visitors INT64
SELECT DATE(event_datetime) AS day, event, COUNT(*) AS events, COUNT(DISTINCT user_id) AS visitors
FROM `${project}.${dataset}.${events}`
GROUP BY day, event
ORDER BY day, event
