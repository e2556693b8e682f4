Cases on arrays; expected answers: arrays.expected.jsonl.

-- case: access
SELECT a[OFFSET(0)] AS o, a[ORDINAL(1)] AS r, a[SAFE_OFFSET(9)] AS s, a[SAFE_ORDINAL(0)] AS z FROM UNNEST([STRUCT([10, 20] AS a), STRUCT([30] AS a)]) ORDER BY o

-- case: access_out_of_bounds
SELECT a[OFFSET(5)] AS o FROM UNNEST([STRUCT([10, 20] AS a)])

-- case: access_ordinal_zero
SELECT a[ORDINAL(0)] AS o FROM UNNEST([STRUCT([10, 20] AS a)])

-- case: lengths_and_ends
SELECT ARRAY_LENGTH(tags) AS n, tags[SAFE_OFFSET(0)] AS f, ARRAY_REVERSE(tags) AS r, ARRAY_TO_STRING(tags, '+') AS t FROM orders ORDER BY id

-- case: first_of_empty
SELECT ARRAY_FIRST(a) AS f FROM UNNEST([STRUCT(CAST([] AS ARRAY<INT64>) AS a)])

-- case: concat_and_slice
SELECT ARRAY_CONCAT(a, [9], a) AS c, ARRAY_SLICE(a, 1, -1) AS s, ARRAY_SLICE(a, -2, 5) AS t FROM UNNEST([STRUCT([1, 2, 3] AS a), STRUCT([4] AS a)]) ORDER BY a[OFFSET(0)]

-- case: to_string_with_nulls
SELECT ARRAY_TO_STRING(['a', NULL, 'c'], ',') AS a, ARRAY_TO_STRING(['a', NULL, 'c'], ',', '*') AS b

-- case: generate_array
SELECT GENERATE_ARRAY(1, 5) AS a, GENERATE_ARRAY(5, 1, -2) AS b, GENERATE_ARRAY(1, 5, -1) AS c, GENERATE_ARRAY(0, 1, 0.25) AS d, GENERATE_ARRAY(NUMERIC '0', NUMERIC '0.3', NUMERIC '0.1') AS e

-- case: generate_array_step_zero
SELECT GENERATE_ARRAY(1, 5, x) AS a FROM UNNEST([0]) AS x

-- case: array_subquery
SELECT id, ARRAY(SELECT UPPER(t) FROM UNNEST(tags) AS t ORDER BY t) AS u FROM orders ORDER BY id

-- case: unnest_with_offset
SELECT id, t, o FROM orders, UNNEST(tags) AS t WITH OFFSET AS o ORDER BY id, o

-- case: left_join_unnest
SELECT id, t FROM orders LEFT JOIN UNNEST(tags) AS t ORDER BY id, t

-- case: exists_in_array
SELECT id FROM orders WHERE EXISTS (SELECT 1 FROM UNNEST(tags) AS t WHERE t = 'vip') ORDER BY id

-- case: sum_in_array
SELECT event_id, (SELECT SUM(price * quantity) FROM UNNEST(items)) AS total, (SELECT COUNT(*) FROM UNNEST(items)) AS n FROM events WHERE ARRAY_LENGTH(items) > 0 ORDER BY event_id

-- case: array_of_structs
SELECT event_id, ARRAY(SELECT AS STRUCT sku, quantity * 2 AS twice FROM UNNEST(items) ORDER BY sku) AS r FROM events WHERE event_name = 'purchase' ORDER BY event_id

-- case: filter_and_transform
SELECT ARRAY_FILTER([1, 2, 3, 4], e -> MOD(e, 2) = 0) AS f, ARRAY_TRANSFORM([1, 2], e -> e * 10) AS t, ARRAY_TRANSFORM(['a', 'b'], (e, i) -> CONCAT(e, CAST(i AS STRING))) AS w

-- case: includes
SELECT ARRAY_INCLUDES([1, 2], 2) AS a, ARRAY_INCLUDES_ANY([1, 2], [3, 2]) AS b, ARRAY_INCLUDES_ALL([1, 2], [1, 3]) AS c

-- case: aggregates_of_arrays
SELECT ARRAY_SUM([1, 2, 3]) AS s, ARRAY_AVG([1, 2, 4]) AS a, ARRAY_MIN(['b', 'a']) AS mn, ARRAY_MAX([1.5, 2.5]) AS mx, ARRAY_IS_DISTINCT([1, 2, 1]) AS d

-- case: nested_struct_fields
SELECT event_id, device.os AS os, device.category || ':' || IFNULL(device.os, '?') AS d FROM events ORDER BY event_id

-- case: struct_dot_star
SELECT event_id, device.* FROM events WHERE event_id < 3 ORDER BY event_id

-- case: zip
SELECT ARRAY_ZIP([1, 2], ['a', 'b']) AS z
