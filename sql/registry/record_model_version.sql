-- What: keeps threshold, features and radii of a model version; a second run with the same version changes that row.
-- Parameters: registry_model STRING, version STRING, source_model STRING, features ARRAY<STRING>, threshold FLOAT64,
--             threshold_source STRING, training_rows INT64,
--             clusters ARRAY<STRUCT<centroid_id INT64, cluster_radius FLOAT64, cluster_size INT64>>
-- Placeholders: project, dataset
-- Returns: nothing
MERGE `${project}.${dataset}.model_version` AS kept
USING (SELECT @registry_model AS registry_model, @version AS version) AS given
ON kept.registry_model = given.registry_model AND kept.version = given.version
WHEN MATCHED THEN UPDATE SET
  source_model = @source_model,
  features = @features,
  threshold = @threshold,
  threshold_source = @threshold_source,
  clusters = @clusters,
  training_rows = @training_rows
WHEN NOT MATCHED THEN INSERT
  (registry_model, version, source_model, features, threshold, threshold_source, clusters, training_rows, created)
VALUES
  (@registry_model, @version, @source_model, @features, @threshold, @threshold_source, @clusters, @training_rows, CURRENT_TIMESTAMP())
