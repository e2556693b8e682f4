import type { Bench } from "../bench.js";
import { loadEndpoint } from "../endpointLoad.js";

export const endpointP99: Bench = {
  name: "endpoint-p99",
  what: "the 99th percentile of the calls of endpoint-throughput, against FastAPI's",
  async run(context) {
    const { ours, peer, hash } = await loadEndpoint(context);
    return { unit: "ms", ours: ours.p99, peer: peer.p99, peerName: "FastAPI, scikit-learn", hash };
  },
};
