-- What: the centre of each cluster, a row a cluster and feature, in the features' own scale and standardized.
-- Placeholders: project, dataset, model
-- Returns: centroid_id INT64, feature STRING, numerical_value FLOAT64, standardized_value FLOAT64
SELECT centroid.centroid_id, centroid.feature, centroid.numerical_value, standardized.numerical_value AS standardized_value
FROM ML.CENTROIDS(MODEL `${project}.${dataset}.${model}`) AS centroid
JOIN ML.CENTROIDS(MODEL `${project}.${dataset}.${model}`, STRUCT(TRUE AS standardize)) AS standardized
  ON centroid.centroid_id = standardized.centroid_id AND centroid.feature = standardized.feature
ORDER BY centroid_id, feature
