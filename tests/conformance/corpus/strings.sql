Cases on strings; expected answers: strings.expected.jsonl.

-- case: substr_positions
SELECT p, SUBSTR('héllo', p) AS a, SUBSTR('héllo', p, 2) AS b FROM UNNEST([-9, -5, -2, 0, 1, 2, 5, 6]) AS p ORDER BY p

-- case: substr_negative_length
SELECT SUBSTR('abc', 1, n) AS a FROM UNNEST([-1]) AS n

-- case: left_and_right
SELECT n, LEFT('日本語テキスト', n) AS l, RIGHT('日本語テキスト', n) AS r FROM UNNEST([0, 2, 9]) AS n ORDER BY n

-- case: left_negative
SELECT LEFT('abc', n) AS a FROM UNNEST([-1]) AS n

-- case: lengths
SELECT s, LENGTH(s) AS l, CHAR_LENGTH(s) AS c, BYTE_LENGTH(s) AS b, OCTET_LENGTH(s) AS o FROM UNNEST(['', 'abc', 'é', '日本', '😀']) AS s ORDER BY s

-- case: case_mapping
SELECT s, UPPER(s) AS u, LOWER(s) AS l, INITCAP(s) AS i FROM UNNEST(['straße', 'ÉCOLE', 'hello wOrld-foo_bar', 'ab.cd ef']) AS s ORDER BY s

-- case: trimming
SELECT TRIM(s) AS t, LTRIM(s) AS l, RTRIM(s) AS r, TRIM(s, ' x') AS x FROM UNNEST(['  a b  ', '\t\nxyx ', 'x', '']) AS s ORDER BY s

-- case: padding
SELECT n, LPAD('abc', n) AS l, RPAD('abc', n, '*') AS r, LPAD('abc', n, 'xy') AS x FROM UNNEST([0, 2, 3, 8]) AS n ORDER BY n

-- case: padding_negative
SELECT LPAD('abc', n) AS l FROM UNNEST([-1]) AS n

-- case: replace
SELECT REPLACE(s, 'a', 'bb') AS a, REPLACE(s, '', 'x') AS b, REPLACE(s, 'an', '') AS c FROM UNNEST(['banana', '']) AS s ORDER BY s

-- case: repeat_and_reverse
SELECT REPEAT(s, 3) AS r, REPEAT(s, 0) AS z, REVERSE(s) AS v FROM UNNEST(['ab', 'é日', '']) AS s ORDER BY s

-- case: repeat_negative
SELECT REPEAT('a', n) AS r FROM UNNEST([-1]) AS n

-- case: split
SELECT SPLIT(s) AS a, SPLIT(s, '') AS b, SPLIT(s, ', ') AS c FROM UNNEST(['a,b,,c', '', 'x, y']) AS s ORDER BY s

-- case: strpos_and_instr
SELECT STRPOS(s, 'b') AS p, INSTR(s, 'b', 2) AS i, INSTR(s, 'b', -1) AS l, INSTR(s, 'b', 1, 2) AS t FROM UNNEST(['abcb', 'ébb', 'x']) AS s ORDER BY s

-- case: starts_and_ends
SELECT STARTS_WITH(s, 'ab') AS a, ENDS_WITH(s, 'bc') AS e, STARTS_WITH(s, '') AS z FROM UNNEST(['abc', 'xbc', NULL]) AS s ORDER BY s

-- case: concatenation
SELECT CONCAT(customer, '/', country) AS c, customer || '-' || CAST(id AS STRING) AS d FROM orders ORDER BY id

-- case: ascii_chr_unicode
SELECT ASCII(s) AS a, UNICODE(s) AS u, CHR(UNICODE(s)) AS c FROM UNNEST(['A', '', 'z']) AS s ORDER BY s

-- case: code_points
SELECT TO_CODE_POINTS(s) AS p, CODE_POINTS_TO_STRING(TO_CODE_POINTS(s)) AS t FROM UNNEST(['aé', '😀', '']) AS s ORDER BY s

-- case: code_points_invalid
SELECT CODE_POINTS_TO_STRING([x]) AS t FROM UNNEST([1114112]) AS x

-- case: bytes_and_text
SELECT TO_HEX(b) AS h, TO_BASE64(b) AS b64, LENGTH(b) AS l, SUBSTR(b, 2, 1) AS s, REVERSE(b) AS r, CAST(b AS STRING) AS t FROM UNNEST([b'abc', b'']) AS b ORDER BY h

