Cases on joins; expected answers: joins.expected.jsonl.

-- case: inner
SELECT o.id, c.email FROM orders AS o JOIN customers AS c ON o.customer = c.name ORDER BY o.id

-- case: left
SELECT o.id, c.born FROM orders AS o LEFT JOIN customers AS c ON o.customer = c.name ORDER BY o.id

-- case: full
SELECT o.id, c.name FROM orders AS o FULL JOIN customers AS c ON o.customer = c.name ORDER BY o.id, c.name

-- case: right_using
SELECT name, email, amount FROM (SELECT customer AS name, amount FROM orders) RIGHT JOIN customers USING (name) ORDER BY name, amount

-- case: cross
SELECT a, b FROM UNNEST([1, 2]) AS a CROSS JOIN UNNEST(['x', 'y']) AS b ORDER BY a, b

-- case: semi_and_anti
SELECT name FROM customers WHERE name IN (SELECT customer FROM orders) AND NOT EXISTS (SELECT 1 FROM orders WHERE customer = name AND paid IS FALSE) ORDER BY name

-- case: not_in_with_null
SELECT name FROM customers WHERE name NOT IN (SELECT customer FROM orders WHERE customer IS NOT NULL) ORDER BY name

-- case: correlated_scalar
SELECT name, (SELECT COUNT(*) FROM orders WHERE customer = name) AS n, (SELECT MAX(amount) FROM orders WHERE customer = name) AS m FROM customers ORDER BY name

-- case: self_join
SELECT a.id AS a, b.id AS b FROM orders AS a JOIN orders AS b ON a.customer = b.customer AND a.id < b.id ORDER BY a, b

-- case: lateral_unnest
SELECT o.id, t FROM orders AS o JOIN UNNEST(o.tags) AS t ON t != 'web' ORDER BY o.id, t

-- case: union_all
SELECT customer AS who FROM orders UNION ALL SELECT name FROM customers ORDER BY who

-- case: union_distinct
SELECT customer AS who FROM orders UNION DISTINCT SELECT name FROM customers ORDER BY who

-- case: intersect_and_except
(SELECT customer AS who FROM orders INTERSECT DISTINCT SELECT name FROM customers) EXCEPT DISTINCT SELECT 'Cyd' ORDER BY who

-- case: recursive
WITH RECURSIVE n AS (SELECT 1 AS x UNION ALL SELECT x * 2 FROM n WHERE x < 100) SELECT x FROM n ORDER BY x

-- case: with_clauses
WITH paid AS (SELECT * FROM orders WHERE paid), totals AS (SELECT customer, SUM(amount) AS a FROM paid GROUP BY customer) SELECT * FROM totals ORDER BY customer

-- case: except_and_replace
SELECT * EXCEPT (tags, score) REPLACE (id * 10 AS id) FROM orders ORDER BY id

-- case: limit_offset
SELECT id FROM orders ORDER BY id LIMIT 2 OFFSET 3

-- case: pivot
SELECT * FROM (SELECT customer, paid, amount FROM orders) PIVOT (SUM(amount) FOR paid IN (TRUE AS paid, FALSE AS open)) ORDER BY customer

-- case: unpivot
SELECT * FROM (SELECT 1 AS id, 10 AS q1, 20 AS q2) UNPIVOT (sales FOR quarter IN (q1, q2)) ORDER BY quarter

-- case: select_as_struct
SELECT ARRAY(SELECT AS STRUCT id, customer FROM orders WHERE id < 3 ORDER BY id) AS s

-- case: order_by_nulls
SELECT country FROM orders ORDER BY country NULLS LAST, country DESC

-- case: pipes
FROM orders |> WHERE paid |> AGGREGATE SUM(amount) AS total GROUP BY customer |> ORDER BY customer

-- case: tablesample_free_limit
SELECT COUNT(*) AS n FROM (SELECT * FROM orders LIMIT 4)
