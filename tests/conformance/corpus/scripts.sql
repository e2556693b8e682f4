Scripts: what they leave behind, against the same said in one query.

-- case: variables_and_set
DECLARE total INT64 DEFAULT 0;
DECLARE word STRING;
SET total = total + 5;
SET (total, word) = (total * 2, 'ten');
SELECT total, word;
-- expected:
SELECT 10 AS total, 'ten' AS word

-- case: if_elseif_else
DECLARE x INT64 DEFAULT 7;
DECLARE size STRING;
IF x < 5 THEN SET size = 'small'; ELSEIF x < 10 THEN SET size = 'medium'; ELSE SET size = 'large'; END IF;
SELECT size;
-- expected:
SELECT 'medium' AS size

-- case: while_loop
DECLARE n INT64 DEFAULT 5;
DECLARE factorial INT64 DEFAULT 1;
WHILE n > 1 DO SET factorial = factorial * n; SET n = n - 1; END WHILE;
SELECT factorial;
-- expected:
SELECT 120 AS factorial

-- case: loop_with_leave
DECLARE n INT64 DEFAULT 0;
LOOP SET n = n + 1; IF n >= 3 THEN LEAVE; END IF; END LOOP;
SELECT n;
-- expected:
SELECT 3 AS n

-- case: insert_update_delete
CREATE TEMP TABLE work AS SELECT id, customer, amount FROM orders;
INSERT INTO work (id, customer, amount) VALUES (7, 'Flo', 1), (8, 'Gus', NULL);
UPDATE work SET amount = IFNULL(amount, 0) + 100 WHERE id >= 5;
DELETE FROM work WHERE customer = 'Ada';
SELECT * FROM work ORDER BY id;
-- expected:
SELECT id, customer, IF(id >= 5, IFNULL(amount, 0) + 100, amount) AS amount FROM (SELECT id, customer, amount FROM orders UNION ALL SELECT 7, 'Flo', 1 UNION ALL SELECT 8, 'Gus', NULL) WHERE customer != 'Ada' ORDER BY id

-- case: merge_all_branches
CREATE TEMP TABLE stock AS SELECT 'a' AS sku, 5 AS units UNION ALL SELECT 'b', 7 UNION ALL SELECT 'c', 0;
MERGE stock AS t USING (SELECT 'a' AS sku, 3 AS units UNION ALL SELECT 'd', 4 UNION ALL SELECT 'b', -7) AS s ON t.sku = s.sku
WHEN MATCHED AND t.units + s.units = 0 THEN DELETE
WHEN MATCHED THEN UPDATE SET units = t.units + s.units
WHEN NOT MATCHED BY TARGET THEN INSERT (sku, units) VALUES (s.sku, s.units)
WHEN NOT MATCHED BY SOURCE THEN UPDATE SET units = -1;
SELECT * FROM stock ORDER BY sku;
-- expected:
SELECT * FROM UNNEST([STRUCT('a' AS sku, 8 AS units), ('c', -1), ('d', 4)]) ORDER BY sku

-- case: update_from_join
CREATE TEMP TABLE work AS SELECT id, customer, CAST(NULL AS STRING) AS email FROM orders;
UPDATE work SET email = c.email FROM customers AS c WHERE work.customer = c.name;
SELECT * FROM work ORDER BY id;
-- expected:
SELECT id, customer, email FROM orders LEFT JOIN customers ON customer = name ORDER BY id

-- case: insert_select_and_truncate
CREATE TEMP TABLE work (id INT64, label STRING);
INSERT INTO work SELECT id, customer FROM orders;
TRUNCATE TABLE work;
INSERT work VALUES (1, 'one');
SELECT * FROM work;
-- expected:
SELECT 1 AS id, 'one' AS label

-- case: exception_handler
DECLARE message STRING;
BEGIN
  SELECT 1 / 0;
EXCEPTION WHEN ERROR THEN
  SET message = @@error.message;
END;
SELECT message LIKE 'division by zero%' AS caught;
-- expected:
SELECT TRUE AS caught

-- case: temporary_function
CREATE TEMP FUNCTION tax(amount NUMERIC, rate FLOAT64) AS (ROUND(amount * CAST(rate AS NUMERIC), 2));
SELECT id, tax(amount, 0.19) AS t FROM orders ORDER BY id;
-- expected:
SELECT id, ROUND(amount * NUMERIC '0.19', 2) AS t FROM orders ORDER BY id

-- case: for_in
DECLARE names STRING DEFAULT '';
FOR row IN (SELECT DISTINCT customer FROM orders ORDER BY customer) DO SET names = CONCAT(names, row.customer, ' '); END FOR;
SELECT names;
-- expected:
SELECT 'Ada Bob Cyd Dee ' AS names

-- case: execute_immediate
DECLARE n INT64;
EXECUTE IMMEDIATE 'SELECT COUNT(*) FROM orders WHERE id > @low' INTO n USING 2 AS low;
SELECT n;
-- expected:
SELECT COUNT(*) AS n FROM orders WHERE id > 2

-- case: nested_columns_changed
CREATE TEMP TABLE work AS SELECT event_id, device, items FROM events WHERE event_id < 5;
UPDATE work SET device.os = UPPER(device.os) WHERE TRUE;
SELECT event_id, device, ARRAY_LENGTH(items) AS n FROM work ORDER BY event_id;
-- expected:
SELECT event_id, STRUCT(device.category AS category, UPPER(device.os) AS os) AS device, ARRAY_LENGTH(items) AS n FROM events WHERE event_id < 5 ORDER BY event_id

-- case: transaction_rolled_back
CREATE TEMP TABLE work AS SELECT 1 AS id;
BEGIN TRANSACTION;
INSERT INTO work VALUES (2);
ROLLBACK TRANSACTION;
SELECT COUNT(*) AS n FROM work;
-- expected:
SELECT 1 AS n

-- case: keys_in_information_schema
CREATE TABLE keyed (id INT64, PRIMARY KEY (id) NOT ENFORCED);
CREATE TABLE keyed_lines (id INT64, line INT64, PRIMARY KEY (id, line) NOT ENFORCED,
  FOREIGN KEY (id) REFERENCES keyed (id) NOT ENFORCED);
SELECT constraint_name, column_name, ordinal_position, position_in_unique_constraint
FROM corpus.INFORMATION_SCHEMA.KEY_COLUMN_USAGE
ORDER BY constraint_name, ordinal_position;
-- expected:
SELECT * FROM UNNEST([
  STRUCT('keyed.pk$' AS constraint_name, 'id' AS column_name, 1 AS ordinal_position,
    CAST(NULL AS INT64) AS position_in_unique_constraint),
  ('keyed_lines.fk$1', 'id', 1, 1), ('keyed_lines.pk$', 'id', 1, NULL), ('keyed_lines.pk$', 'line', 2, NULL)])
ORDER BY constraint_name, ordinal_position
