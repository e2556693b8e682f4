-- What: creates the table of ground truth if it is missing: one row a simulated purchase. No model reads it.
-- Placeholders: project, dataset
-- Returns: nothing
CREATE TABLE IF NOT EXISTS `${project}.${dataset}.purchase_label` (
  transaction_id STRING NOT NULL,
  is_anomaly BOOL NOT NULL,
  kind STRING OPTIONS (description = 'What is wrong with an anomalous purchase, else NULL')
)
OPTIONS (description = 'Ground truth of the simulated purchases; never a feature')