-- case: from_hex_and_base64
SELECT FROM_HEX(h) AS a, TO_HEX(FROM_HEX(h)) AS b, FROM_BASE64(TO_BASE64(FROM_HEX(h))) AS c FROM UNNEST(['00ff', 'ABC']) AS h ORDER BY h

-- case: from_hex_invalid
SELECT FROM_HEX(h) AS a FROM UNNEST(['zz']) AS h

-- case: safe_convert
SELECT SAFE_CONVERT_BYTES_TO_STRING(b) AS s FROM UNNEST([b'ok', b'a\xffb']) AS b ORDER BY s

-- case: translate
SELECT TRANSLATE(s, 'abc', 'xy') AS t FROM UNNEST(['aabbcc', 'cab', '']) AS s ORDER BY s

-- case: soundex_and_edit_distance
SELECT SOUNDEX(s) AS x, EDIT_DISTANCE(s, 'Robert') AS d FROM UNNEST(['Robert', 'Rupert', 'Ashcraft', '']) AS s ORDER BY s

-- case: regexp_contains
SELECT s, REGEXP_CONTAINS(s, r'^a.*c$') AS a, REGEXP_CONTAINS(s, r'(?i)B') AS b, REGEXP_CONTAINS(s, r'\d+') AS d FROM UNNEST(['abc', 'a1', 'xyz', '']) AS s ORDER BY s

-- case: regexp_extract
SELECT REGEXP_EXTRACT(s, r'[0-9]+') AS a, REGEXP_EXTRACT(s, r'@(.+)$') AS b, REGEXP_EXTRACT(s, r'[a-z]', 1, 2) AS c FROM UNNEST(['ab12@x.y', 'none', '']) AS s ORDER BY s

-- case: regexp_extract_all
SELECT REGEXP_EXTRACT_ALL(s, r'[0-9]+') AS a, REGEXP_EXTRACT_ALL(s, r'([a-z])[0-9]') AS b FROM UNNEST(['a1b22', 'zz', '']) AS s ORDER BY s

-- case: regexp_replace
SELECT REGEXP_REPLACE(s, r'([a-z])(\d)', r'\2\1') AS a, REGEXP_REPLACE(s, r'[aeiou]', '') AS b, REGEXP_REPLACE(s, r'x*', '-') AS c FROM UNNEST(['a1b2', 'axxb', '']) AS s ORDER BY s

-- case: regexp_instr
SELECT REGEXP_INSTR(s, r'\d+') AS a, REGEXP_INSTR(s, r'b') AS b FROM UNNEST(['ab12', 'é1', '']) AS s ORDER BY s

-- case: regexp_invalid
SELECT REGEXP_CONTAINS(s, '(') AS a FROM UNNEST(['a']) AS s

-- case: regexp_two_groups
SELECT REGEXP_EXTRACT(s, r'(a)(b)') AS a FROM UNNEST(['ab']) AS s

-- case: format_numbers
SELECT FORMAT('%d|%5d|%-5d|%05d|%+d', n, n, n, n, n) AS a, FORMAT("%'d", n * 1000000) AS g, FORMAT('%x %X %o', n, n, n) AS h FROM UNNEST([7, -42, 255]) AS n ORDER BY n

-- case: format_floats
SELECT FORMAT('%f|%.2f|%8.3f|%e|%g', x, x, x, x, x) AS a, FORMAT('%t %T', x, x) AS t FROM UNNEST([0.5, 1234.5678, -2.0, 1e20]) AS x ORDER BY x

-- case: format_text
SELECT FORMAT('%s and %s%%', s, UPPER(s)) AS a, FORMAT('%10s|%-10s|', s, s) AS p, FORMAT('%T', s) AS q FROM UNNEST(['ab', "it's"]) AS s ORDER BY s

-- case: format_dates
SELECT FORMAT('%t|%T', placed, placed) AS d, FORMAT('%t', amount) AS n, FORMAT('%t', paid) AS b FROM orders ORDER BY id

-- case: string_comparison_is_binary
SELECT s FROM UNNEST(['b', 'B', 'a', 'á', 'Z', '_']) AS s ORDER BY s

-- case: ascii_of_another_alphabet
SELECT ASCII(s) AS y FROM UNNEST(['é']) AS s
