-- What: how many times the load generator has run: its transaction ids begin with L, the number of the run and a hyphen.
-- Placeholders: project, dataset
-- Returns: runs INT64
SELECT IFNULL(MAX(CAST(REGEXP_EXTRACT(transaction_id, r'^L(\d+)-') AS INT64)), 0) AS runs
FROM `${project}.${dataset}.purchase_label`
