-- What: creates the table of scored purchases if it is missing: one row a delivery. Its first four columns are those of the
--       pipeline before.
-- Placeholders: project, dataset, table
-- Returns: nothing
CREATE TABLE IF NOT EXISTS `${project}.${dataset}.${table}_anomaly` (
  tax FLOAT64,
  shipping FLOAT64,
  value FLOAT64,
  anomaly BOOL
)
OPTIONS (description = 'Purchases as the live pipeline scored them')
