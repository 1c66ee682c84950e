import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseTable } from '../io/csv.ts';
import { crossValidate } from './crossValidate.ts';
import type { GramFunction } from './fit.ts';
import { kFold } from './folds.ts';
import { gaussianKernel, linearKernel, reluNtk } from './kernels.fixture.ts';

const ridge = { kind: 'absolute', value: 0.1 } as const;

describe('kFold', () => {
  it('tests each row once, trains on the others, and keeps sizes within one', () => {
    const sizes = fc
      .integer({ min: 2, max: 60 })
      .chain((n) => fc.tuple(fc.constant(n), fc.integer({ min: 2, max: n }), fc.nat()));
    fc.assert(
      fc.property(sizes, ([n, k, seed]) => {
        const folds = kFold(n, k, seed);
        const all = Array.from({ length: n }, (_, i) => i);
        expect(folds.flatMap((fold) => fold.test).sort((a, b) => a - b)).toEqual(all);
        for (const { train, test } of folds) {
          expect([...train, ...test].sort((a, b) => a - b)).toEqual(all);
          expect([Math.floor(n / k), Math.ceil(n / k)]).toContain(test.length);
        }
      }),
    );
  });

  it('depends on the seed and on nothing else', () => {
    expect(kFold(50, 5, 1)).toEqual(kFold(50, 5, 1));
    expect(kFold(50, 5, 1)).not.toEqual(kFold(50, 5, 2));
  });

  it('shuffles evenly: each row is in the first of two folds as often as not', () => {
    const counts = new Array<number>(10).fill(0);
    const draws = 4000;
    for (let seed = 0; seed < draws; seed++) for (const row of kFold(10, 2, seed)[0]!.test) counts[row]! += 1;
    // Binomial(4000, 1/2): standard deviation 31.6. 5 of them on one of 10 rows: false alarm below 1e-5; seeds are fixed.
    for (const count of counts) expect(Math.abs(count - draws / 2)).toBeLessThan(158);
  });

  it.each([
    [5, 1],
    [5, 6],
    [5, 2.5],
    [1, 1],
  ])('refuses %i rows in %d folds', (n, k) => {
    expect(() => kFold(n, k, 0)).toThrow(/cannot split.*integer from 2/);
  });
});

const line = (n: number) => Float64Array.from({ length: n }, (_, i) => i);

