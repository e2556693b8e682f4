/** xoshiro128** (Blackman and Vigna, 2018; prng.di.unimi.it), uniform in [0, 1); the seed is four numbers in [0, 1). */
export function seededRandom(seed: readonly number[]): () => number {
  const state = Uint32Array.from(seed.slice(0, 4), (part) => Math.floor(part * 2 ** 32));
  if (state.length < 4 || state.every((part) => part === 0)) return seededRandom([0.1, 0.2, 0.3, 0.4]);
  const rotate = (value: number, by: number): number => ((value << by) | (value >>> (32 - by))) >>> 0;
  const next = (): number => {
    const [s0 = 0, s1 = 0, s2 = 0, s3 = 0] = state;
    const result = Math.imul(rotate(Math.imul(s1, 5) >>> 0, 7), 9) >>> 0;
    state[2] = s2 ^ s0;
    state[3] = s3 ^ s1;
    state[1] = s1 ^ (state[2] ?? 0);
    state[0] = s0 ^ (state[3] ?? 0);
    state[2] = (state[2] ?? 0) ^ (s1 << 9);
    state[3] = rotate(state[3] ?? 0, 11);
    return result;
  };
  return () => (next() * 2 ** 21 + (next() >>> 11)) / 2 ** 53;
}
