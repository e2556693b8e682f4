-- What: what is kept about the versions of a registered model, newest first.
-- Parameters: registry_model STRING
-- Placeholders: project, dataset
-- Returns: registry_model STRING, version STRING, source_model STRING, features ARRAY<STRING>, threshold FLOAT64,
--          threshold_source STRING, clusters ARRAY<STRUCT<centroid_id INT64, cluster_radius FLOAT64, cluster_size INT64>>,
--          training_rows INT64, created TIMESTAMP
SELECT registry_model, version, source_model, features, threshold, threshold_source, clusters, training_rows, created
FROM `${project}.${dataset}.model_version`
WHERE registry_model = @registry_model
ORDER BY created DESC, version DESC
