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
import { formatting } from "./formatting.js";
import { geography } from "./geography/index.js";
import { hashes } from "./hashes.js";
import { intervalFunctions } from "./intervalFunctions.js";
import { json } from "./json.js";
import { mathematics } from "./mathematics.js";
import { net } from "./net.js";
import { overflow } from "./overflow.js";
import { ranges } from "./ranges.js";
import { regexps } from "./regexps.js";
import { security } from "./security.js";
import { strings } from "./strings.js";
import { timeFormatting } from "./timeFormatting.js";
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
  formatting,
  geography,
  hashes,
  intervalFunctions,
  json,
  mathematics,
  net,
  overflow,
  ranges,
  regexps,
  security,
  strings,
  timeFormatting,
  timeZones,
];
