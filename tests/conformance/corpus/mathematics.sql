Cases on mathematics; expected answers: mathematics.expected.jsonl.

-- case: rounding
SELECT x, ROUND(x) AS r, ROUND(x, 1) AS r1, TRUNC(x) AS t, TRUNC(x, 1) AS t1, CEIL(x) AS c, FLOOR(x) AS f FROM UNNEST([-2.55, -2.5, -0.5, 0.5, 1.25, 2.5, 1234.567]) AS x ORDER BY x

-- case: rounding_to_tens
SELECT ROUND(x, -1) AS a, ROUND(x, -2) AS b, TRUNC(x, -2) AS c FROM UNNEST([1234.5, -1255.0, 50.0]) AS x ORDER BY x

-- case: rounding_numeric
SELECT x, ROUND(x) AS r, ROUND(x, 2) AS r2, TRUNC(x, 2) AS t2, CEIL(x) AS c, FLOOR(x) AS f FROM UNNEST([NUMERIC '-2.555', NUMERIC '2.5', NUMERIC '3.145']) AS x ORDER BY x

-- case: rounding_half_even
SELECT ROUND(x, 1, 'ROUND_HALF_EVEN') AS a, ROUND(x, 1, 'ROUND_HALF_AWAY_FROM_ZERO') AS b FROM UNNEST([NUMERIC '2.25', NUMERIC '2.35', NUMERIC '-2.45']) AS x ORDER BY x

-- case: absolute_and_sign
SELECT ABS(x) AS a, SIGN(x) AS s, ABS(x * 1.5) AS fa, SIGN(x * 1.5) AS fs FROM UNNEST([-3, 0, 5]) AS x ORDER BY x

-- case: absolute_overflow
SELECT ABS(x) AS y FROM UNNEST([-9223372036854775808]) AS x

-- case: powers
SELECT POW(x, 2) AS p, SQRT(x) AS q, CBRT(x) AS c, EXP(x / 10) AS e, LN(x) AS l, LOG(x, 2) AS l2, LOG10(x) AS l10 FROM UNNEST([1.0, 2.0, 100.0, 0.25]) AS x ORDER BY x

-- case: square_root_of_negative
SELECT SQRT(x) AS y FROM UNNEST([-1.0]) AS x

-- case: logarithm_of_zero
SELECT LN(x) AS y FROM UNNEST([0.0]) AS x

-- case: logarithm_to_base_one
SELECT LOG(x, 1) AS y FROM UNNEST([2.0]) AS x

-- case: power_out_of_domain
SELECT POW(x, 0.5) AS y FROM UNNEST([-1.0]) AS x

-- case: exponential_overflow
SELECT EXP(x) AS y FROM UNNEST([1000.0]) AS x

-- case: safe_square_root
SELECT SAFE.SQRT(x) AS y, SAFE.LN(x) AS l FROM UNNEST([-1.0, 4.0]) AS x ORDER BY x

-- case: trigonometry
SELECT ROUND(SIN(x), 9) AS s, ROUND(COS(x), 9) AS c, ROUND(TAN(x), 9) AS t, ROUND(ATAN(x), 9) AS a, ROUND(ATAN2(x, 2), 9) AS a2, ROUND(SINH(x), 9) AS sh, ROUND(COSH(x), 9) AS ch, ROUND(TANH(x), 9) AS th FROM UNNEST([-1.0, 0.0, 0.5, 3.0]) AS x ORDER BY x

-- case: inverse_trigonometry
SELECT ROUND(ASIN(x), 9) AS s, ROUND(ACOS(x), 9) AS c, ROUND(ATANH(x), 9) AS t, ROUND(ASINH(x), 9) AS h FROM UNNEST([-0.5, 0.0, 0.5]) AS x ORDER BY x

-- case: reciprocal_trigonometry
SELECT ROUND(SEC(x), 9) AS s, ROUND(CSC(x), 9) AS c, ROUND(COT(x), 9) AS t, ROUND(SECH(x), 9) AS sh, ROUND(CSCH(x), 9) AS ch, ROUND(COTH(x), 9) AS th FROM UNNEST([-1.0, 0.5, 2.0]) AS x ORDER BY x

-- case: arc_sine_out_of_domain
SELECT ASIN(x) AS y FROM UNNEST([2.0]) AS x

-- case: cosecant_of_zero
SELECT CSC(x) AS y FROM UNNEST([0.0]) AS x

-- case: greatest_and_least
SELECT GREATEST(x, 2, 0) AS g, LEAST(x, 2, 0) AS l, GREATEST(x, NULL) AS n FROM UNNEST([1, 5, -3]) AS x ORDER BY x

-- case: greatest_of_text
SELECT GREATEST('b', x, 'B') AS g, LEAST('b', x) AS l FROM UNNEST(['a', 'c', 'á']) AS x ORDER BY x

-- case: not_a_number
SELECT IS_NAN(x) AS n, IS_INF(x) AS i, x = x AS e, x > 1 AS g, x < 1 AS l FROM UNNEST([1.5, CAST('NaN' AS FLOAT64), CAST('inf' AS FLOAT64)]) AS x ORDER BY n, i

-- case: range_bucket
SELECT x, RANGE_BUCKET(x, [0, 10, 20]) AS b FROM UNNEST([-1, 0, 5, 10, 25]) AS x ORDER BY x

-- case: nan_ordering
SELECT x FROM UNNEST([1.0, CAST('NaN' AS FLOAT64), CAST('-inf' AS FLOAT64), NULL]) AS x ORDER BY x

-- case: cube_roots
SELECT CBRT(x) AS y FROM UNNEST([27.0, -8.0, 0.0, 2.0]) AS x ORDER BY x
