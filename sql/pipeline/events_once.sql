-- What: the view that readers of the clickstream use: one row a message, however often it was delivered. Rows without a
--       message id are each an event of their own. Rows of one message are alike, so any of them will do.
-- Placeholders: project, dataset, table
-- Returns: nothing. Columns of the view: those of the table
CREATE OR REPLACE VIEW `${project}.${dataset}.${table}_once` AS
SELECT *
FROM `${project}.${dataset}.${table}`
WHERE message_id IS NULL
UNION ALL
SELECT *
FROM `${project}.${dataset}.${table}`
WHERE message_id IS NOT NULL
QUALIFY ROW_NUMBER() OVER (PARTITION BY event_datetime, message_id ORDER BY user_id) = 1
