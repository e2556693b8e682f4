Cases on hashes; expected answers: hashes.expected.jsonl.

-- case: digests
SELECT TO_HEX(MD5(s)) AS m, TO_HEX(SHA1(s)) AS s1, TO_HEX(SHA256(s)) AS s2, TO_HEX(SHA512(s)) AS s5 FROM UNNEST(['', 'abc', 'é']) AS s ORDER BY m

-- case: digests_of_bytes
SELECT TO_HEX(MD5(b)) AS m, TO_HEX(SHA256(b)) AS s FROM UNNEST([b'\x00\xff']) AS b

-- case: farm_fingerprint_by_length
SELECT LENGTH(s) AS l, FARM_FINGERPRINT(s) AS f FROM UNNEST(['', 'a', 'abcd', 'abcdefgh', REPEAT('x', 16), REPEAT('y', 17), REPEAT('z', 33), REPEAT('w', 64), REPEAT('v', 65), REPEAT('u', 200)]) AS s ORDER BY l

-- case: farm_fingerprint_of_rows
SELECT id, MOD(ABS(FARM_FINGERPRINT(CONCAT(customer, CAST(id AS STRING)))), 10) AS bucket FROM orders ORDER BY id
