-- What: the view that readers of the dead letters use: one row a message, whoever gave it up: the scorer, which says why, or
--       its subscription after the last attempt.
-- Placeholders: project, dataset
-- Returns: nothing. Columns of the view: message_id STRING (of the message as it was published first), reason STRING, error STRING,
--          attempts INT64, dead_at TIMESTAMP, payload STRING (NULL where packed; what is no text shows as U+FFFD),
--          data BYTES (the payload to the byte), packed BOOL (by gzip), attributes STRING
CREATE OR REPLACE VIEW `${project}.${dataset}.dead_letter_once` AS
WITH letters AS (
  SELECT
    COALESCE(JSON_VALUE(attributes, '$.dead_letter_message_id'), message_id) AS message_id,
    COALESCE(JSON_VALUE(attributes, '$.dead_letter_reason'), 'delivery_attempts_exhausted') AS reason,
    COALESCE(
      JSON_VALUE(attributes, '$.dead_letter_error'),
      'The subscription gave up: the scorer did not answer, or answered with an error, at every attempt. Its log says more.'
    ) AS error,
    CAST(
      COALESCE(
        JSON_VALUE(attributes, '$.dead_letter_attempt'),
        JSON_VALUE(attributes, '$.CloudPubSubDeadLetterSourceDeliveryCount')
      ) AS INT64
    ) AS attempts,
    publish_time AS dead_at,
    IF(JSON_VALUE(attributes, '$.dead_letter_encoding') IS NULL, SAFE_CONVERT_BYTES_TO_STRING(data), NULL) AS payload,
    data,
    JSON_VALUE(attributes, '$.dead_letter_encoding') IS NOT NULL AS packed,
    attributes
  FROM `${project}.${dataset}.dead_letter`
)
SELECT *
FROM letters
WHERE TRUE
QUALIFY ROW_NUMBER() OVER (PARTITION BY message_id ORDER BY dead_at) = 1
