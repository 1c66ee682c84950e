import { describe, expect, it } from 'vitest';
import { finiteNetwork } from '../derive/index.ts';
import { conv, dense, elementwise, flatten, network } from '../ops/vocabulary.ts';
import { affordableWidths, costOf, planSamples } from './plan.ts';

const layers = (between: readonly ReturnType<typeof elementwise>[]) => [
  conv({ kernel: [3] }),
  ...between,
  flatten(),
  dense(),
];
const programAt = (width: number, between = [elementwise('tanh(x)')]) =>
  finiteNetwork(network({ input: { shape: [6, 2] }, layers: layers(between) }), { width, outputs: 1 });

describe('cost of sampling networks with positions', () => {
  it('counts the activation at every position of every sample, both passes', () => {
    const [n, positions, width] = [5, 6, 8];
    const linear = costOf(programAt(width, []), n);
    expect(costOf(programAt(width), n) - linear).toBeCloseTo(5 * n * positions * width, 6);
  });

  it('plans 30 s of it, at 22 ns a unit, whatever the widths', () => {
    const widths = affordableWidths(programAt, 5);
    const costs = widths.map((width) => costOf(programAt(width), 5));
    const samples = planSamples(widths, costs, true);
    const seconds = samples.reduce((sum, s, k) => sum + s * (costs[k] as number) * 22e-9, 0);
    expect(seconds).toBeLessThan(30);
    expect(seconds).toBeGreaterThan(10);
  });
});
