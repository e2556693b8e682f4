Cases on conditional; expected answers: conditional.expected.jsonl.

-- case: if_branches
SELECT id, IF(paid, 'yes', 'no') AS p, IF(amount > 10, 1, 0) AS big FROM orders ORDER BY id

-- case: case_searched
SELECT id, CASE WHEN score IS NULL THEN 'none' WHEN score < 0 THEN 'negative' WHEN score > 2 THEN 'high' ELSE 'low' END AS band FROM orders ORDER BY id

-- case: case_simple
SELECT id, CASE country WHEN 'GB' THEN 1 WHEN 'DE' THEN 2 END AS c FROM orders ORDER BY id

-- case: case_guards_division
SELECT x, CASE WHEN x = 0 THEN NULL ELSE 10 / x END AS q FROM UNNEST([0, 4]) AS x ORDER BY x

-- case: coalesce_and_ifnull
SELECT id, COALESCE(amount, 0) AS a, IFNULL(country, '?') AS c, COALESCE(CAST(NULL AS STRING), country, customer) AS f FROM orders ORDER BY id

-- case: nullif
SELECT id, NULLIF(amount, 0) AS a, NULLIF(customer, 'Bob') AS c FROM orders ORDER BY id

-- case: error_in_unused_branch
SELECT IF(x > 0, 'ok', ERROR('bad')) AS r FROM UNNEST([1, 2]) AS x

-- case: error_function
SELECT ERROR(CONCAT('no ', x)) AS r FROM UNNEST(['luck']) AS x

-- case: in_list_with_null
SELECT x, x IN (1, 2) AS a, x IN (1, NULL) AS b, x NOT IN (1, NULL) AS c FROM UNNEST([1, 2, NULL]) AS x ORDER BY x

-- case: in_unnest
SELECT x, x IN UNNEST([1, 3]) AS a, x IN UNNEST(CAST([] AS ARRAY<INT64>)) AS b, x IN UNNEST([1, NULL]) AS c FROM UNNEST([1, 2, NULL]) AS x ORDER BY x

-- case: between
SELECT id, id BETWEEN 2 AND 4 AS a, score NOT BETWEEN 0 AND 2 AS b, placed BETWEEN DATE '2024-02-01' AND DATE '2024-02-29' AS c FROM orders ORDER BY id

-- case: three_valued_logic
SELECT a, b, a AND b AS x, a OR b AS y, NOT a AS z FROM UNNEST([TRUE, FALSE, NULL]) AS a, UNNEST([TRUE, FALSE, NULL]) AS b ORDER BY a, b

-- case: is_true_and_distinct
SELECT id, paid IS TRUE AS t, paid IS FALSE AS f, paid IS NULL AS n, paid IS DISTINCT FROM TRUE AS d, paid IS NOT DISTINCT FROM NULL AS e FROM orders ORDER BY id

-- case: like
SELECT s, s LIKE 'a%' AS a, s LIKE '_b_' AS b, s LIKE r'50\%' AS c, s NOT LIKE '%c%' AS d FROM UNNEST(['abc', 'ABC', '50%', 'xbz', '']) AS s ORDER BY s

-- case: like_any
SELECT s FROM UNNEST(['apple', 'banana', 'cherry']) AS s WHERE s LIKE ANY ('a%', '%rry') ORDER BY s

-- case: struct_equality
SELECT STRUCT(1 AS a, 'x' AS b) = STRUCT(1 AS a, 'x' AS b) AS e, STRUCT(1 AS a, CAST(NULL AS STRING) AS b) = STRUCT(1, 'x') AS n

-- case: collation_without_case
WITH words AS (SELECT COLLATE(word, 'und:ci') AS word FROM UNNEST(['b', 'Apple', 'apple', 'C', 'APPLE']) AS word)
SELECT LOWER(word) AS word, COUNT(*) AS n, MIN(word) = 'aPPle' AS is_apple FROM words GROUP BY word ORDER BY word
-- expected:
SELECT * FROM UNNEST([STRUCT('apple' AS word, 3 AS n, TRUE AS is_apple), ('b', 1, FALSE), ('c', 1, FALSE)])
ORDER BY word
