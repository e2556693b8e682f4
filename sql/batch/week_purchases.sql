-- What: the purchases of the week that a batch prediction is asked about; it reads tables, not queries.
-- Parameters: start TIMESTAMP, end TIMESTAMP (excluded)
-- Placeholders: project, dataset
-- Returns: nothing. Columns of the table: those of purchase_features
CREATE OR REPLACE TABLE `${project}.${dataset}.week_purchases` AS
SELECT *
FROM `${project}.${dataset}.purchase_features`
WHERE event_datetime >= @start AND event_datetime < @end
