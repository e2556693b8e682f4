-- What: trains k-means on the screened purchases of the training window. It is registered once it has proved itself
--       (registry/register_model.sql).
-- Placeholders: project, dataset, model, num_clusters
-- Returns: nothing
CREATE MODEL IF NOT EXISTS `${project}.${dataset}.${model}`
OPTIONS (
  MODEL_TYPE = 'KMEANS',
  NUM_CLUSTERS = ${num_clusters},
  KMEANS_INIT_METHOD = 'KMEANS++',
  STANDARDIZE_FEATURES = TRUE
) AS
SELECT value_log, tax_log, shipping, tax_rate, quantity_log, item_price_log, unexplained_log
FROM `${project}.${dataset}.training_purchases`
WHERE NOT is_far
