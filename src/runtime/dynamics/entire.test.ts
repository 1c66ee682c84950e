import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decayMean, nestedDecay } from './entire.ts';

/** ∫_0^1 e^{−as} ∫_0^s e^{−bu} du ds by the composite Simpson rule, the inner integral by its own definition. */
function bySimpson(a: number, b: number): number {
  const cells = 4000;
  const h = 1 / cells;
  let [inner, sum] = [0, 0];
  const f = (s: number) => Math.exp(-a * s) * inner;
  let last = f(0);
  for (let k = 0; k < cells; k++) {
    const step = (from: number) => {
      const width = h / 2;
      inner +=
        (width / 6) * (Math.exp(-b * from) + 4 * Math.exp(-b * (from + width / 2)) + Math.exp(-b * (from + width)));
    };
    step(k * h);
    const middle = f((k + 0.5) * h);
    step((k + 0.5) * h);
    const end = f((k + 1) * h);
    sum += (h / 6) * (last + 4 * middle + end);
    last = end;
  }
  return sum;
}

const size = fc.oneof(
  fc.constantFrom(0, 1e-300, 1e-12, 0.5, 1),
  fc.double({ min: -12, max: 3, noNaN: true }).map((e) => 10 ** e),
);

describe('nestedDecay', () => {
  it('is its integral', () => {
    for (const [a, b] of [
      [0, 0],
      [0, 3],
      [3, 0],
      [0.2, 0.3],
      [1e-9, 2],
      [2, 1e-9],
      [0.49, 0.02],
      [20, 5],
    ] as const)
      expect(nestedDecay(a, b) / bySimpson(a, b) - 1).toBeCloseTo(0, 11);
    expect(nestedDecay(0, 0)).toBe(0.5);
  });

  it('and its mirror image fill the square: g(a, b) + g(b, a) = m(a) m(b)', () => {
    fc.assert(
      fc.property(size, size, (a, b) => {
        const square = decayMean(a) * decayMean(b);
        // The closed form loses at most a factor of 4 against the series' last digits where they meet.
        expect(Math.abs(nestedDecay(a, b) + nestedDecay(b, a) - square)).toBeLessThanOrEqual(4e-15 * square);
      }),
      { numRuns: 500 },
    );
  });

  it('takes eigenvalues that rounding made negative', () => {
    expect(nestedDecay(-1e-17, 0.3)).toBeCloseTo(nestedDecay(0, 0.3), 15);
    expect(nestedDecay(0.3, -1e-17)).toBeCloseTo(nestedDecay(0.3, 0), 15);
    expect(decayMean(-1e-17)).toBe(1);
  });
});
