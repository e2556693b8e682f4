import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";

/** One process, beyond doubt: a process id is given again after its owner dies, its start time is not. */
export interface ProcessIdentity {
  readonly pid: number;
  /** As the operating system tells it: ticks since boot on Linux, a date elsewhere. */
  readonly startTime: string;
}

export function identityOf(pid: number): ProcessIdentity | undefined {
  const startTime = process.platform === "linux" ? startTimeOnLinux(pid) : startTimeByPs(pid);
  return startTime === undefined ? undefined : { pid, startTime };
}

/** @throws Error when the operating system does not tell about this very process. */
export function ownIdentity(): ProcessIdentity {
  const identity = identityOf(process.pid);
  if (!identity) throw new Error("The operating system does not tell when this process started.");
  return identity;
}

export function isAlive(identity: ProcessIdentity): boolean {
  return identityOf(identity.pid)?.startTime === identity.startTime;
}

/** Field 22 of /proc/PID/stat (proc_pid_stat(5)); a zombie (state Z) or a dead process (X) runs no more. */
function startTimeOnLinux(pid: number): string | undefined {
  let stat: string;
  try {
    stat = readFileSync(`/proc/${pid}/stat`, "utf8");
  } catch {
    return undefined;
  }
  // The name in parentheses may hold blanks and parentheses; what follows the last one starts with field 3.
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  return fields[0] === "Z" || fields[0] === "X" ? undefined : fields[19];
}

function startTimeByPs(pid: number): string | undefined {
  try {
    const answer = execFileSync("ps", ["-o", "stat=,lstart=", "-p", String(pid)], { encoding: "utf8" }).trim();
    const [state = "", ...started] = answer.split(/\s+/);
    return answer === "" || state.startsWith("Z") ? undefined : started.join(" ");
  } catch {
    return undefined;
  }
}
