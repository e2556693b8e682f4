-- What: the purchases with the largest values, to look at before any model exists.
-- Parameters: limit INT64
-- Placeholders: project, dataset
-- Returns: transaction_id STRING, event_datetime TIMESTAMP, value FLOAT64, goods FLOAT64, tax FLOAT64, shipping FLOAT64, quantity INT64
SELECT transaction_id, event_datetime, value, goods, tax, shipping, quantity
FROM `${project}.${dataset}.purchase_features`
ORDER BY value DESC, transaction_id
LIMIT @limit
