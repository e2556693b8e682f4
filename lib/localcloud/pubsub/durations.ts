/** `google.protobuf.Duration` in JSON ("604800s", "1.500s") and as Pub/Sub's errors write it ("9m59s", "744h"). */

export function secondsOf(duration: string): number {
  return Number(duration.slice(0, -1));
}

export function durationOf(seconds: number): string {
  return `${seconds}s`;
}

/** Go's form without its zero parts: 599 is "9m59s", 3600 is "1h". */
export function spellDuration(seconds: number): string {
  const hours = Math.trunc(seconds / 3600);
  const minutes = Math.trunc((seconds % 3600) / 60);
  const rest = Number((seconds % 60).toFixed(9));
  const text = `${hours ? `${hours}h` : ""}${minutes ? `${minutes}m` : ""}${rest ? `${rest}s` : ""}`;
  return text === "" ? "0s" : text;
}
