Cases on clickstream; expected answers: clickstream.expected.jsonl.

-- case: events_per_day
SELECT DATE(ts) AS day, COUNT(*) AS events, COUNT(DISTINCT user_id) AS users FROM events GROUP BY day ORDER BY day

-- case: events_per_hour_in_zone
SELECT TIMESTAMP_TRUNC(ts, HOUR, 'America/New_York') AS h, COUNT(*) AS n FROM events GROUP BY h ORDER BY h

-- case: funnel
SELECT COUNT(DISTINCT IF(event_name = 'session_start', session_id, NULL)) AS started, COUNT(DISTINCT IF(event_name = 'add_to_cart', session_id, NULL)) AS added, COUNT(DISTINCT IF(event_name = 'purchase', session_id, NULL)) AS bought FROM events

-- case: revenue_by_item
SELECT i.sku, i.name, SUM(i.price * i.quantity) AS revenue, SUM(i.quantity) AS units FROM events, UNNEST(items) AS i WHERE event_name = 'purchase' GROUP BY i.sku, i.name ORDER BY revenue DESC, i.sku

-- case: parameter_lookup
SELECT event_id, (SELECT value FROM UNNEST(params) WHERE key = 'source') AS source, (SELECT SAFE_CAST(value AS FLOAT64) FROM UNNEST(params) WHERE key = 'tax') AS tax FROM events ORDER BY event_id

-- case: sessions
SELECT session_id, MIN(ts) AS began, TIMESTAMP_DIFF(MAX(ts), MIN(ts), SECOND) AS seconds, COUNT(*) AS n, ARRAY_AGG(page ORDER BY ts LIMIT 1)[OFFSET(0)] AS landing FROM events GROUP BY session_id ORDER BY session_id

-- case: session_gap
SELECT event_id, user_id, TIMESTAMP_DIFF(ts, LAG(ts) OVER (PARTITION BY user_id ORDER BY ts), MINUTE) AS gap FROM events ORDER BY event_id

-- case: sessionised_by_gap
SELECT user_id, event_id, SUM(fresh) OVER (PARTITION BY user_id ORDER BY ts) AS session FROM (SELECT *, IF(TIMESTAMP_DIFF(ts, LAG(ts) OVER (PARTITION BY user_id ORDER BY ts), MINUTE) > 30, 1, 0) AS fresh FROM events) ORDER BY event_id

-- case: path_of_session
SELECT session_id, STRING_AGG(page, ' > ' ORDER BY ts) AS path FROM events GROUP BY session_id ORDER BY session_id

-- case: first_touch
SELECT user_id, ARRAY_AGG(STRUCT(event_name, DATE(ts) AS day) ORDER BY ts LIMIT 1)[OFFSET(0)].* FROM events WHERE user_id IS NOT NULL GROUP BY user_id ORDER BY user_id

-- case: device_share
SELECT device.category, COUNT(*) AS n, ROUND(COUNT(*) / SUM(COUNT(*)) OVER (), 4) AS share FROM events GROUP BY device.category ORDER BY n DESC, device.category

-- case: average_basket
SELECT AVG(total) AS a, MAX(total) AS m FROM (SELECT (SELECT SUM(price * quantity) FROM UNNEST(items)) AS total FROM events WHERE event_name = 'purchase')

-- case: users_who_returned
SELECT user_id FROM events WHERE user_id IS NOT NULL GROUP BY user_id HAVING COUNT(DISTINCT DATE(ts)) > 1 ORDER BY user_id

-- case: conversion_by_source
WITH s AS (SELECT session_id, MAX((SELECT value FROM UNNEST(params) WHERE key = 'source')) AS source, LOGICAL_OR(event_name = 'purchase') AS bought FROM events GROUP BY session_id) SELECT IFNULL(source, '(none)') AS source, COUNT(*) AS sessions, COUNTIF(bought) AS buyers, SAFE_DIVIDE(COUNTIF(bought), COUNT(*)) AS rate FROM s GROUP BY source ORDER BY source

-- case: cart_without_purchase
SELECT session_id FROM events GROUP BY session_id HAVING COUNTIF(event_name = 'add_to_cart') > 0 AND COUNTIF(event_name = 'purchase') = 0 ORDER BY session_id

-- case: outliers_by_zscore
SELECT id, ROUND((id - AVG(id) OVER ()) / STDDEV(id) OVER (), 6) AS z FROM orders ORDER BY id

-- case: events_as_json
SELECT TO_JSON_STRING(STRUCT(event_id, device, items)) AS j FROM events WHERE ARRAY_LENGTH(items) > 0 ORDER BY event_id

-- case: pages_by_prefix
SELECT REGEXP_EXTRACT(page, r'^/([a-z]*)') AS section, COUNT(*) AS n FROM events GROUP BY section ORDER BY section

-- case: calendar_join
SELECT d, COUNT(event_id) AS n FROM UNNEST(GENERATE_DATE_ARRAY(DATE '2024-03-01', DATE '2024-03-06')) AS d LEFT JOIN events ON DATE(ts) = d GROUP BY d ORDER BY d

-- case: weekday_profile
SELECT FORMAT_TIMESTAMP('%a', ts) AS w, EXTRACT(DAYOFWEEK FROM ts) AS n, COUNT(*) AS c FROM events GROUP BY w, n ORDER BY n
