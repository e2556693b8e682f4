-- What: gives the sink table of the clickstream the column by which a message that comes twice is counted once. Rows that
--       others write, or wrote before, have NULL there.
-- Placeholders: project, dataset, table
-- Returns: nothing
ALTER TABLE `${project}.${dataset}.${table}`
ADD COLUMN IF NOT EXISTS message_id STRING OPTIONS (description = 'Pub/Sub message that brought the event; NULL where unknown')
