Cases on windows; expected answers: windows.expected.jsonl.

-- case: numbering
SELECT id, ROW_NUMBER() OVER (PARTITION BY customer ORDER BY placed) AS r, RANK() OVER (ORDER BY customer) AS k, DENSE_RANK() OVER (ORDER BY customer) AS d, NTILE(4) OVER (ORDER BY id) AS t FROM orders ORDER BY id

-- case: distribution
SELECT id, ROUND(PERCENT_RANK() OVER (ORDER BY customer), 6) AS p, ROUND(CUME_DIST() OVER (ORDER BY customer), 6) AS c FROM orders ORDER BY id

-- case: lag_and_lead
SELECT id, LAG(id) OVER (PARTITION BY customer ORDER BY placed) AS a, LEAD(id, 1, -1) OVER (ORDER BY id) AS b, LAG(customer, 2, 'none') OVER (ORDER BY id) AS c FROM orders ORDER BY id

-- case: first_and_last
SELECT id, FIRST_VALUE(customer) OVER w AS f, LAST_VALUE(customer) OVER w AS l, NTH_VALUE(customer, 2) OVER w AS n FROM orders WINDOW w AS (ORDER BY id ROWS BETWEEN 1 PRECEDING AND 1 FOLLOWING) ORDER BY id

-- case: ignore_nulls
SELECT id, LAST_VALUE(country IGNORE NULLS) OVER (ORDER BY id ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW) AS c, FIRST_VALUE(score IGNORE NULLS) OVER (ORDER BY id DESC) AS s FROM orders ORDER BY id

-- case: running_totals
SELECT id, SUM(amount) OVER (ORDER BY id) AS r, AVG(id) OVER (ORDER BY id ROWS BETWEEN 2 PRECEDING AND CURRENT ROW) AS m, COUNT(*) OVER (PARTITION BY customer) AS n FROM orders ORDER BY id

-- case: range_frames
SELECT id, SUM(id) OVER (ORDER BY id RANGE BETWEEN 1 PRECEDING AND 2 FOLLOWING) AS r, MAX(id) OVER (ORDER BY UNIX_DATE(placed) RANGE BETWEEN 31 PRECEDING AND CURRENT ROW) AS d FROM orders ORDER BY id

-- case: share_of_total
SELECT customer, ROUND(SUM(amount) / SUM(SUM(amount)) OVER (), 6) AS share FROM orders GROUP BY customer ORDER BY customer

-- case: percentiles
SELECT DISTINCT PERCENTILE_CONT(id, 0.5) OVER () AS c, PERCENTILE_CONT(score, 0.25) OVER () AS q, PERCENTILE_DISC(customer, 0.5) OVER () AS d FROM orders

-- case: qualify
SELECT customer, id, placed FROM orders QUALIFY ROW_NUMBER() OVER (PARTITION BY customer ORDER BY placed DESC) = 1 ORDER BY customer

-- case: distinct_in_window
SELECT id, COUNT(DISTINCT customer) OVER (PARTITION BY country) AS n FROM orders ORDER BY id

-- case: window_over_nulls
SELECT id, ROW_NUMBER() OVER (ORDER BY country) AS a, ROW_NUMBER() OVER (ORDER BY country DESC NULLS LAST, id) AS b FROM orders ORDER BY id, a
