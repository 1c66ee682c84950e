import { expect, it } from 'vitest';
import { derive } from '../../derive/index.ts';
import { dense, elementwise, network, relu } from '../../ops/vocabulary.ts';
import { planTile, printCost, tileCost } from './index.ts';

const costOf = (layers: Parameters<typeof network>[0]['layers'], kernel: 'nngp' | 'ntk') => {
  const plan = planTile(derive(network({ input: { shape: [7] }, layers }), kernel).program);
  return tileCost(plan, plan.lanes);
};

it('counts what a pair costs', () => {
  // scale·product
  expect(costOf([dense()], 'nngp')).toMatchObject({ innerFlops: 14, fusedFlops: 1, slowFlops: 0, outputBytes: 8 });
  // A layer more costs the same again.
  const flops = [1, 2, 3].map(
    (depth) => costOf([...Array.from({ length: depth }, () => [dense(), relu()]).flat(), dense()], 'ntk').fusedFlops,
  );
  expect(flops[2]! - flops[1]!).toBe(flops[1]! - flops[0]!);
  expect(costOf([dense(), elementwise('tanh(x)'), dense()], 'ntk').flopsPerCoefficient).toBe(6);
});

it('prints it', () => {
  const cost = {
    innerFlops: 200,
    fusedFlops: 50,
    slowFlops: 1,
    flopsPerCoefficient: 3,
    sampleValues: 4,
    outputBytes: 8,
  };
  expect(printCost(cost, 1000, 1000, true)).toBe(
    [
      '500500 pairs: 200 flops each for the inner product, 50 after it and 3 for each coefficient of the series (1 of them divisions and roots)',
      '0.125 Gflop in all, 4 values once a sample',
      '7.6 MB written, nothing of that size between',
      '',
    ].join('\n'),
  );
});
