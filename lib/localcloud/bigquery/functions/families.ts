import { aggregates } from "./aggregates.js";
import { analytics } from "./analytics.js";
import { arithmetic } from "./arithmetic.js";
import { arrays } from "./arrays.js";
import { bignumerics } from "./bignumeric.js";
import { bits } from "./bits.js";
import type { Family } from "./call.js";
import { casts } from "./cast.js";
import { comparison } from "./comparison.js";
import { conditional } from "./conditional.js";
import { dates } from "./dates.js";
import { hashes } from "./hashes.js";
import { mathematics } from "./mathematics.js";
import { strings } from "./strings.js";
import { timeZones } from "./timeZone.js";

/** Every family of functions; one file each. */
export const FAMILIES: readonly Family[] = [
  aggregates,
  analytics,
  arithmetic,
  arrays,
  bignumerics,
  bits,
  casts,
  comparison,
  conditional,
  dates,
  hashes,
  mathematics,
  strings,
  timeZones,
];
