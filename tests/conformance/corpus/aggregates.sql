Cases on aggregates; expected answers: aggregates.expected.jsonl.

-- case: counts
SELECT COUNT(*) AS n, COUNT(amount) AS a, COUNT(DISTINCT customer) AS c, COUNTIF(paid) AS p FROM orders

-- case: sums_and_averages
SELECT SUM(id) AS i, SUM(amount) AS a, AVG(amount) AS aa, AVG(id) AS ai, SUM(score) AS s FROM orders

-- case: by_group
SELECT customer, COUNT(*) AS n, SUM(amount) AS a, MIN(placed) AS f, MAX(score) AS m FROM orders GROUP BY customer ORDER BY customer

-- case: having
SELECT country, SUM(amount) AS a FROM orders GROUP BY country HAVING SUM(amount) > 10 ORDER BY country

-- case: empty_input
SELECT COUNT(*) AS n, SUM(id) AS s, AVG(id) AS a, MAX(customer) AS m, ARRAY_AGG(id) AS l, STRING_AGG(customer) AS t, LOGICAL_AND(paid) AS b FROM orders WHERE id > 100

-- case: array_agg
SELECT ARRAY_AGG(customer ORDER BY placed DESC) AS a, ARRAY_AGG(DISTINCT customer ORDER BY customer) AS d, ARRAY_AGG(country IGNORE NULLS ORDER BY id LIMIT 2) AS l FROM orders

-- case: string_agg
SELECT STRING_AGG(customer, '; ' ORDER BY id) AS a, STRING_AGG(DISTINCT customer ORDER BY customer) AS d, STRING_AGG(customer ORDER BY id LIMIT 2) AS l FROM orders

-- case: logical_and_bitwise
SELECT LOGICAL_AND(paid) AS a, LOGICAL_OR(paid) AS o, BIT_AND(id) AS ba, BIT_OR(id) AS bo, BIT_XOR(id) AS bx FROM orders

-- case: statistics
SELECT ROUND(STDDEV(score), 6) AS s, ROUND(STDDEV_POP(id), 9) AS sp, ROUND(VARIANCE(id), 9) AS v, ROUND(CORR(id, id * 2.0 + 1), 9) AS c, ROUND(COVAR_POP(id, id * id), 9) AS cp, ROUND(COVAR_SAMP(id, id * id), 9) AS cs FROM orders

-- case: min_max_with_nan
SELECT MIN(x) AS a, MAX(x) AS b, MIN(y) AS c FROM UNNEST([STRUCT(1.0 AS x, 1.0 AS y), (CAST('nan' AS FLOAT64), 2.0)])

-- case: sum_overflow
SELECT SUM(x) AS s FROM UNNEST([9223372036854775807, 1]) AS x

-- case: any_value_having
SELECT ANY_VALUE(customer HAVING MAX placed) AS latest, ANY_VALUE(customer HAVING MIN placed) AS first FROM orders

-- case: array_concat_agg
SELECT ARRAY_CONCAT_AGG(tags ORDER BY id) AS t FROM orders

-- case: rollup
SELECT country, customer, SUM(amount) AS a, GROUPING(country) AS g FROM orders GROUP BY ROLLUP(country, customer) ORDER BY g, country, customer, a

-- case: grouping_sets
SELECT country, paid, COUNT(*) AS n FROM orders GROUP BY GROUPING SETS ((country), (paid), ()) ORDER BY country, paid, n

-- case: group_by_expression
SELECT EXTRACT(MONTH FROM placed) AS m, COUNT(*) AS n FROM orders GROUP BY 1 ORDER BY 1

-- case: distinct_rows
SELECT DISTINCT customer, country FROM orders ORDER BY customer

-- case: bignumeric_sum
SELECT SUM(x) AS s, AVG(x) AS a, MIN(x) AS mn, MAX(x) AS mx FROM UNNEST([BIGNUMERIC '1.1', BIGNUMERIC '-2.25', BIGNUMERIC '1e20']) AS x

-- case: numeric_average_rounds
SELECT AVG(x) AS a FROM UNNEST([NUMERIC '1', NUMERIC '1', NUMERIC '2']) AS x

-- case: correlation_of_few_rows
SELECT k, CORR(x, y) AS r FROM UNNEST([STRUCT('one' AS k, 1.0 AS x, 2.0 AS y), ('level', 1.0, 2.0), ('level', 1.0, 3.0), ('two', 1.0, 2.0), ('two', 2.0, 3.0)]) GROUP BY k ORDER BY k

-- case: grouping_without_sets
SELECT x, GROUPING(x) AS g, COUNT(*) AS n FROM UNNEST([1, 1, 2]) AS x GROUP BY x ORDER BY x

-- case: max_by_and_min_by
SELECT MAX_BY(x, y) AS most, MIN_BY(x, y) AS least
FROM UNNEST([STRUCT('a' AS x, 1 AS y), ('b', 5), ('c', NULL)])
-- expected:
SELECT 'b' AS most, 'a' AS least