describe('crossValidate', () => {
  it('is right on what can be learnt, and reports each fold as it ends', async () => {
    const n = 30;
    const labels = Array.from(line(n), (v) => (v < 15 ? 'low' : 'high'));
    const seen: number[] = [];
    const answers = { task: 'classification', labels } as const;
    const onFold = (score: { fold: number }) => seen.push(score.fold);
    const result = await crossValidate({
      x: line(n),
      n,
      d: 1,
      answers,
      kernel: gaussianKernel(1),
      ridge,
      folds: 4,
      seed: 1,
      onFold,
    });
    if (result.task !== 'classification') throw new Error('a classification');
    expect(seen).toEqual([0, 1, 2, 3]);
    expect(result.folds.map((f) => f.testRows)).toEqual([7, 8, 7, 8]);
    // Only the two rows beside the border (14, 15) can be in doubt.
    expect(result.accuracy.mean).toBeGreaterThanOrEqual(28 / 30 - 0.01);
  });

  it('knows no better than chance on labels without a rule', async () => {
    // Row i is alone: a kernel that is 0 off the diagonal sees no likeness, so every score ties and the first class wins.
    const identity: GramFunction = (_, n1, x2, n2) =>
      Float64Array.from({ length: n1 * n2 }, (_, at) => (x2 === undefined && Math.floor(at / n2) === at % n2 ? 1 : 0));
    const labels = Array.from(line(20), (v) => (v % 4 === 0 ? 'a' : 'b'));
    const answers = { task: 'classification', labels } as const;
    const result = await crossValidate({
      x: line(20),
      n: 20,
      d: 1,
      answers,
      kernel: identity,
      ridge,
      folds: 5,
      seed: 3,
    });
    expect(result).toMatchObject({ accuracy: { mean: 0.25 } });
  });

  it('gives mean and standard error over folds', async () => {
    const labels = Array.from(line(12), (v) => (Math.sin(v * v) > 0 ? 'a' : 'b'));
    const answers = { task: 'classification', labels } as const;
    const result = await crossValidate({
      x: line(12),
      n: 12,
      d: 1,
      answers,
      kernel: gaussianKernel(1),
      ridge,
      folds: 3,
      seed: 1,
    });
    if (result.task !== 'classification') throw new Error('a classification');
    const [a, b, c] = result.folds.map((f) => (f.task === 'classification' ? f.accuracy : -1)) as [
      number,
      number,
      number,
    ];
    const mean = (a + b + c) / 3;
    expect(result.accuracy.mean).toBeCloseTo(mean, 14);
    expect(result.accuracy.standardError).toBeCloseTo(Math.hypot(a - mean, b - mean, c - mean) / Math.sqrt(6), 14);
    expect(result.accuracy.standardError).toBeGreaterThan(0);
  });

  it('fits standardisation and target mean on the training fold alone', async () => {
    // One outlier: in its own test fold it must be seen far outside, not scaled by itself.
    const x = line(6).with(5, 1e6);
    const largest: number[] = [];
    const spy: GramFunction = (x1, n1, x2, n2) => {
      if (x2 !== undefined) largest.push(Math.max(...x1));
      return gaussianKernel(1)(x1, n1, x2, n2);
    };
    const answers = { task: 'regression', targets: line(6).with(5, 60) } as const;
    const result = await crossValidate({ x, n: 6, d: 1, answers, kernel: spy, ridge, folds: 6, seed: 1 });
    if (result.task !== 'regression') throw new Error('a regression');
    expect(Math.max(...largest)).toBeCloseTo((1e6 - 2) / Math.SQRT2, 6);
    // Far from all training rows the kernel is 0 and the prediction is their mean, (0+1+2+3+4)/5 = 2: an error of 58.
    const errors = result.folds.map((f) => (f.task === 'regression' ? f.rmse : 0));
    expect(Math.max(...errors)).toBeCloseTo(58, 10);
    expect(result.r2).toBeUndefined();
  });

  it('regression: RMSE and R² of a line', async () => {
    const answers = { task: 'regression', targets: line(20).map((v) => 3 - 2 * v) } as const;
    const small = { kind: 'relative', value: 1e-9 } as const;
    const result = await crossValidate({
      x: line(20),
      n: 20,
      d: 1,
      answers,
      kernel: linearKernel(1),
      ridge: small,
      folds: 4,
      seed: 1,
    });
    if (result.task !== 'regression') throw new Error('a regression');
    // Shrinkage λ/(n·1) = 1e-9/15 of values up to 40, and rounding eps/(relative ridge 1e-9) = 2e-7 of them.
    expect(result.rmse.mean).toBeLessThan(1e-4);
    expect(result.r2?.mean).toBeCloseTo(1, 8);
  });

  it('a class that a training fold lacks is no failure', async () => {
    const labels = Array.from(line(9), (v) => (v === 0 ? 'rare' : 'a'));
    const answers = { task: 'classification', labels } as const;
    const result = await crossValidate({
      x: line(9),
      n: 9,
      d: 1,
      answers,
      kernel: gaussianKernel(1),
      ridge,
      folds: 9,
      seed: 0,
    });
    // The fold that tests the rare row trains on one class alone, and must get that row wrong.
    expect(result.folds).toHaveLength(9);
    expect(result.folds.filter((f) => f.task === 'classification' && f.accuracy === 0).length).toBeGreaterThanOrEqual(
      1,
    );
  });

  it('refuses one class, and a number of folds beyond the rows', async () => {
    const base = { x: line(4), n: 4, d: 1, kernel: gaussianKernel(1), ridge, seed: 0 };
    const one = { task: 'classification', labels: ['a', 'a', 'a', 'a'] } as const;
    await expect(crossValidate({ ...base, answers: one, folds: 2 })).rejects.toThrow(/only one class/);
    const two = { task: 'classification', labels: ['a', 'b', 'a', 'b'] } as const;
    await expect(crossValidate({ ...base, answers: two, folds: 5 })).rejects.toThrow(/4 rows into 5 folds/);
  });

  it('haberman with the NTK of a 5-layer ReLU network, ridge 0.1, 5 folds: about 70.9 %', async () => {
    const file = new URL('../../../examples/data/uci/haberman.csv', import.meta.url);
    const table = parseTable(readFileSync(file, 'utf8'), { file: 'haberman.csv', label: 'class' });
    expect([table.n, table.d]).toEqual([306, 3]);
    const accuracies: number[] = [];
    for (const seed of [0, 1, 2]) {
      const result = await crossValidate({ ...table, kernel: reluNtk(3, 5, 1), ridge, folds: 5, seed });
      if (result.task === 'classification') accuracies.push(result.accuracy.mean);
    }
    // An independent numpy computation with other shuffles gave 70.9; this one gives 70.91, 69.64, 71.55. Between
    // shuffles accuracies have a standard deviation of about 1 point, so a mean of 3 lies within 4·1/√3 of it.
    expect(Math.abs((accuracies[0]! + accuracies[1]! + accuracies[2]!) / 3 - 0.709)).toBeLessThan(0.023);
  });
});
