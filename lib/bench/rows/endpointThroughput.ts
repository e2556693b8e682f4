import type { Bench } from "../bench.js";
import { loadEndpoint } from "../endpointLoad.js";

export const endpointThroughput: Bench = {
  name: "endpoint-throughput",
  what: "predictions/s of a deployed detector, 32 callers of 10 instances, against a network of its size behind FastAPI (2 workers); both by the same HTTP client",
  async run(context) {
    const { ours, peer, hash } = await loadEndpoint(context);
    return { unit: "predictions/s", ours: ours.rate, peer: peer.rate, peerName: "FastAPI, scikit-learn", hash };
  },
};
