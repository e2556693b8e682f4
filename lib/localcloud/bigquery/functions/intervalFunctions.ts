import { sqlOf } from "./arithmetic.js";
import type { Family } from "./call.js";
import { intervalOf } from "./dateArithmetic.js";
import type { Interval } from "./intervals.js";

/** INTERVAL: construction and normalisation (24 hours are a day, 30 days a month). */

const DAY_MICROS = 86_400_000_000n;

function justifyHours({ months, days, micros }: Interval): Interval {
  let whole = days + Number(micros / DAY_MICROS);
  let rest = micros % DAY_MICROS;
  if (whole > 0 && rest < 0n) {
    whole -= 1;
    rest += DAY_MICROS;
  } else if (whole < 0 && rest > 0n) {
    whole += 1;
    rest -= DAY_MICROS;
  }
  return { months, days: whole, micros: rest };
}

function justifyDays({ months, days, micros }: Interval): Interval {
  let whole = months + Math.trunc(days / 30);
  let rest = days % 30;
  if (whole > 0 && rest < 0) {
    whole -= 1;
    rest += 30;
  } else if (whole < 0 && rest > 0) {
    whole += 1;
    rest -= 30;
  }
  return { months: whole, days: rest, micros };
}

function justifyInterval(interval: Interval): Interval {
  const total = BigInt(interval.months) * 30n * DAY_MICROS + BigInt(interval.days) * DAY_MICROS + interval.micros;
  const days = Number(total / DAY_MICROS);
  return { months: Math.trunc(days / 30), days: days % 30, micros: total % DAY_MICROS };
}

export const intervalFunctions: Family = {
  scalars: {
    $interval: (call) => {
      const part = call.args[1]?.literal;
      return typeof part === "string" ? intervalOf(sqlOf(call, 0), part) : undefined;
    },
    make_interval: (call) => {
      const [year, month, day, hour, minute, second] = call.args.map((arg) => arg.sql || "0");
      const clock = `(${hour ?? 0} * 3600 + ${minute ?? 0} * 60 + ${second ?? 0}) * 1000000`;
      return `(to_months(CAST(${year ?? 0} * 12 + ${month ?? 0} AS INTEGER)) + to_days(CAST(${day ?? 0} AS INTEGER)) + to_microseconds(CAST(${clock} AS BIGINT)))`;
    },
    justify_hours: (call) => `bq_justify_hours(${sqlOf(call, 0)})`,
    justify_days: (call) => `bq_justify_days(${sqlOf(call, 0)})`,
    justify_interval: (call) => `bq_justify_interval(${sqlOf(call, 0)})`,
  },
  javascript: [
    { name: "bq_justify_hours", parameters: ["interval"], returns: "interval", call: justifyHours },
    { name: "bq_justify_days", parameters: ["interval"], returns: "interval", call: justifyDays },
    { name: "bq_justify_interval", parameters: ["interval"], returns: "interval", call: justifyInterval },
  ],
};
