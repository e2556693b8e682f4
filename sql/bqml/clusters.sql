-- What: radius (root mean square distance) and size of each cluster after the last iteration.
-- Placeholders: project, dataset, model
-- Returns: centroid_id INT64, cluster_radius FLOAT64, cluster_size INT64
SELECT cluster.centroid_id, cluster.cluster_radius, cluster.cluster_size
FROM ML.TRAINING_INFO(MODEL `${project}.${dataset}.${model}`) AS info, UNNEST(info.cluster_info) AS cluster
WHERE info.iteration = (SELECT MAX(iteration) FROM ML.TRAINING_INFO(MODEL `${project}.${dataset}.${model}`))
ORDER BY centroid_id
