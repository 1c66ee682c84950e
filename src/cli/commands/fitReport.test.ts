import { describe, expect, it } from 'vitest';
import type { Summary } from '../../runtime/predict/index.ts';
import { scoreText } from './fitReport.ts';

const options = { data: 'd.csv', label: 'y', kernel: 'ntk', ridge: { kind: 'absolute', value: 0.1 } } as const;
const rest = { folds: 2, seed: 0, task: 'auto', target: 'wasm', dtype: 'float64' } as const;
const answers = { task: 'regression', targets: Float64Array.of(1, 2) } as const;
const table = { x: Float64Array.of(1, 2), n: 2, d: 1, featureNames: ['a'], labelName: 'y', answers };

/** The lines of scores of a regression in two folds. */
function lines(rmse: Summary, r2: Summary, folds: readonly (readonly [rmse: number, r2: number])[]): readonly string[] {
  const found = folds.map(([e, s], fold) => ({
    fold,
    trainRows: 1,
    testRows: 1,
    task: 'regression' as const,
    rmse: e,
    r2: s,
  }));
  const scores = { task: 'regression', folds: found, rmse, r2 } as const;
  return scoreText({ network: 'net', options: { ...options, ...rest }, table, scores })
    .trimEnd()
    .split('\n')
    .slice(3);
}

describe('scores of a regression', () => {
  it('are rounded to two digits of their errors, in columns', () => {
    const rmse = { mean: 12.3456, standardError: 0.4567 };
    const folds = [[12.8, 0.99], [1.89123, 0.99014]] as const; // biome-ignore format: two rows
    expect(lines(rmse, { mean: 0.9908, standardError: 0.0006315 }, folds)).toEqual([
      'fold  train  test   RMSE       R²',
      '   1      1     1  12.80  0.99000',
      '   2      1     1   1.89  0.99014',
      '',
      'RMSE    12.35 ± 0.46     (mean and standard error over folds)',
      'R²    0.99080 ± 0.00063  (0: as good as the mean; 1: exact)',
    ]);
  });

  it.each([
    ['an error of many digits', { mean: 15432.1, standardError: 1234.5 }, '15432 ± 1235'],
    ['an error that rounds up', { mean: 1.5, standardError: 0.0996 }, '1.500 ± 0.100'],
    ['no error', { mean: 1.5, standardError: 0 }, '1.500 ± 0.000'],
    ['no value', { mean: 0, standardError: 0 }, '0.000 ± 0.000'],
    ['tiny numbers', { mean: 1.5e-9, standardError: 2.34e-11 }, '1.500e-9 ± 2.3e-11'],
    ['huge numbers', { mean: 1.5e30, standardError: 2.34e28 }, '1.500e+30 ± 2.3e+28'],
  ])('%s', (_, rmse, text) => {
    const found = lines(rmse, { mean: 1, standardError: 0.1 }, [[rmse.mean, 1]]);
    expect(found.find((line) => line.startsWith('RMSE'))).toContain(text);
  });
});
