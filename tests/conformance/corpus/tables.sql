Tables of the corpus: each a SELECT that the local cloud runs as CREATE TABLE AS and Google's evaluator as a WITH clause.

-- table: events
SELECT event_id, user_id, session_id, event_name, ts, page, STRUCT(category, os) AS device,
  ARRAY(SELECT AS STRUCT sku, name, price, quantity FROM UNNEST([
    STRUCT(3 AS event, 's1' AS sku, 'Runner' AS name, NUMERIC '89.90' AS price, 1 AS quantity),
    (4, 's1', 'Runner', NUMERIC '89.90', 1), (4, 's2', 'Sock', NUMERIC '4.50', 3),
    (9, 'b7', 'Tote', NUMERIC '120', 1), (11, 'b7', 'Tote', NUMERIC '120', 2)]) WHERE event = event_id ORDER BY sku) AS items,
  ARRAY(SELECT AS STRUCT key, value FROM UNNEST([
    STRUCT(1 AS event, 'source' AS key, 'google' AS value), (1, 'campaign', 'spring'), (2, 'ref', '/'), (4, 'coupon', 'TEN'),
    (4, 'tax', '9.20'), (5, 'source', 'direct'), (8, 'source', 'google'), (10, 'source', 'mail'), (11, 'tax', NULL)])
    WHERE event = event_id ORDER BY key) AS params
FROM UNNEST([
  STRUCT(1 AS event_id, 'u1' AS user_id, 1 AS session_id, 'session_start' AS event_name, TIMESTAMP '2024-03-01 09:00:00+00' AS ts, '/' AS page, 'mobile' AS category, 'iOS' AS os),
  (2, 'u1', 1, 'page_view', TIMESTAMP '2024-03-01 09:00:05.250+00', '/shoes', 'mobile', 'iOS'),
  (3, 'u1', 1, 'add_to_cart', TIMESTAMP '2024-03-01 09:01:10+00', '/shoes/1', 'mobile', 'iOS'),
  (4, 'u1', 1, 'purchase', TIMESTAMP '2024-03-01 09:05:00+00', '/thanks', 'mobile', 'iOS'),
  (5, 'u2', 2, 'session_start', TIMESTAMP '2024-03-01 23:58:00+00', '/', 'desktop', 'Windows'),
  (6, 'u2', 2, 'page_view', TIMESTAMP '2024-03-02 00:01:00+00', '/bags', 'desktop', 'Windows'),
  (7, 'u2', 2, 'page_view', TIMESTAMP '2024-03-02 00:03:30.500+00', '/bags/7', 'desktop', 'Windows'),
  (8, 'u3', 3, 'session_start', TIMESTAMP '2024-03-02 12:00:00+00', '/', 'mobile', 'Android'),
  (9, 'u3', 3, 'add_to_cart', TIMESTAMP '2024-03-02 12:02:00+00', '/bags/7', 'mobile', 'Android'),
  (10, 'u1', 4, 'session_start', TIMESTAMP '2024-03-05 18:30:00+00', '/', 'tablet', NULL),
  (11, 'u1', 4, 'purchase', TIMESTAMP '2024-03-05 18:45:00+00', '/thanks', 'tablet', NULL),
  (12, NULL, 5, 'page_view', TIMESTAMP '2024-03-10 07:30:00+00', '/404', 'desktop', 'Linux')])

-- table: orders
SELECT * FROM UNNEST(ARRAY<STRUCT<id INT64, customer STRING, country STRING, amount NUMERIC, score FLOAT64, placed DATE, paid BOOL, tags ARRAY<STRING>>>[
  (1, 'Ada', 'GB', NUMERIC '10.50', 1.5, DATE '2024-01-15', TRUE, ['new', 'web']),
  (2, 'Bob', 'DE', NUMERIC '20', 2.5, DATE '2024-01-31', FALSE, ['web']),
  (3, 'Ada', 'GB', NUMERIC '5.25', -1.0, DATE '2024-02-01', TRUE, []),
  (4, 'Cyd', 'FR', NUMERIC '99.99', NULL, DATE '2024-02-29', TRUE, ['vip']),
  (5, 'Bob', 'DE', NULL, 0.0, DATE '2023-12-31', NULL, ['web', 'vip']),
  (6, 'Dee', NULL, NUMERIC '0', 1e10, DATE '2024-03-31', FALSE, ['mail'])
])

-- table: customers
SELECT * FROM UNNEST(ARRAY<STRUCT<name STRING, born DATE, email STRING, profile JSON>>[
  ('Ada', DATE '1990-05-17', 'ada@example.com', JSON '{"city": "London", "likes": ["tea", "maths"], "vip": true, "visits": 12}'),
  ('Bob', DATE '1985-12-01', 'bob@example.de', JSON '{"city": "Berlin", "likes": [], "vip": false, "address": {"zip": "10115"}}'),
  ('Cyd', NULL, NULL, NULL),
  ('Eve', DATE '2000-02-29', 'eve@example.org', JSON '{"city": null, "visits": 1.5}')
])
