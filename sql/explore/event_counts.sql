-- What: how many events of each type the sink holds, and from when to when.
-- Placeholders: project, dataset, events
-- Returns: event STRING, events INT64, users INT64, first_event TIMESTAMP, last_event TIMESTAMP
SELECT
  event,
  COUNT(*) AS events,
  COUNT(DISTINCT user_id) AS users,
  MIN(event_datetime) AS first_event,
  MAX(event_datetime) AS last_event
FROM `${project}.${dataset}.${events}`
GROUP BY event
ORDER BY events DESC
