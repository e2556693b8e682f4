Cases on json; expected answers: json.expected.jsonl.

-- case: value_and_query
SELECT name, JSON_VALUE(profile, '$.city') AS c, JSON_QUERY(profile, '$.likes') AS l, JSON_VALUE(profile, '$.address.zip') AS z, JSON_VALUE(profile, '$.likes') AS n FROM customers ORDER BY name

-- case: field_access
SELECT name, profile.city AS c, profile.likes[0] AS l, profile.address.zip AS z FROM customers ORDER BY name

-- case: over_text
SELECT JSON_VALUE(j, '$.a') AS v, JSON_QUERY(j, '$.a') AS q, JSON_EXTRACT(j, '$.a') AS e, JSON_EXTRACT_SCALAR(j, '$.a') AS s FROM UNNEST(['{"a": 1.50}', '{"a": "x"}', '{"a": null}', '{"a": [1, 2]}', '{"a": true}', '{bad', '[]']) AS j ORDER BY j

-- case: quoted_keys
SELECT JSON_VALUE('{"a.b": {"c d": 7}}', '$."a.b"."c d"') AS a, JSON_EXTRACT_SCALAR('{"a.b": 1}', "$['a.b']") AS b, JSON_VALUE('[[1, 2], [3]]', '$[1][0]') AS c

-- case: path_without_root
SELECT JSON_VALUE(j, 'a') AS v FROM UNNEST(['{}']) AS j

-- case: arrays
SELECT JSON_QUERY_ARRAY('{"a": [1, "x", null, {"b": 2}]}', '$.a') AS a, JSON_VALUE_ARRAY('[1, "x"]') AS b, JSON_EXTRACT_ARRAY('[1, [2]]') AS c, JSON_EXTRACT_STRING_ARRAY('["p", "q"]') AS d

-- case: to_json_string
SELECT TO_JSON_STRING(STRUCT(id, customer, country, amount, score, placed, paid, tags)) AS j FROM orders ORDER BY id

-- case: to_json_string_types
SELECT TO_JSON_STRING(STRUCT('x"\n/é' AS s, b'ab' AS b, TIMESTAMP '2020-01-01 00:00:00.123+00' AS t, DATETIME '2020-01-01 00:00:00' AS d, TIME '01:02:03' AS c, 9007199254740993 AS big, CAST('nan' AS FLOAT64) AS n, NUMERIC '100' AS m, JSON '{"z": 1}' AS j)) AS s

-- case: to_json_string_pretty
SELECT TO_JSON_STRING(STRUCT(1 AS a, [1, 2] AS b, STRUCT('x' AS c) AS d), TRUE) AS s

-- case: to_json
SELECT TO_JSON(STRUCT(1 AS a, 1.0 AS d, NUMERIC '1.5' AS e, [STRUCT('x' AS k)] AS l, CAST(NULL AS STRING) AS n)) AS j

-- case: parse_json_normalises
SELECT PARSE_JSON('{"b": 1, "a": [1.0, 2e5, 1.50], "b": 2}') AS j

-- case: parse_json_invalid
SELECT SAFE.PARSE_JSON(s) AS j FROM UNNEST(['{bad', '[1]']) AS s ORDER BY s

-- case: types
SELECT JSON_TYPE(j) AS t FROM UNNEST([JSON '1', JSON '"a"', JSON 'null', JSON '[]', JSON '{}', JSON 'true']) AS j ORDER BY t

-- case: conversions
SELECT INT64(JSON '5') AS i, INT64(JSON '1.0') AS ii, FLOAT64(JSON '5') AS f, BOOL(JSON 'true') AS b, STRING(JSON '"a"') AS s

-- case: conversion_mismatch
SELECT INT64(j) AS i FROM UNNEST([JSON '1.5']) AS j

-- case: lax_conversions
SELECT LAX_INT64(j) AS i, LAX_FLOAT64(j) AS f, LAX_BOOL(j) AS b, LAX_STRING(j) AS s FROM UNNEST([JSON '"1.5"', JSON '2.5', JSON 'true', JSON '"TRUE"', JSON '[1]', JSON '0']) AS j ORDER BY s

-- case: construction
SELECT JSON_ARRAY(1, 'a', NULL, [1, 2]) AS a, JSON_OBJECT('k', 1, 'l', 'x') AS o, JSON_OBJECT(['a', 'b'], [1, 2]) AS p

-- case: changes
SELECT JSON_SET(JSON '{"a": 1}', '$.b', 5) AS s, JSON_REMOVE(JSON '{"a": 1, "b": [1, 2]}', '$.a') AS r, JSON_STRIP_NULLS(JSON '{"a": null, "b": 1}') AS n, JSON_ARRAY_APPEND(JSON '[1]', '$', 2) AS p

-- case: keys
SELECT JSON_KEYS(profile) AS k FROM customers WHERE profile IS NOT NULL ORDER BY name

-- case: unnest_json_array
SELECT name, STRING(l) AS l FROM customers, UNNEST(JSON_QUERY_ARRAY(profile, '$.likes')) AS l ORDER BY name, l
