-- What: the shop's rhythm: events by day of the week and hour (UTC).
-- Placeholders: project, dataset, events
-- Returns: weekday STRING, weekday_number INT64 (1 = Sunday), hour INT64, events INT64
SELECT
  weekday,
  EXTRACT(DAYOFWEEK FROM event_datetime) AS weekday_number,
  EXTRACT(HOUR FROM event_datetime) AS hour,
  COUNT(*) AS events
FROM `${project}.${dataset}.${events}`
GROUP BY weekday, weekday_number, hour
ORDER BY weekday_number, hour
