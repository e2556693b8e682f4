-- What: where visitors go from a page: the three most frequent next pages of each category
-- Placeholders: project, dataset, events
-- Returns: page_previous STRING, page STRING, visits INT64, place INT64
SELECT
  page_previous,
  page,
  COUNT(*) AS visits,
  ROW_NUMBER() OVER (PARTITION BY page_previous ORDER BY COUNT(*) DESC, page) AS place
FROM `${project}.${dataset}.${events}`
WHERE STARTS_WITH(page_previous, '/category-')
GROUP BY page_previous, page
QUALIFY place <= 3
ORDER BY page_previous, place
