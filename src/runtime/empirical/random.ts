/**
 * Seeded streams of standard normals. The generator is pure-rand's xoroshiro128+ (period 2^128 − 1); a stream is
 * named by a path of integers, for instance [seed, width, sample, layer, part], and its 128-bit state is a hash of
 * that path. Streams of different paths therefore start at unrelated points of one very long cycle: 2^20 streams of
 * 2^40 draws each overlap with probability below 2^-47.
 */
import { xoroshiro128plusFromState } from 'pure-rand/generator/xoroshiro128plus';
import type { JumpableRandomGenerator } from 'pure-rand/types/JumpableRandomGenerator';
import { NtkcError } from '../../errors.ts';

/** One integer, or a path of integers, each exactly representable (|seed| < 2^53). */
export type Seed = number | readonly number[];

/** `out` filled with independent draws of N(0, std²); the same (seed, part of the path) gives the same numbers. */
export function normals(length: number, std: number, seed: Seed): Float64Array {
  const out = new Float64Array(length);
  const generator = streamOf(seed);
  for (let i = 0; i < length; i += 2) {
    // Marsaglia's polar method: (u, v) uniform in the unit disc gives two independent normals.
    let u: number;
    let v: number;
    let s: number;
    do {
      u = symmetricUniform(generator);
      v = symmetricUniform(generator);
      s = u * u + v * v;
    } while (s >= 1);
    const r = std * Math.sqrt((-2 * Math.log(s)) / s);
    out[i] = u * r;
    if (i + 1 < length) out[i + 1] = v * r;
  }
  return out;
}

/** Uniform over the odd multiples of 2^-32 in (−1, 1): symmetric, never 0, so s > 0 above. */
const symmetricUniform = (generator: JumpableRandomGenerator) => (generator.next() + 0.5) * 2 ** -31;

export function streamOf(seed: Seed): JumpableRandomGenerator {
  return xoroshiro128plusFromState(stateOf(typeof seed === 'number' ? [seed] : seed));
}

/** The path of a stream inside another: subStream(seed, layer) is independent of `seed` and of its other parts. */
export function subStream(seed: Seed, ...parts: readonly number[]): readonly number[] {
  return typeof seed === 'number' ? [seed, ...parts] : [...seed, ...parts];
}

/** The lanes start at the first binary digits of √2, √3, √5, √7, as in SHA-256. */
const STARTS = [0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a] as const;
/** One odd multiplier a lane: the primes of xxHash32. */
const FACTORS = [0x9e3779b1, 0x85ebca77, 0xc2b2ae3d, 0x27d4eb2f] as const;

/**
 * Four 32-bit lanes that absorb the path word by word; every lane sees every word under its own bijection, then its
 * neighbour, so paths that differ in one bit have unrelated states.
 */
function stateOf(path: readonly number[]): readonly number[] {
  const lanes: number[] = [...STARTS];
  const absorb = (word: number) => {
    for (let k = 0; k < 4; k++) {
      lanes[k] = (scramble(lanes[k]! ^ Math.imul(word, FACTORS[k]!)) + Math.imul(lanes[(k + 3) % 4]!, 5)) | 0;
    }
  };
  for (const part of path) {
    if (!Number.isSafeInteger(part)) {
      throw new NtkcError({ what: `the seed ${part} is unusable`, expected: 'an integer below 2^53 in size' });
    }
    absorb(part | 0);
    absorb(Math.floor(part / 2 ** 32) | 0);
  }
  for (let round = 0; round < 4; round++) absorb(round);
  return lanes.some((lane) => lane !== 0) ? lanes : STARTS;
}

/** The finaliser of MurmurHash3: a bijection of 32-bit words in which each input bit flips half of the output's. */
function scramble(word: number): number {
  let h = word;
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return h ^ (h >>> 16);
}
