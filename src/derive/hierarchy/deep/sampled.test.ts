import { describe, expect, it } from 'vitest';
import type { Network } from '../../../ir/arch/index.ts';
import { dense, elementwise, erf, network } from '../../../ops/vocabulary.ts';
import { hierarchyAt } from '../../../runtime/empirical/hierarchy/index.ts';
import { initialise } from '../../../runtime/empirical/index.ts';
import { finiteNetwork } from '../../finite.ts';
import { deepExpectedHierarchy } from './index.ts';

const x = [
  [1, 0.2],
  [-0.3, 0.9],
  [0.2, -0.5],
  [0.6, 0.7],
];
const tuples = [[0, 1, 2, 3], [0, 1, 0, 1]]; // biome-ignore format: one line

/** width · K4 of random networks: means and squared standard errors by tuple. */
function sampled(net: Network, width: number, draws: number) {
  const program = finiteNetwork(net, { width, outputs: 1 });
  const flat = Float64Array.from(x.flat());
  const sums = tuples.map(() => ({ sum: 0, squares: 0 }));
  for (let draw = 0; draw < draws; draw++) {
    const parameters = initialise(program, 104_729 * width + draw);
    hierarchyAt(program, parameters, flat, x.length, tuples).forEach((value, t) => {
      sums[t]!.sum += width * value;
      sums[t]!.squares += (width * value) ** 2;
    });
  }
  return sums.map(({ sum, squares }) => ({
    mean: sum / draws,
    variance: (squares / draws - (sum / draws) ** 2) / draws,
  }));
}

describe('sampled networks', () => {
  /**
   * width · E K4 = limit + c/width + ..: 2·(at 2m) − (at m) is free of c. The seed is fixed, so that a failure is no accident;
   * for another seed |z| > 4.5 has a probability of 1e-5.
   */
  it.each([
    ['three layers of erf', 3, erf(), 8, 1200],
    ['three layers of sin(x) + x²/5', 3, elementwise('sin(x) + x^2/5'), 16, 700],
    ['four layers of erf', 4, erf(), 16, 500],
  ] as const)('%s', (_, layers, activation, width, draws) => {
    const net = network({
      input: { shape: [2] },
      layers: [
        ...Array.from({ length: layers - 1 }, () => [dense({ wStd: 1.2, bStd: 0.3 }), activation]).flat(),
        dense({ bStd: 0.3 }),
      ],
    });
    const limit = deepExpectedHierarchy(net, x, tuples);
    const [narrow, wide] = [sampled(net, width, draws), sampled(net, 2 * width, draws)];
    limit.forEach((value, t) => {
      const z = (2 * wide[t]!.mean - narrow[t]!.mean - value) / Math.sqrt(4 * wide[t]!.variance + narrow[t]!.variance);
      expect(Math.abs(z)).toBeLessThan(4.5);
      // The sample is large enough to tell a value that is off by a half.
      expect(Math.sqrt(wide[t]!.variance)).toBeLessThan(0.12 * Math.abs(value));
    });
  });
});
