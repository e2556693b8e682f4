/**
 * FarmHash Fingerprint64 (google/farmhash `src/farmhash.cc`, namespace `farmhashna`), the fingerprint behind
 * FARM_FINGERPRINT. All arithmetic is modulo 2^64.
 */

const K0 = 0xc3a5c85c97cb3127n;
const K1 = 0xb492b66fbe98f273n;
const K2 = 0x9ae16a3b2f90404fn;

const wrap = (value: bigint): bigint => BigInt.asUintN(64, value);
const rotate = (value: bigint, by: bigint): bigint => wrap((value >> by) | (value << (64n - by)));
const shiftMix = (value: bigint): bigint => value ^ (value >> 47n);

/** Signed 64-bit fingerprint of the bytes. */
export function farmFingerprint(bytes: Uint8Array): bigint {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  return BigInt.asIntN(64, hash64(view, bytes.byteLength));
}

function hash64(view: DataView, length: number): bigint {
  if (length <= 16) return hashLength0To16(view, length);
  if (length <= 32) return hashLength17To32(view, length);
  if (length <= 64) return hashLength33To64(view, length);
  return hashLong(view, length);
}

function hashLength16(u: bigint, v: bigint, multiplier: bigint): bigint {
  const a = shiftMix(wrap((u ^ v) * multiplier));
  const b = shiftMix(wrap((v ^ a) * multiplier));
  return wrap(b * multiplier);
}

const fetch = (view: DataView, at: number): bigint => view.getBigUint64(at, true);

function hashLength0To16(view: DataView, length: number): bigint {
  const multiplier = wrap(K2 + BigInt(length) * 2n);
  if (length >= 8) {
    const a = wrap(fetch(view, 0) + K2);
    const b = fetch(view, length - 8);
    const c = wrap(rotate(b, 37n) * multiplier + a);
    const d = wrap((rotate(a, 25n) + b) * multiplier);
    return hashLength16(c, d, multiplier);
  }
  if (length >= 4) {
    const a = BigInt(view.getUint32(0, true));
    return hashLength16(wrap(BigInt(length) + (a << 3n)), BigInt(view.getUint32(length - 4, true)), multiplier);
  }
  if (length > 0) {
    const y = BigInt(view.getUint8(0) + (view.getUint8(length >> 1) << 8));
    const z = BigInt(length + (view.getUint8(length - 1) << 2));
    return wrap(shiftMix(wrap(y * K2) ^ wrap(z * K0)) * K2);
  }
  return K2;
}

function hashLength17To32(view: DataView, length: number): bigint {
  const multiplier = wrap(K2 + BigInt(length) * 2n);
  const a = wrap(fetch(view, 0) * K1);
  const b = fetch(view, 8);
  const c = wrap(fetch(view, length - 8) * multiplier);
  const d = wrap(fetch(view, length - 16) * K2);
  return hashLength16(
    wrap(rotate(wrap(a + b), 43n) + rotate(c, 30n) + d),
    wrap(a + rotate(wrap(b + K2), 18n) + c),
    multiplier,
  );
}

function hashLength33To64(view: DataView, length: number): bigint {
  const multiplier = wrap(K2 + BigInt(length) * 2n);
  const a = wrap(fetch(view, 0) * K2);
  const b = fetch(view, 8);
  const c = wrap(fetch(view, length - 8) * multiplier);
  const d = wrap(fetch(view, length - 16) * K2);
  const y = wrap(rotate(wrap(a + b), 43n) + rotate(c, 30n) + d);
  const z = hashLength16(y, wrap(a + rotate(wrap(b + K2), 18n) + c), multiplier);
  const e = wrap(fetch(view, 16) * multiplier);
  const f = fetch(view, 24);
  const g = wrap((y + fetch(view, length - 32)) * multiplier);
  const h = wrap((z + fetch(view, length - 24)) * multiplier);
  return hashLength16(
    wrap(rotate(wrap(e + f), 43n) + rotate(g, 30n) + h),
    wrap(e + rotate(wrap(f + a), 18n) + g),
    multiplier,
  );
}

function weakHash(view: DataView, at: number, a: bigint, b: bigint): readonly [bigint, bigint] {
  const [w, x, y, z] = [fetch(view, at), fetch(view, at + 8), fetch(view, at + 16), fetch(view, at + 24)];
  const first = wrap(a + w);
  const sum = wrap(first + x + y);
  const second = wrap(rotate(wrap(b + first + z), 21n) + rotate(sum, 44n));
  return [wrap(sum + z), wrap(second + first)];
}

interface State {
  x: bigint;
  y: bigint;
  z: bigint;
  v: readonly [bigint, bigint];
  w: readonly [bigint, bigint];
}

function hashLong(view: DataView, length: number): bigint {
  const seed = 81n;
  const y = wrap(seed * K1 + 113n);
  const state: State = {
    x: wrap(seed * K2 + fetch(view, 0)),
    y,
    z: wrap(shiftMix(wrap(y * K2 + 113n)) * K2),
    v: [0n, 0n],
    w: [0n, 0n],
  };
  const end = Math.floor((length - 1) / 64) * 64;
  const last = (length - 1) & 63;
  for (let at = 0; at < end; at += 64) round(view, at, state, K1, 1n, 1n);
  const multiplier = wrap(K1 + ((state.z & 0xffn) << 1n));
  const w0 = wrap(state.w[0] + BigInt(last));
  const v0 = wrap(state.v[0] + w0);
  state.v = [v0, state.v[1]];
  state.w = [wrap(w0 + v0), state.w[1]];
  round(view, end + last - 63, state, multiplier, 9n, 9n);
  return hashLength16(
    wrap(hashLength16(state.v[0], state.w[0], multiplier) + shiftMix(state.y) * K0 + state.z),
    wrap(hashLength16(state.v[1], state.w[1], multiplier) + state.x),
    multiplier,
  );
}

function round(view: DataView, at: number, state: State, multiplier: bigint, ofW: bigint, ofV: bigint): void {
  let { x, y, z } = state;
  const { v, w } = state;
  x = wrap(rotate(wrap(x + y + v[0] + fetch(view, at + 8)), 37n) * multiplier);
  y = wrap(rotate(wrap(y + v[1] + fetch(view, at + 48)), 42n) * multiplier);
  x ^= wrap(w[1] * ofW);
  y = wrap(y + v[0] * ofV + fetch(view, at + 40));
  z = wrap(rotate(wrap(z + w[0]), 33n) * multiplier);
  state.v = weakHash(view, at, wrap(v[1] * multiplier), wrap(x + w[0]));
  state.w = weakHash(view, at + 32, wrap(z + w[1]), wrap(y + fetch(view, at + 16)));
  state.x = z;
  state.y = y;
  state.z = x;
}
