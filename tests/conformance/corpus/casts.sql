Cases on casts; expected answers: casts.expected.jsonl.

-- case: float_to_text
SELECT CAST(x AS STRING) AS s FROM UNNEST([1.0, 0.1, 1e15, 1e14, 123456789012345680.0, 1e-5, 0.0001, CAST('nan' AS FLOAT64), CAST('-inf' AS FLOAT64), 1 / 3]) AS x ORDER BY s

-- case: float_to_int
SELECT x, CAST(x AS INT64) AS i FROM UNNEST([-2.5, -1.5, -0.5, 0.5, 1.5, 2.5, 1e15]) AS x ORDER BY x

-- case: float_to_int_out_of_range
SELECT CAST(x AS INT64) AS i FROM UNNEST([1e19]) AS x

-- case: text_to_int
SELECT CAST(s AS INT64) AS i FROM UNNEST(['12', ' -7 ', '0x1F', '+3']) AS s ORDER BY i

-- case: text_to_int_invalid
SELECT CAST(s AS INT64) AS i FROM UNNEST(['1.5']) AS s

-- case: text_to_float
SELECT CAST(s AS FLOAT64) AS f FROM UNNEST(['1.5', ' 1e3 ', '-inf', '.5', '7']) AS s ORDER BY f

-- case: text_to_float_invalid
SELECT CAST(s AS FLOAT64) AS f FROM UNNEST(['1,5']) AS s

-- case: text_to_bool
SELECT CAST(s AS BOOL) AS b FROM UNNEST(['true', 'FALSE']) AS s ORDER BY b

-- case: text_to_bool_invalid
SELECT CAST(s AS BOOL) AS b FROM UNNEST(['yes']) AS s

-- case: numeric_conversions
SELECT CAST(n AS STRING) AS s, CAST(n AS INT64) AS i, CAST(n AS FLOAT64) AS f, CAST(n AS BIGNUMERIC) AS b FROM UNNEST([NUMERIC '1.5', NUMERIC '-2.5', NUMERIC '100', NUMERIC '0.000000001']) AS n ORDER BY n

-- case: float_to_numeric
SELECT CAST(x AS NUMERIC) AS n FROM UNNEST([0.1, 1.0000000005, 123456.789, -2.5]) AS x ORDER BY n

-- case: text_to_numeric_invalid
SELECT CAST(s AS NUMERIC) AS n FROM UNNEST(['12x']) AS s

-- case: bool_conversions
SELECT CAST(b AS STRING) AS s, CAST(b AS INT64) AS i FROM UNNEST([TRUE, FALSE]) AS b ORDER BY i

-- case: bytes_conversions
SELECT CAST('é' AS BYTES) AS b, CAST(b'\xc3\xa9' AS STRING) AS s

-- case: bytes_not_utf8
SELECT CAST(b AS STRING) AS s FROM UNNEST([b'\xff']) AS b

-- case: safe_casts
SELECT SAFE_CAST(s AS INT64) AS i, SAFE_CAST(s AS FLOAT64) AS f, SAFE_CAST(s AS BOOL) AS b, SAFE_CAST(s AS NUMERIC) AS n FROM UNNEST(['1', '1.5', 'true', 'x', NULL]) AS s ORDER BY s

-- case: arrays_and_structs
SELECT CAST([1, 2] AS ARRAY<STRING>) AS a, CAST(STRUCT(1, '2') AS STRUCT<x STRING, y INT64>) AS s

-- case: cast_with_format
SELECT CAST(DATE '2024-03-05' AS STRING FORMAT 'DD/MM/YYYY') AS a, CAST('05.03.2024' AS DATE FORMAT 'DD.MM.YYYY') AS b, CAST(TIMESTAMP '2024-03-05 13:00:00+00' AS STRING FORMAT 'YYYY-MM-DD HH24:MI:SS' AT TIME ZONE 'Asia/Tokyo') AS c

-- case: parse_bignumeric_loosely
SELECT PARSE_BIGNUMERIC(s) AS y FROM UNNEST(['-  12.5', '1,234.5', ' 12.5- ', '+ 3']) AS s ORDER BY y

-- case: parse_numeric_loosely
SELECT PARSE_NUMERIC(s) AS y FROM UNNEST(['-  12.5', '1,234.5', ' 12.5- ', '+ 3']) AS s ORDER BY y
