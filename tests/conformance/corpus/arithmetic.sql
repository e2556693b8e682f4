Cases on arithmetic; expected answers: arithmetic.expected.jsonl.

-- case: int64_addition_overflow
SELECT 9223372036854775807 + x AS y FROM UNNEST([1]) AS x

-- case: int64_subtraction_overflow
SELECT -9223372036854775807 - x AS y FROM UNNEST([2]) AS x

-- case: int64_multiplication_overflow
SELECT 9223372036854775807 * x AS y FROM UNNEST([2]) AS x

-- case: division_by_zero
SELECT 1 / x AS y FROM UNNEST([0]) AS x

-- case: division_of_columns
SELECT id, amount / id AS a, score / id AS s, id / 4 AS q FROM orders ORDER BY id

-- case: div_truncates
SELECT x, DIV(x, 3) AS d, MOD(x, 3) AS m, DIV(x, -3) AS dn, MOD(x, -3) AS mn FROM UNNEST([-7, -3, -1, 0, 1, 3, 7]) AS x ORDER BY x

-- case: div_by_zero
SELECT DIV(1, x) AS y FROM UNNEST([0]) AS x

-- case: mod_by_zero
SELECT MOD(7, x) AS y FROM UNNEST([0]) AS x

-- case: safe_operators
SELECT SAFE_ADD(9223372036854775807, x) AS a, SAFE_SUBTRACT(-9223372036854775807, x + 1) AS s, SAFE_MULTIPLY(9223372036854775807, x + 1) AS m, SAFE_NEGATE(x) AS n, SAFE_DIVIDE(x, 0) AS d FROM UNNEST([1]) AS x

-- case: safe_divide_floats
SELECT x, SAFE_DIVIDE(10, x) AS d FROM UNNEST([0.0, 2.0, -4.0]) AS x ORDER BY x

-- case: ieee_divide
SELECT IEEE_DIVIDE(x, 0) AS d, IEEE_DIVIDE(x, 2) AS h FROM UNNEST([1.0, -1.0, 0.0]) AS x ORDER BY x

-- case: numeric_products_round
SELECT x * NUMERIC '0.333333333' AS a, x / NUMERIC '7' AS b, x + NUMERIC '0.000000001' AS c FROM UNNEST([NUMERIC '1', NUMERIC '-2.5', NUMERIC '123456789012345.123456789']) AS x ORDER BY x

-- case: numeric_wide_product
SELECT NUMERIC '12345678901234567890' * x AS a FROM UNNEST([NUMERIC '3.5', NUMERIC '1000000000']) AS x ORDER BY a

-- case: numeric_division_by_zero
SELECT NUMERIC '1.5' / x AS y FROM UNNEST([NUMERIC '0']) AS x

-- case: unary_minus
SELECT -x AS n, -(x * 1.5) AS f FROM UNNEST([3, -4]) AS x ORDER BY x

-- case: bignumeric_operators
SELECT x + BIGNUMERIC '1e-38' AS a, x * x AS b, x / 3 AS c, x - 1 AS d FROM UNNEST([BIGNUMERIC '2.5', BIGNUMERIC '-12345678901234567890.123456789012345678']) AS x ORDER BY d

-- case: mixed_types_coerce
SELECT 1 + 1.5 AS a, NUMERIC '1.5' + 1 AS b, 2 * NUMERIC '0.5' AS c, NUMERIC '1.5' + 1.0 AS d

-- case: bitwise_operators
SELECT x & 12 AS a, x | 3 AS o, x ^ 5 AS e, ~x AS n, x << 3 AS l, x >> 1 AS r, BIT_COUNT(x) AS c FROM UNNEST([0, 1, 10, -1]) AS x ORDER BY x

-- case: shift_out_of_the_word
SELECT 1 << 63 AS a, 1 << 64 AS b, -1 >> 60 AS c, -1 >> 64 AS d

-- case: shift_by_negative
SELECT 1 << x AS y FROM UNNEST([-1]) AS x

-- case: float_overflow_product
SELECT x * 10 AS y FROM UNNEST([1e308]) AS x

-- case: float_overflow_quotient
SELECT x / 1e-300 AS y FROM UNNEST([1e300]) AS x

-- case: float_nested_without_overflow
SELECT x * x + x * 2 / 3 - 1 AS y, -x * 1e300 AS z FROM UNNEST([1e2, 2.5]) AS x ORDER BY x

-- case: float_infinite_operands
SELECT x * 2 AS a, x - x AS b, 1 - x AS c FROM UNNEST([CAST('inf' AS FLOAT64)]) AS x

-- case: float_null_operands
SELECT x * 2 AS a, 1.5 + x AS b, SAFE_MULTIPLY(x, 2) AS c FROM UNNEST([CAST(NULL AS FLOAT64)]) AS x

-- case: numeric_sum_out_of_range
SELECT NUMERIC '99999999999999999999999999999.999999999' + NUMERIC '1.5' AS x

-- case: numeric_difference_out_of_range
SELECT NUMERIC '-99999999999999999999999999999' - NUMERIC '10.5' AS x
