-- What: the view that readers of the scored purchases use: one row a message, the first decision where it was delivered and
--       scored more than once. Rows without a message id, of the pipeline before, are each one of their own.
-- Placeholders: project, dataset, table
-- Returns: nothing. Columns of the view: those of the table
CREATE OR REPLACE VIEW `${project}.${dataset}.${table}_anomaly_once` AS
SELECT *
FROM `${project}.${dataset}.${table}_anomaly`
WHERE message_id IS NULL
UNION ALL
SELECT *
FROM `${project}.${dataset}.${table}_anomaly`
WHERE message_id IS NOT NULL
QUALIFY ROW_NUMBER() OVER (PARTITION BY message_id ORDER BY scored_at, score) = 1
