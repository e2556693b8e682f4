/** A local cloud that could not be started, found or stopped: what, where, and what to do about it. */
export class LaunchError extends Error {
  override readonly name = "LaunchError";
}

const ELSEWHERE = "Choose another folder with --state DIR or the variable ACTIVATE_STATE";

export function diskFull(stateDir: string, cause?: unknown): LaunchError {
  return new LaunchError(
    `The disk that holds the state folder ${stateDir} is full. Free some space there. ${ELSEWHERE}.`,
    { cause },
  );
}

/** The file system's refusal in words, for `path` inside the state folder `stateDir`. */
export function stateRefused(stateDir: string, thrown: unknown): LaunchError {
  const code = errorCode(thrown);
  switch (code) {
    case "ENOSPC":
    case "EDQUOT":
      return diskFull(stateDir, thrown);
    case "EACCES":
    case "EPERM":
    case "EROFS":
      return new LaunchError(
        `The state folder ${stateDir} cannot be written (${code}). ${ELSEWHERE}, or mend its permissions.`,
        { cause: thrown },
      );
    case "ENOTDIR":
    case "EEXIST":
      return new LaunchError(`The state folder ${stateDir} is a file, or lies below one. ${ELSEWHERE}.`, {
        cause: thrown,
      });
    default: {
      const reason = thrown instanceof Error ? thrown.message : String(thrown);
      return new LaunchError(`The state folder ${stateDir} cannot be used: ${reason}. ${ELSEWHERE}.`, {
        cause: thrown,
      });
    }
  }
}

export function portInUse(port: number): LaunchError {
  return new LaunchError(
    `Port ${port} of 127.0.0.1 is in use by another program. Choose another with --port N, or leave --port out to take a free one.`,
  );
}

export function portNotAllowed(port: number): LaunchError {
  return new LaunchError(`Port ${port} may not be opened by this user. Choose one above 1023 with --port N.`);
}

export function runsOtherwise(stateDir: string, what: string, running: string, asked: string): LaunchError {
  return new LaunchError(
    `The local cloud of ${stateDir} already runs with ${what} ${running}, not ${asked}. Stop it first (activate cloud stop), or choose another folder with --state DIR.`,
  );
}

export function foreignEntries(stateDir: string, names: readonly string[], deed: string): LaunchError {
  const shown = names.slice(0, 5).join(", ") + (names.length > 5 ? `, and ${names.length - 5} more` : "");
  return new LaunchError(
    `${stateDir} holds what is not the local cloud's (${shown}), so it is not ${deed}. Move that away, or choose another folder with --state DIR.`,
  );
}

export function errorCode(thrown: unknown): string | undefined {
  return thrown instanceof Error && "code" in thrown && typeof thrown.code === "string" ? thrown.code : undefined;
}
