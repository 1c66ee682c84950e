import { describe, expect, it } from 'vitest';
import { type DualActivation, dualActivation } from './dual.ts';
import { expandMany } from './interpolate.ts';

const variances = (n: number, low: number, high: number) =>
  Float64Array.from({ length: n }, (_, i) => low * (high / low) ** ((0.5 + Math.sin(i * i) / 2) ** 2));

/** The engine, and how many variances it was asked to expand. */
function counted(engine: DualActivation) {
  const counts = { expanded: 0 };
  const prepare = (qs: Float64Array) => {
    counts.expanded += qs.length;
    return engine.prepare(qs);
  };
  return { engine: { ...engine, prepare }, counts };
}

const tanh = dualActivation({ phi: Math.tanh, dphi: (x) => 1 - Math.tanh(x) ** 2, kinks: [], tolerance: 1e-10 });
const clipped = dualActivation({
  phi: (x) => Math.min(Math.max(x, -1), 1),
  dphi: (x) => (Math.abs(x) < 1 ? 1 : 0),
  kinks: [-1, 1],
  tolerance: 1e-10,
});

describe.each([
  ['tanh', tanh],
  ['a function with kinks', clipped],
] as const)('%s at many variances', (_, activation) => {
  it('is expanded at few of them, to the accuracy of its quadrature', () => {
    const qs = variances(150, 0.8, 1.6);
    const { engine, counts } = counted(activation);
    const [got, want] = [expandMany(engine, qs), activation.prepare(qs)];
    expect(counts.expanded).toBeLessThan(60);
    for (const [a, b] of [
      [got.value, want.value],
      [got.slope, want.slope],
    ] as const) {
      if (a === undefined || b === undefined) throw new Error('no slope');
      expect(a.degree).toBe(b.degree);
      for (let i = 0; i < qs.length; i++) {
        const scale = b.second[i] as number;
        expect(Math.abs((a.second[i] as number) - scale)).toBeLessThan(1e-12 * scale);
        let squares = 0;
        for (let p = i * b.degree; p < (i + 1) * b.degree; p++)
          squares += ((a.coefficients[p] as number) - (b.coefficients[p] as number)) ** 2;
        // Ten times the resolution asked for: coefficients between the points are sums of those at them.
        expect(Math.sqrt(squares)).toBeLessThan(1e-12 * Math.sqrt(scale));
        expect(a.tails[i] as number).toBeGreaterThanOrEqual(0.99 * (b.tails[i] as number) - 1e-15 * scale);
      }
    }
  });
});

describe('every variance is expanded', () => {
  it.each([
    ['where there are few', variances(20, 0.5, 2)],
    ['where one is zero', Float64Array.of(0, ...variances(99, 0.5, 2))],
    ['where all are equal', new Float64Array(50).fill(2)],
    ['where they are too far apart to be resolved', variances(60, 1e-8, 1e8)],
  ])('%s', (_, qs) => {
    const got = expandMany(tanh, qs);
    expect(got.value.coefficients).toEqual(tanh.prepare(qs).value.coefficients);
  });
});
