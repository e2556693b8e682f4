-- What: gives the table of scored purchases what the pipeline before did not write; columns that are there stay.
-- Placeholders: project, dataset, table
-- Returns: nothing
ALTER TABLE `${project}.${dataset}.${table}_anomaly`
ADD COLUMN IF NOT EXISTS message_id STRING OPTIONS (description = 'Pub/Sub message that brought the purchase'),
ADD COLUMN IF NOT EXISTS transaction_id STRING,
ADD COLUMN IF NOT EXISTS event_datetime TIMESTAMP,
ADD COLUMN IF NOT EXISTS features STRUCT<
  value_log FLOAT64,
  tax_log FLOAT64,
  shipping FLOAT64,
  tax_rate FLOAT64,
  quantity_log FLOAT64,
  item_price_log FLOAT64,
  unexplained_log FLOAT64
>,
ADD COLUMN IF NOT EXISTS score FLOAT64 OPTIONS (description = 'Higher is more anomalous'),
ADD COLUMN IF NOT EXISTS threshold FLOAT64 OPTIONS (description = 'Of the model version: anomalous is what scores more'),
ADD COLUMN IF NOT EXISTS centroid_id INT64 OPTIONS (description = 'Nearest cluster of a k-means model'),
ADD COLUMN IF NOT EXISTS model STRING OPTIONS (description = 'Id in the Vertex AI Model Registry'),
ADD COLUMN IF NOT EXISTS model_version STRING,
ADD COLUMN IF NOT EXISTS scored_at TIMESTAMP
