import { nodeHour, prices } from "./prices.js";

/** Ways to serve the same model. */
export type Serving = "Vertex AI endpoint" | "Cloud Run, min 0" | "Cloud Run, min 1";

/** What a way of serving can do, as measured. */
export interface Capacity {
  readonly serving: Serving;
  /** Predictions a second that one node or instance answers, at most. */
  readonly perSecond: number;
}

export interface CostOptions {
  readonly machineType: string;
  /** Of a Cloud Run instance. Default 1. */
  readonly vcpu?: number;
  /** Of a Cloud Run instance. Default 0.5. */
  readonly memoryGib?: number;
}

export interface Cost {
  readonly serving: Serving;
  /** Predictions a second, one a request. */
  readonly load: number;
  /** Nodes or instances that the load needs. */
  readonly instances: number;
  readonly dollarsPerMonth: number;
  readonly dollarsPerMillion: number;
}

const SECONDS_PER_MONTH = 30 * 86_400;
/** Billable time is rounded up to this (contracts of Cloud Run's price page). */
const BILLING_STEP_S = 0.1;

/**
 * What serving costs at a steady load, without free tiers; one prediction a request.
 *
 * A Vertex AI node, and a Cloud Run instance that is always there, are paid by the hour. An instance with request-based billing
 * is paid while at least one request is in it. With requests that come at random at rate r and each count for d = 100 ms, that
 * is a share 1 - exp(-r d) of the time (busy share of an M/G/infinity queue, Takács 1962).
 * @throws RangeError for a load or a capacity that is not above 0, or a machine without a price.
 */
export function costOf({ serving, perSecond }: Capacity, load: number, options: CostOptions): Cost {
  if (!(load > 0)) throw new RangeError(`a load is above 0 predictions a second, got ${load}`);
  if (!(perSecond > 0)) throw new RangeError(`a capacity is above 0 predictions a second, got ${perSecond}`);
  const instances = Math.max(1, Math.ceil(load / perSecond));
  const perSecondDollars = instances * dollarsPerInstanceSecond(serving, load / instances, options);
  const requests = serving === "Vertex AI endpoint" ? 0 : (load * requestPrice(serving)) / 1e6;
  const dollars = perSecondDollars + requests;
  return {
    serving,
    load,
    instances,
    dollarsPerMonth: dollars * SECONDS_PER_MONTH,
    dollarsPerMillion: (dollars / load) * 1e6,
  };
}

function dollarsPerInstanceSecond(serving: Serving, load: number, options: CostOptions): number {
  const { machineType, vcpu = 1, memoryGib = 0.5 } = options;
  switch (serving) {
    case "Vertex AI endpoint": {
      const price = nodeHour(machineType);
      if (price === undefined) throw new RangeError(`the price table has no machine ${machineType}`);
      return price.dollars / 3600;
    }
    case "Cloud Run, min 1":
      return vcpu * prices.runAlwaysVcpuSecond.dollars + memoryGib * prices.runAlwaysGibSecond.dollars;
    case "Cloud Run, min 0":
      return (
        (1 - Math.exp(-load * BILLING_STEP_S)) *
        (vcpu * prices.runVcpuSecond.dollars + memoryGib * prices.runGibSecond.dollars)
      );
  }
}

/** Instance-based billing has no price a request. */
const requestPrice = (serving: Serving): number =>
  serving === "Cloud Run, min 0" ? prices.runMillionRequests.dollars : 0;
