-- What: a dead letter, to look at or to replay.
-- Parameters: message_id STRING (of the message as it was published first)
-- Placeholders: project, dataset
-- Returns: message_id STRING, reason STRING, error STRING, attempts INT64, dead_at TIMESTAMP, payload STRING, data BYTES, packed BOOL,
--          attributes STRING
SELECT message_id, reason, error, attempts, dead_at, payload, data, packed, attributes
FROM `${project}.${dataset}.dead_letter_once`
WHERE message_id = @message_id
