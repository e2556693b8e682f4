-- What: what became of these messages: why each could not be handled.
-- Parameters: message_ids ARRAY<STRING>
-- Placeholders: project, dataset
-- Returns: message_id STRING, reason STRING, error STRING, attempts INT64, dead_at TIMESTAMP, payload STRING
SELECT message_id, reason, error, attempts, dead_at, payload
FROM `${project}.${dataset}.dead_letter_once`
WHERE message_id IN UNNEST(@message_ids)
ORDER BY dead_at
