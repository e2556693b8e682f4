-- What: registers a trained model in the Vertex AI Model Registry: version 1 of a new id, the next version of a known one.
-- Placeholders: project, dataset, model, registry_model (up to 63 of a-z, 0-9, _ and -)
-- Returns: nothing
ALTER MODEL `${project}.${dataset}.${model}`
SET OPTIONS (vertex_ai_model_id = '${registry_model}')
