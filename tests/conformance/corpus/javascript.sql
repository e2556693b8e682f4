-- case: numbers_and_null
CREATE TEMP FUNCTION twice(x FLOAT64) RETURNS FLOAT64 LANGUAGE js AS "return x === null ? null : x * 2;";
SELECT twice(1.25) AS a, twice(NULL) AS b
-- expected:
SELECT 2.5 AS a, CAST(NULL AS FLOAT64) AS b

-- case: records_and_arrays
CREATE TEMP FUNCTION pick(s STRUCT<name STRING, tags ARRAY<STRING>>) RETURNS ARRAY<STRUCT<label STRING, n INT64>>
LANGUAGE js AS r"""
  return s.tags.map((tag, index) => ({ label: `${s.name}-${tag}`, n: index }));
""";
SELECT pick(STRUCT('a' AS name, ['x', 'y'] AS tags)) AS p
-- expected:
SELECT [STRUCT('a-x' AS label, 0 AS n), STRUCT('a-y', 1)] AS p

-- case: dates_json_bytes
CREATE TEMP FUNCTION later(t TIMESTAMP) RETURNS TIMESTAMP LANGUAGE js AS "return new Date(t.getTime() + 86400000);";
CREATE TEMP FUNCTION keep(b BYTES) RETURNS BYTES LANGUAGE js AS "return b;";
CREATE TEMP FUNCTION inner_of(j JSON) RETURNS JSON LANGUAGE js AS "return j.a;";
SELECT later(TIMESTAMP '2024-02-28 10:00:00') AS t, keep(b'abc') AS b, inner_of(JSON '{"a": [1, 2]}') AS j
-- expected:
SELECT TIMESTAMP '2024-02-29 10:00:00' AS t, b'abc' AS b, JSON '[1,2]' AS j

-- case: sees_neither_node_nor_network
CREATE TEMP FUNCTION seen() RETURNS STRING LANGUAGE js AS
"return [typeof require, typeof process, typeof fetch, typeof XMLHttpRequest].join();";
SELECT seen() AS s
-- expected:
SELECT 'undefined,undefined,undefined,undefined' AS s

-- case: safe_of_what_throws
CREATE TEMP FUNCTION fails(x STRING) RETURNS STRING LANGUAGE js AS "throw new Error(x);";
SELECT SAFE.fails('a') AS s
-- expected:
SELECT CAST(NULL AS STRING) AS s

-- case: throws
CREATE TEMP FUNCTION fails(x STRING) RETURNS STRING LANGUAGE js AS "throw new RangeError(x);";
SELECT fails('a') AS s
-- expected:
SELECT ERROR('RangeError: a at fails(STRING)') AS s

-- case: recursion_without_end
CREATE TEMP FUNCTION deep() RETURNS STRING LANGUAGE js AS "function again() { return again() + 1; } return again();";
SELECT deep() AS s
-- expected:
SELECT ERROR('InternalError: stack overflow at deep()') AS s
