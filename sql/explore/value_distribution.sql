-- What: how the values of purchases are spread: a histogram with bins of equal width on a logarithmic scale, ten to a factor of ten.
-- Placeholders: project, dataset, events
-- Returns: value_from FLOAT64 (EUR), value_to FLOAT64 (EUR), purchases INT64
WITH bins AS (
  SELECT CAST(FLOOR(10 * LOG10(GREATEST(ecommerce.purchase.value, 0.01))) AS INT64) AS bin
  FROM `${project}.${dataset}.${events}`
  WHERE event = 'purchase' AND ecommerce.purchase.value IS NOT NULL
)
SELECT POW(10, bin / 10) AS value_from, POW(10, (bin + 1) / 10) AS value_to, COUNT(*) AS purchases
FROM bins
GROUP BY bin
ORDER BY bin
