-- What: what coupons do to orders
-- Placeholders: project, dataset, events
-- Returns: coupon STRING, orders INT64, mean_value FLOAT64, deviation FLOAT64, mean_shipping FLOAT64, free_shipping FLOAT64
SELECT
  IF(ecommerce.purchase.coupon = '', 'none', ecommerce.purchase.coupon) AS coupon,
  COUNT(*) AS orders,
  ROUND(AVG(ecommerce.purchase.value), 4) AS mean_value,
  ROUND(STDDEV(ecommerce.purchase.value), 2) AS deviation,
  ROUND(AVG(ecommerce.purchase.shipping), 4) AS mean_shipping,
  COUNTIF(ecommerce.purchase.shipping = 0) / COUNT(*) AS free_shipping
FROM `${project}.${dataset}.${events}`
WHERE event = 'purchase' AND ecommerce.purchase.value < 10000
GROUP BY coupon
ORDER BY coupon
