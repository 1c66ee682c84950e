/** Masks: noise of a pass, which no parameter holds. */
import { describe, expect, it } from 'vitest';
import { forward } from './forward.ts';
import { hierarchyAt } from './hierarchy/index.ts';
import { empiricalNngp, empiricalNtk } from './kernels.ts';
import { initialise } from './parameters.ts';
import { masked } from './programs.fixture.ts';
import { normals } from './random.ts';

const [N, D, WIDTH, KEEP] = [2, 3, 4096, 0.7];
const program = masked(D, WIDTH, KEEP);
const parameters = initialise(program, 1);
const x = normals(N * D, 1, 2);
const maskOf = (noise?: number) => forward(program, parameters, x, N, noise)[2]!;

describe('masks', () => {
  it('are 0 or 1/keep, kept with probability keep', () => {
    const mask = maskOf(3);
    expect(new Set(mask)).toEqual(new Set([0, 1 / KEEP]));
    const kept = mask.filter((v) => v > 0).length / mask.length;
    // Five standard errors of 8192 draws: a false alarm once in 10⁶ seeds, and the seed is fixed.
    expect(Math.abs(kept - KEEP)).toBeLessThan(5 * Math.sqrt((KEEP * (1 - KEEP)) / mask.length));
  });

  it('are independent between samples, repeated by the seed, new with another', () => {
    const mask = maskOf(3);
    const both = Array.from({ length: WIDTH }, (_, c) => Number(mask[c]! > 0 && mask[WIDTH + c]! > 0));
    const share = both.reduce((a, b) => a + b, 0) / WIDTH;
    expect(Math.abs(share - KEEP ** 2)).toBeLessThan(5 * Math.sqrt(KEEP ** 2 / WIDTH));
    expect(maskOf(3)).toEqual(mask);
    expect(maskOf(4)).not.toEqual(mask);
  });

  it('are 1 in a pass without a seed, so that the hierarchy is that of the network in test mode', () => {
    expect(new Set(maskOf())).toEqual(new Set([1]));
    const small = masked(D, 5, KEEP);
    const theta = initialise(small, 1);
    const { ntk } = empiricalNtk(small, theta, x, N, undefined, undefined, { outputs: [0] });
    const k2 = hierarchyAt(small, theta, x, N, [
      [0, 0],
      [0, 1],
    ]);
    // Sums of tens of terms of order 1.
    expect(k2[0]).toBeCloseTo(ntk[0]!, 12);
    expect(k2[1]).toBeCloseTo(ntk[1]!, 12);
  });

  it('reach both empirical kernels, the diagonal with the factor 1/keep', () => {
    const ratio = (kernel: (noise?: number) => Float64Array) => {
      const [noisy, plain] = [kernel(5), kernel()];
      return [noisy[0]! / plain[0]!, noisy[1]! / plain[1]!];
    };
    const nngp = ratio((noise) =>
      empiricalNngp(program, parameters, x, N, undefined, undefined, { ...(noise && { noise }) }),
    );
    const ntk = ratio(
      (noise) => empiricalNtk(program, parameters, x, N, undefined, undefined, { ...(noise && { noise }) }).ntk,
    );
    // Both have the bias of the last layer and its own term beside what is masked; the factor is between 1 and 1/keep.
    for (const [diagonal, other] of [nngp, ntk]) {
      expect(diagonal).toBeGreaterThan(1.2);
      expect(diagonal).toBeLessThan(1 / KEEP + 0.05);
      expect(Math.abs(other! - 1)).toBeLessThan(0.15);
    }
  });
});
