import { readFileSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { errorCode, portInUse, portNotAllowed } from "./errors.js";

export interface Ports {
  readonly rest: number;
  readonly grpc: number;
}

/**
 * The ports to listen on: the one asked for, else those of the last time if they are still free, so that a kernel that
 * remembers an address finds a restarted cloud there; 0 takes any free one.
 * @throws LaunchError when the port that was asked for cannot be had.
 */
export async function choosePorts(file: string, asked: number): Promise<Ports> {
  const last = readPorts(file);
  if (asked !== 0) {
    const refusal = await refusalOf(asked);
    if (refusal !== undefined) throw refusal === "EACCES" ? portNotAllowed(asked) : portInUse(asked);
  }
  const rest = asked !== 0 ? asked : await ifFree(last.rest);
  return { rest, grpc: last.grpc === rest ? 0 : await ifFree(last.grpc) };
}

export function rememberPorts(file: string, { rest, grpc }: { readonly rest: string; readonly grpc: string }): void {
  const ports: Ports = { rest: Number(new URL(rest).port), grpc: Number(grpc.split(":")[1]) };
  writeFileSync(file, JSON.stringify(ports));
}

function readPorts(file: string): Ports {
  try {
    const { rest, grpc } = JSON.parse(readFileSync(file, "utf8")) as Partial<Ports>;
    return { rest: portOrNone(rest), grpc: portOrNone(grpc) };
  } catch {
    return { rest: 0, grpc: 0 };
  }
}

const portOrNone = (port: unknown): number =>
  typeof port === "number" && Number.isInteger(port) && port > 0 && port < 65_536 ? port : 0;

async function ifFree(port: number): Promise<number> {
  return port !== 0 && (await refusalOf(port)) === undefined ? port : 0;
}

/** Undefined when the port can be listened on, else the operating system's code ("EADDRINUSE", "EACCES"). */
function refusalOf(port: number): Promise<string | undefined> {
  return new Promise((done) => {
    const probe = createServer();
    probe.once("error", (error) => done(errorCode(error) ?? "EADDRINUSE"));
    probe.listen(port, "127.0.0.1", () => probe.close(() => done(undefined)));
  });
}
