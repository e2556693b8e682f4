-- What: creates, if it is missing, the table of what the model registry cannot hold: one row a trained model version.
-- Placeholders: project, dataset
-- Returns: nothing
CREATE TABLE IF NOT EXISTS `${project}.${dataset}.model_version` (
  registry_model STRING NOT NULL OPTIONS (description = 'Id in the Vertex AI Model Registry'),
  version STRING NOT NULL OPTIONS (description = 'Version id in the registry'),
  source_model STRING NOT NULL OPTIONS (description = 'What was trained: project.dataset.model for BigQuery ML'),
  features ARRAY<STRING> OPTIONS (description = 'In the order of training'),
  threshold FLOAT64 OPTIONS (description = 'A purchase is anomalous when its normalized distance is greater'),
  threshold_source STRING OPTIONS (description = 'How the threshold was found'),
  clusters ARRAY<STRUCT<centroid_id INT64, cluster_radius FLOAT64, cluster_size INT64>>,
  training_rows INT64,
  created TIMESTAMP
)
OPTIONS (description = 'Thresholds and cluster radii by model version')
