import { describe, expect, it } from 'vitest';
import { compile } from '../../compile.ts';
import { dense, elementwise, erf, network, relu, repeat, sum } from '../../ops/vocabulary.ts';
import { gram } from '../../runtime/gram.ts';
import { defaultInputs, toInputs } from '../inputs.ts';
import { affordableDynamics } from './affordable.ts';
import type { DynamicsReport, NoDynamics } from './types.ts';

const input = { shape: [3] };
const rows = defaultInputs(3, 0);
const isReport = (result: DynamicsReport | NoDynamics): result is DynamicsReport => !('skipped' in result);

describe('affordableDynamics', () => {
  it('compares at times of the scale of the kernel, on four rows, the fourth watched', async () => {
    const net = network({ input, layers: [dense({ wStd: 4 }), erf(), dense({ wStd: 4 })] });
    const seen: number[] = [];
    const result = await affordableDynamics(net, rows, { onProgress: ({ total }) => seen.push(total) });
    if (!isReport(result)) throw new Error(result.skipped);
    expect(result).toMatchObject({ n: 4, points: 5, widths: [32, 64, 128, 256] });
    // The unit of time is a power of two within a factor of √2 of 1/(mean of K(x, x)), of a network of width 256.
    const limit = await gram(await compile(net), toInputs(rows, 3));
    const mean = [0, 1, 2, 4].reduce((total, i) => total + limit[i * 6]! / 4, 0);
    expect(Math.abs(Math.log2(result.times[2]! * mean))).toBeLessThan(0.5 + 0.3);
    expect(seen.length).toBe(4 * 12);
  });

  it('takes narrower networks where they are deep, and says what it cannot take', async () => {
    const skipped = async (layers: Parameters<typeof network>[0]['layers']) => {
      const result = await affordableDynamics(network({ input, layers }), rows);
      return isReport(result) ? result.widths.join() : result.skipped;
    };
    expect(await skipped([repeat(100, [dense(), erf()]), dense()])).toMatch(/too long/);
    expect(await skipped([repeat(4, [dense(), relu()]), dense()])).toMatch(/too long/);
    expect(await skipped([dense({ parameterization: 'standard' }), erf(), dense()])).toMatch(/standard/);
    // The input itself is a branch: its width is not free.
    expect(await skipped([sum([[elementwise('x')], [dense(), erf(), dense()]]), erf(), dense()])).toMatch(
      /is 3 neurons wide/,
    );
  });
});
