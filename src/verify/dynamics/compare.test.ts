import { describe, expect, it } from 'vitest';
import { NtkcError } from '../../errors.ts';
import { dense, elementwise, erf, network, relu, repeat, sum } from '../../ops/vocabulary.ts';
import { defaultInputs } from '../inputs.ts';
import { compareDynamics } from './compare.ts';
import { decayOf } from './decay.ts';
import { dynamicsRows, dynamicsTable } from './table.ts';

const input = { shape: [3] };
const twoLayers = network({ name: 'erf-2', input, layers: [dense(), erf(), dense()] });
const [a, b, c, d] = defaultInputs(3, 1) as [
  readonly number[],
  readonly number[],
  readonly number[],
  readonly number[],
];
const [x, y] = [
  [a, b, c],
  [1, -1, 1],
];
const watched = [d];

describe('compareDynamics', () => {
  it('sees the orders of Theorem 2.1 and Lemma A.3, and that they differ', async () => {
    const widths = [16, 64, 256];
    const report = await compareDynamics(twoLayers, x, y, { watched, widths, times: [0.5, 2], networks: 10 });
    expect(report).toMatchObject({ network: 'erf-2', widths, n: 3, points: 4, smooth: true, forcedShare: 0 });
    const rows = dynamicsRows(report);
    expect(rows.length).toBe(10);
    // Each row is inconsistent by chance with probability about 0.001; the draws are fixed by the seed.
    expect(rows.filter(({ decay }) => decay.consistent !== true)).toEqual([]);
    const [frozen, third, fourth, closed] = report.approximations.map(({ kernel }) => kernel[0]!);
    // Freezing K_2 costs a whole power of the width: slopes differ by more than their errors.
    expect(closed!.slope! - frozen!.slope!).toBeLessThan(-3 * Math.hypot(closed!.standardError, frozen!.standardError));
    for (const k of widths.keys()) {
      expect(third!.median[k]!).toBeLessThan(frozen!.median[k]!);
      expect(fourth!.median[k]!).toBeLessThan(third!.median[k]!);
      expect(closed!.median[k]!).toBeLessThan(third!.median[k]!);
    }
    // Planted: the frozen kernel, claimed to be of second order.
    const samples = frozen!.median.map((m, k) => [frozen!.low[k]!, m, frozen!.high[k]!]);
    expect(decayOf(widths, samples, closed!.claim, true).consistent).toBe(false);
  });

  it('takes branches and copies, and the targets as they stand', async () => {
    const layers = [dense(), sum([[erf(), dense()], [elementwise('x')]]), erf(), repeat(1, [dense(), erf()]), dense()];
    const residual = network({ input, layers });
    const options = { widths: [8, 16], times: [0.5], networks: 2, centred: false };
    const report = await compareDynamics(residual, x, y, options);
    expect(report.approximations.map(({ kernel }) => kernel.length)).toEqual([1, 1, 1, 1]);
    expect(report.approximations[1]!.kernel[0]!.median.every((v) => v > 0)).toBe(true);
  });

  it('calls a network that is linear in its parameters exact', async () => {
    const linear = network({ input, layers: [dense()] });
    const report = await compareDynamics(linear, x, y, { widths: [8, 16], times: [1], networks: 2 });
    for (const { decay } of dynamicsRows(report)) expect(decay).toMatchObject({ slope: null, consistent: true });
    expect(dynamicsTable(report)).toContain('exact');
  });

  it('claims nothing for activations with kinks', async () => {
    const kinked = network({ input, layers: [dense(), relu(), dense()] });
    const report = await compareDynamics(kinked, x, y, { widths: [8, 16], times: [0.25], networks: 2 });
    expect(report.smooth).toBe(false);
    expect(dynamicsRows(report).every(({ decay }) => decay.consistent === null)).toBe(true);
  });

  it('prints lines of at most 100 columns', async () => {
    const report = await compareDynamics(twoLayers, x, y, { widths: [8, 16, 32, 64], times: [0.1, 0.2], networks: 2 });
    const lines = dynamicsTable(report).split('\n');
    expect(Math.max(...lines.map((line) => line.length))).toBeLessThanOrEqual(100);
    expect(lines.find((line) => line.includes('K̂'))).toMatch(/Õ\(1\/m²\)/);
  });

  it('refuses what cannot be compared', async () => {
    const standard = network({ input, layers: [dense({ parameterization: 'standard' }), erf(), dense()] });
    const run = (options: Parameters<typeof compareDynamics>[3], net = twoLayers, targets: readonly number[] = y) =>
      compareDynamics(net, x, targets, { widths: [8, 16], networks: 2, times: [1], ...options });
    await expect(run({}, standard)).rejects.toThrow(/standard parameterization/);
    await expect(run({ widths: [2, 16] })).rejects.toThrow(/at least 4/);
    await expect(run({ widths: [8] })).rejects.toThrow(/two different/);
    await expect(run({ networks: 1 })).rejects.toThrow(/>= 2/);
    await expect(run({ times: [0, 1] })).rejects.toThrow(/positive/);
    await expect(run({ times: [2, 1] })).rejects.toThrow(/ascending/);
    await expect(run({}, twoLayers, [0, 0, 0])).rejects.toThrow(/targets are zero/);
    await expect(run({}, twoLayers, [1, 2])).rejects.toThrow(NtkcError);
    await expect(run({ watched: [[1]] })).rejects.toThrow(/a row of 1/);
    await expect(run({ signal: AbortSignal.abort() })).rejects.toThrow();
  });
});
