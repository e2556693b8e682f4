-- What: creates, if it is missing, the table into which Pub/Sub itself writes what arrives at the dead-letter topic.
-- Placeholders: project, dataset
-- Returns: nothing
CREATE TABLE IF NOT EXISTS `${project}.${dataset}.dead_letter` (
  subscription_name STRING,
  message_id STRING,
  publish_time TIMESTAMP,
  attributes STRING OPTIONS (description = 'JSON: the message\'s own, and why it is here'),
  data BYTES OPTIONS (description = 'The payload as it was published; packed by gzip where dead_letter_encoding says so')
)
PARTITION BY DATE(publish_time)
OPTIONS (description = 'Messages that could not be handled')
