import { setTimeout as delay } from "node:timers/promises";

/** Asks until the answer is right. @throws Error after so long. */
export async function until<Value>(
  ask: () => Promise<Value>,
  isRight: (value: Value) => boolean,
  patienceMs = 20_000,
): Promise<Value> {
  const end = Date.now() + patienceMs;
  for (;;) {
    const value = await ask();
    if (isRight(value)) return value;
    if (Date.now() > end) throw new Error(`still not right: ${JSON.stringify(value)}`);
    await delay(25);
  }
}
