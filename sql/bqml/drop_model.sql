-- What: removes a model, and with it its version in the registry; nothing if it is not there. A deployed model must be undeployed first.
-- Placeholders: project, dataset, model
-- Returns: nothing
DROP MODEL IF EXISTS `${project}.${dataset}.${model}`
