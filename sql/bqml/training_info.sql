-- What: the course of the training: the loss of each iteration.
-- Placeholders: project, dataset, model
-- Returns: iteration INT64, loss FLOAT64, duration_ms INT64
SELECT iteration, loss, duration_ms
FROM ML.TRAINING_INFO(MODEL `${project}.${dataset}.${model}`)
ORDER BY iteration
