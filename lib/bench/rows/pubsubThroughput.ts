import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { join } from "node:path";
import type { ClientConfig, PubSub } from "@google-cloud/pubsub";
import { freePort } from "../../localcloud/platform/containers/index.js";
import { type Bench, type BenchContext, PeerAbsent } from "../bench.js";
import { alternate, digest, timed } from "../measure.js";
import { answers, startProgram } from "../processes.js";
import { PROJECT, startOurs } from "../servers.js";

/** Calls of `publish` that have not been answered: the official client has no bound of its own. */
const UNANSWERED_MAX = 5_000;

export const pubsubThroughput: Bench = {
  name: "pubsub-throughput",
  what: "publish and pull of 100,000 messages by the Node client: ours on disk, Google's emulator in memory",
  async run(context) {
    const emulator = pubsubEmulator();
    const count = context.scale === "full" ? 100_000 : 500;
    const ours = await startOurs(context);
    const peer = await startPeer(context, emulator);
    const [atOurs, atPeer] = [await pubsubClient(ours.grpc), await pubsubClient(peer)];
    context.afterwards(async () => {
      await Promise.all([atOurs.close(), atPeer.close()]);
    });
    let round = 0;
    const digests = new Set<string>();
    const run = async (client: PubSub): Promise<number> => {
      round += 1;
      const name = `throughput-${round}`;
      const [topic] = await client.createTopic(name);
      const [subscription] = await topic.createSubscription(name);
      const received = new Set<number>();
      const time = await timed(async () => {
        await publish(topic, count);
        await pull(subscription, count, received);
      });
      digests.add(digest([...received].sort((a, b) => a - b)));
      await subscription.delete();
      await topic.delete();
      return time;
    };
    const found = await alternate(
      context.scale === "full" ? { rounds: 1 } : { rounds: 1, warmUp: false },
      () => run(atOurs),
      () => run(atPeer),
    );
    if (digests.size !== 1) throw new Error("the two sides did not deliver the same messages");
    const rate = (milliseconds: number): number => count / (milliseconds / 1000);
    return {
      unit: "messages/s",
      ours: rate(found.ours),
      peer: rate(found.peer),
      peerName: "Pub/Sub emulator",
      hash: [...digests].join(),
    };
  },
};

type Topic = ReturnType<PubSub["topic"]>;
type Subscription = ReturnType<PubSub["subscription"]>;

async function publish(topic: Topic, count: number): Promise<void> {
  let unanswered: Promise<string>[] = [];
  for (let index = 0; index < count; index += 1) {
    unanswered.push(topic.publishMessage({ data: Buffer.from(`message ${index}`), attributes: { index: `${index}` } }));
    if (unanswered.length < UNANSWERED_MAX) continue;
    await Promise.all(unanswered);
    unanswered = [];
  }
  await Promise.all(unanswered);
}

async function pull(subscription: Subscription, count: number, received: Set<number>): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    subscription.on("message", (message) => {
      received.add(Number(message.attributes.index));
      message.ack();
      if (received.size === count) resolve();
    });
    subscription.on("error", reject);
  });
  await subscription.close();
}

async function pubsubClient(address: string): Promise<PubSub> {
  const [{ PubSub: Client }, { PassThroughClient }] = await Promise.all([
    import("@google-cloud/pubsub"),
    import("google-auth-library"),
  ]);
  return new Client({
    projectId: PROJECT,
    apiEndpoint: address,
    emulatorMode: true,
    // The client carries a copy of google-auth-library of its own, whose types are not ours.
    authClient: new PassThroughClient() as unknown as NonNullable<ClientConfig["authClient"]>,
  });
}

async function startPeer(context: BenchContext, emulator: string): Promise<string> {
  const port = await freePort();
  const program = await startProgram(emulator, ["--host=127.0.0.1", `--port=${port}`], { cwd: context.folder });
  context.afterwards(() => program.stop());
  await answers(`http://127.0.0.1:${port}/`);
  return `127.0.0.1:${port}`;
}

/** The emulator's own start script inside the Google Cloud CLI: what `gcloud beta emulators pubsub start` runs. */
export function pubsubEmulator(): string {
  const { stdout } = spawnSync("gcloud", ["info", "--format=value(installation.sdk_root)"], { encoding: "utf8" });
  const script = join(stdout?.trim() || "/nowhere", "platform", "pubsub-emulator", "bin", "cloud-pubsub-emulator");
  if (existsSync(script)) return script;
  throw new PeerAbsent(
    "The Pub/Sub emulator of the Google Cloud CLI is not installed (gcloud components install pubsub-emulator).",
  );
}
