import { Connections, configFrom } from "activate/cloud";
import { type LocalCloud, startLocalCloud } from "activate/localcloud";
import type { ChallengeId } from "activate/workbook/challenges.js";
import { RecordedOutput } from "activate/workbook/show/output.js";
import { type Workbook, workbookOf } from "activate/workbook/workbook.js";

/** A participant at a local cloud of their own. */
export class Room {
  readonly output = new RecordedOutput();

  private constructor(
    readonly cloud: LocalCloud,
    readonly connections: Connections,
  ) {}

  /** @param environment settings, as a participant sets them. */
  static async open(environment: Readonly<Record<string, string>> = {}): Promise<Room> {
    return Room.beside(await startLocalCloud(), environment);
  }

  /** Another participant's settings at a local cloud that runs. */
  static beside(cloud: LocalCloud, environment: Readonly<Record<string, string>>): Room {
    const [host = "", port = ""] = cloud.grpc.split(":");
    const vertex = { host, port: Number(port), encrypted: false };
    return new Room(
      cloud,
      new Connections(configFrom(environment), { bigQuery: cloud.rest, vertex, credentials: "none" }),
    );
  }

  challenge(id: ChallengeId): Workbook {
    return workbookOf(id, this.connections, this.output);
  }

  async close(): Promise<void> {
    await this.connections.close();
    await this.cloud.stop();
  }
}
