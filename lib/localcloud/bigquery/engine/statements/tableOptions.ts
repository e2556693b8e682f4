import { invalidQuery } from "../../errors.js";
import type { TableResource } from "../../resources.js";
import { unsupportedStatement } from "../errors.js";
import { daysAsMillis, type EvaluatedOption, labelsOf, millisOf, textOf, unknownOption } from "./options.js";

type Changes = Partial<TableResource>;

/** OPTIONS of tables and views as changes of the resource. @throws CloudError for an option that we do not honour. */
export function tableOptions(options: readonly EvaluatedOption[], base: Changes, statement: string): Changes {
  let changes = base;
  for (const option of options) changes = { ...changes, ...tableOption(option, changes, statement) };
  return changes;
}

function tableOption(option: EvaluatedOption, before: Changes, statement: string): Changes {
  switch (option.name) {
    case "DESCRIPTION":
      return { description: textOf(option) ?? "" };
    case "FRIENDLY_NAME":
      return { friendlyName: textOf(option) ?? "" };
    case "LABELS":
      return { labels: labelsOf(option) };
    case "EXPIRATION_TIMESTAMP": {
      const millis = millisOf(option);
      return millis === undefined ? {} : { expirationTime: millis };
    }
    case "PARTITION_EXPIRATION_DAYS": {
      const millis = daysAsMillis(option);
      if (!before.timePartitioning)
        throw invalidQuery("partition_expiration_days is only supported on partitioned tables");
      return millis === undefined ? {} : { timePartitioning: { ...before.timePartitioning, expirationMs: millis } };
    }
    case "REQUIRE_PARTITION_FILTER":
      return { requirePartitionFilter: option.value === true };
    case "DEFAULT_ROUNDING_MODE":
      return { defaultRoundingMode: String(option.value) };
    case "MAX_STALENESS":
      return { maxStaleness: String(option.value) };
    case "ENABLE_REFRESH":
    case "REFRESH_INTERVAL_MINUTES":
      if (statement !== "CREATE VIEW") throw unknownOption(option.name, statement);
      return {};
    case "KMS_KEY_NAME":
      throw unsupportedStatement("Encryption with a key of one's own (kms_key_name)");
    default:
      throw unknownOption(option.name, statement);
  }
}
