-- What: how well the clusters of a model hold together, on its training data.
-- Placeholders: project, dataset, model
-- Returns: davies_bouldin_index FLOAT64, mean_squared_distance FLOAT64 (one row)
SELECT davies_bouldin_index, mean_squared_distance
FROM ML.EVALUATE(MODEL `${project}.${dataset}.${model}`)
