-- What: sessions, cut where half an hour passes without an event
-- Placeholders: project, dataset, events
-- Returns: sessions INT64, mean_events FLOAT64, mean_seconds FLOAT64
WITH gaps AS (
  SELECT
    user_id,
    event_datetime,
    TIMESTAMP_DIFF(
      event_datetime,
      LAG(event_datetime) OVER (PARTITION BY user_id ORDER BY event_datetime),
      SECOND
    ) AS seconds
  FROM `${project}.${dataset}.${events}`
),
numbered AS (
  SELECT
    user_id,
    event_datetime,
    SUM(IF(seconds IS NULL OR seconds > 1800, 1, 0)) OVER (PARTITION BY user_id ORDER BY event_datetime) AS session
  FROM gaps
),
sessions AS (
  SELECT
    user_id,
    session,
    COUNT(*) AS events,
    TIMESTAMP_DIFF(MAX(event_datetime), MIN(event_datetime), SECOND) AS seconds
  FROM numbered
  GROUP BY user_id, session
)
SELECT COUNT(*) AS sessions, AVG(events) AS mean_events, AVG(seconds) AS mean_seconds
FROM sessions
