/** Seeded randomness: the same seed gives the same numbers on every machine. */
export class Random {
  readonly #state: Uint32Array;

  /** @param seed any text or number; equal seeds give equal sequences. */
  constructor(seed: number | string) {
    this.#state = seedState(String(seed));
  }

  /** A generator of its own, so that drawing more in one place changes nothing in another. */
  static derived(seed: number | string, purpose: string): Random {
    return new Random(`${seed}/${purpose}`);
  }

  /** The next 32 bits. xoshiro128** 1.1 (Blackman and Vigna, "Scrambled linear pseudorandom number generators", 2021). */
  bits(): number {
    const s = this.#state;
    const s0 = s[0] ?? 0;
    const s1 = s[1] ?? 0;
    const s2 = s[2] ?? 0;
    const s3 = s[3] ?? 0;
    const result = Math.imul(rotateLeft(Math.imul(s1, 5), 7), 9) >>> 0;
    const t2 = s2 ^ s0;
    const t3 = s3 ^ s1;
    s[1] = s1 ^ t2;
    s[0] = s0 ^ t3;
    s[2] = t2 ^ (s1 << 9);
    s[3] = rotateLeft(t3, 11);
    return result;
  }

  /** Uniform in [0, 1), 32 bits of it. */
  unit(): number {
    return this.bits() / 4294967296;
  }

  /** Uniform in [low, high). */
  between(low: number, high: number): number {
    return low + (high - low) * this.unit();
  }

  /** A whole number, uniform in low … high, both included. */
  integer(low: number, high: number): number {
    return low + Math.floor(this.unit() * (high - low + 1));
  }

  chance(probability: number): boolean {
    return this.unit() < probability;
  }

  /** Exponential with the given mean. */
  exponential(mean: number): number {
    return -mean * Math.log(1 - this.unit());
  }

  /** 1, 2, 3 …: the number of trials until the first success, with mean `mean` (at least 1). */
  geometric(mean: number): number {
    if (mean <= 1) return 1;
    return 1 + Math.floor(Math.log(1 - this.unit()) / Math.log(1 - 1 / mean));
  }

  /** One of the choices, all equally likely. @throws RangeError when there is none. */
  pick<T>(choices: readonly T[]): T {
    return at(choices, this.integer(0, choices.length - 1));
  }

  /** One of the choices, each with a likelihood proportional to its weight. @throws RangeError when there is none. */
  weighted<T>(choices: readonly (readonly [choice: T, weight: number])[]): T {
    let left = this.unit() * choices.reduce((sum, [, weight]) => sum + weight, 0);
    for (const [choice, weight] of choices) {
      left -= weight;
      if (left < 0) return choice;
    }
    return at(choices, choices.length - 1)[0];
  }

  /** The choices in random order (Fisher and Yates); the argument stays as it is. */
  shuffled<T>(choices: readonly T[]): T[] {
    const result = [...choices];
    for (let last = result.length - 1; last > 0; last -= 1) {
      const other = this.integer(0, last);
      const moved = at(result, last);
      result[last] = at(result, other);
      result[other] = moved;
    }
    return result;
  }
}

function at<T>(list: readonly T[], index: number): T {
  if (index < 0 || index >= list.length) throw new RangeError("nothing to choose from");
  return list[index] as T;
}

function rotateLeft(value: number, by: number): number {
  return (value << by) | (value >>> (32 - by));
}

/** FNV-1a over the text (RFC 9923), then four steps of splitmix32, so that near seeds give far states. */
function seedState(seed: string): Uint32Array {
  let hash = 0x811c9dc5;
  for (let i = 0; i < seed.length; i += 1) hash = Math.imul(hash ^ seed.charCodeAt(i), 0x01000193);
  const state = new Uint32Array(4);
  for (let i = 0; i < 4; i += 1) {
    hash = (hash + 0x9e3779b9) | 0;
    let z = hash;
    z = Math.imul(z ^ (z >>> 16), 0x85ebca6b);
    z = Math.imul(z ^ (z >>> 13), 0xc2b2ae35);
    state[i] = z ^ (z >>> 16);
  }
  return state;
}
