import type { Row } from "../../cloud/rows.js";
import type { Warehouse } from "../../cloud/warehouse.js";
import { notTried, type Outcome, right, wrong, wrongQuery } from "./outcome.js";

/** The participant's query for the ten largest purchases and what their articles cost, against the features' view. */
export async function checkLargestPurchases(query: string, warehouse: Warehouse): Promise<Outcome> {
  if (query.trim() === "") return notTried("Write a SELECT between the backticks.");
  let given: Row[];
  try {
    given = await warehouse.rows(query);
  } catch (thrown) {
    return wrongQuery(thrown);
  }
  const missing = ["transaction_id", "value", "goods"].filter((column) => !(column in (given[0] ?? {})));
  if (given.length === 0) return wrong("The result is empty.", "Is event compared with 'purchase'?");
  if (missing.length > 0) {
    return wrong(
      `The result has no column ${missing.join(", ")}.`,
      "Name columns with AS; a nested value is reached by dots.",
    );
  }
  if (given.length !== 10) return wrong(`The result has ${given.length} rows, not 10.`, "ORDER BY … DESC LIMIT 10.");
  const wanted = await warehouse.rows("explore/suspicious_purchases.sql", { params: { limit: 10 } });
  for (const [index, row] of wanted.entries()) {
    const own = given.find(({ transaction_id }) => transaction_id === row.transaction_id);
    if (own === undefined) {
      return wrong(
        `Purchase ${String(row.transaction_id)} is number ${index + 1} by value and is not in the result.`,
        "The order: value from the largest down.",
      );
    }
    if (Math.abs(Number(own.goods) - Number(row.goods)) > 0.005) {
      return wrong(
        `Purchase ${String(row.transaction_id)}: goods are ${String(own.goods)}, they should be ${Number(row.goods).toFixed(2)}.`,
        "An item's price counts once a piece: item_price times quantity, added up over UNNEST(ecommerce.purchase.items).",
      );
    }
  }
  const ratio = Number(wanted[0]?.value) / Math.max(0.01, Number(wanted[0]?.goods));
  return right(
    `The largest purchase was paid ${Math.round(ratio).toLocaleString("en-US")} times what its articles cost. Nothing in the order explains that.`,
  );
}
