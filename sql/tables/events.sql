-- What: creates the sink table of the clickstream if it is missing: one row an event, partitioned by day.
-- Placeholders: project, dataset, events
-- Returns: nothing
CREATE TABLE IF NOT EXISTS `${project}.${dataset}.${events}` (
  event_datetime TIMESTAMP,
  event STRING NOT NULL,
  user_id STRING NOT NULL,
  client_id STRING,
  page STRING,
  page_previous STRING,
  weekday STRING,
  ecommerce STRUCT<
    items ARRAY<STRUCT<
      index INT64,
      item_id INT64,
      item_name STRING,
      item_list_name STRING,
      item_list_id STRING,
      price FLOAT64,
      item_variant STRING,
      quantity INT64,
      item_brand STRING,
      item_category STRING,
      item_category_2 STRING,
      item_category_3 STRING,
      item_category_4 STRING
    >>,
    purchase STRUCT<
      items ARRAY<STRUCT<
        item_coupon STRING,
        quantity INT64,
        item_variant STRING,
        item_category STRING,
        item_name STRING,
        item_id INT64,
        item_brand STRING,
        item_price FLOAT64
      >>,
      coupon STRING,
      tax FLOAT64,
      shipping FLOAT64,
      value FLOAT64,
      affiliation STRING,
      currency STRING,
      transaction_id STRING
    >
  >
)
PARTITION BY DATE(event_datetime)
OPTIONS (description = 'Clickstream of the web shop, one row an event', labels = [('env', 'default')])
