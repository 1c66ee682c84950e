import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Answers } from '../io/csv.ts';
import { fit, predict } from './fit.ts';
import { kernelRidge, predictRidge } from './kernelRidge.ts';
import { gaussianKernel, linearKernel } from './kernels.fixture.ts';
import { fitStandardisation, standardise } from './standardise.ts';
import { classesOf, codingOf, decode, encode } from './targets.ts';

const absolute = (value: number) => ({ kind: 'absolute', value }) as const;

describe('kernelRidge', () => {
  const gram = Float64Array.of(2, 1, 1, 4);
  const targets = Float64Array.of(1, 0, 0, 1);

  it('gives the inverse worked out by hand', async () => {
    // K + I = [[3, 1], [1, 5]], determinant 14. Two right hand sides, well conditioned: a few roundings.
    const { alpha, lambda } = await kernelRidge({ gram, targets, n: 2, outputs: 2, ridge: absolute(1) });
    expect(lambda).toBe(1);
    [5, -1, -1, 3].forEach((v, i) => {
      expect(alpha[i]).toBeCloseTo(v / 14, 15);
    });
  });

  it('a relative ridge is in units of the mean diagonal entry', async () => {
    const relative = await kernelRidge({ gram, targets, n: 2, outputs: 2, ridge: { kind: 'relative', value: 0.5 } });
    expect(relative).toEqual(await kernelRidge({ gram, targets, n: 2, outputs: 2, ridge: absolute(1.5) }));
  });

  it('predicts, several outputs at once', async () => {
    const f = await predictRidge(Float64Array.of(1, 2, 0, 1, 1, 1), {
      alpha: Float64Array.of(1, 2, 3, 4),
      outputs: 2,
      lambda: 0,
    });
    expect([...f]).toEqual([7, 10, 3, 4, 4, 6]);
  });

  it('refuses a negative ridge, a singular matrix, wrong sizes and test kernels that are not finite', async () => {
    await expect(kernelRidge({ gram, targets, n: 2, outputs: 2, ridge: absolute(-1) })).rejects.toThrow(
      /absolute ridge is -1/,
    );
    const twins = Float64Array.of(1, 1, 1, 1);
    await expect(kernelRidge({ gram: twins, targets, n: 2, outputs: 2, ridge: absolute(0) })).rejects.toThrow(
      /rows 0 and 1 are equal/,
    );
    const solution = { alpha: Float64Array.of(1, 2), outputs: 1, lambda: 0 };
    await expect(predictRidge(Float64Array.of(1, 2, 3), solution)).rejects.toThrow(/3 entries/);
    await expect(predictRidge(Float64Array.of(1, 2, 3, Number.NaN), solution)).rejects.toThrow(
      /NaN. At test input 1, training input 1/,
    );
  });
});

describe('standardise', () => {
  it('gives mean 0 and deviation 1 on the rows it was fitted on; a constant column becomes 0', () => {
    const x = Float64Array.of(1, 7.1, 1e200, 3, 7.1, 2e200, 5, 7.1, 6e200);
    const fitted = fitStandardisation(x, 3, 3);
    expect(fitted.mean[0]).toBe(3);
    expect(fitted.std[0]).toBeCloseTo(Math.sqrt(8 / 3), 15);
    expect(fitted.std[1]).toBe(1);
    const z = standardise(x, fitted);
    for (const k of [0, 2]) {
      const column = [z[k]!, z[3 + k]!, z[6 + k]!];
      expect(column.reduce((s, v) => s + v, 0)).toBeCloseTo(0, 14);
      expect(column.reduce((s, v) => s + v * v, 0) / 3).toBeCloseTo(1, 14);
    }
    expect(z[1]).toBe(0);
  });

  it('does not blow up rounding: a column that varies only in its last bit counts as constant', () => {
    expect(fitStandardisation(Float64Array.of(0.3, 0.1 + 0.2, 0.3), 3, 1).std[0]).toBe(1);
    expect(fitStandardisation(Float64Array.of(1.6e9, 1.6e9 + 1), 2, 1).std[0]).toBeCloseTo(0.5, 6);
  });

  it('a constant column counts as constant at any value and length', () => {
    fc.assert(
      fc.property(fc.double({ noNaN: true, noDefaultInfinity: true }), fc.integer({ min: 1, max: 300 }), (value, n) => {
        expect(fitStandardisation(new Float64Array(n).fill(value), n, 1).std[0]).toBe(1);
      }),
    );
  });
});

describe('coding of answers', () => {
  const labels = ['10', '9', '10'] as const;

  it('one-hot rows sum to 0; classes come in order of value, or of characters', () => {
    const coding = codingOf({ task: 'classification', labels });
    expect(coding).toEqual({ task: 'classification', classes: ['9', '10'] });
    expect([...encode({ task: 'classification', labels }, coding)]).toEqual([-0.5, 0.5, 0.5, -0.5, -0.5, 0.5]);
    expect(classesOf(['b', '10', '9', 'a'])).toEqual(['10', '9', 'a', 'b']);
    expect(() => classesOf(['a', 'a'])).toThrow(/only one class: every label is a/);
  });

  it('decodes what it encoded', () => {
    const answers: readonly Answers[] = [
      { task: 'classification', labels: ['c', 'a', 'b', 'a'] },
      { task: 'regression', targets: Float64Array.of(1, 2, 6) },
    ];
    for (const answer of answers) {
      const coding = codingOf(answer);
      expect(decode(encode(answer, coding), coding)).toMatchObject(
        answer.task === 'classification' ? { labels: answer.labels } : { values: answer.targets },
      );
    }
  });

  it('centres targets on their mean, huge ones too', () => {
    expect(codingOf({ task: 'regression', targets: Float64Array.of(1, 2, 6) })).toEqual({
      task: 'regression',
      targetMean: 3,
    });
    const huge = codingOf({ task: 'regression', targets: Float64Array.of(1.5e308, 1.5e308) });
    expect(huge).toEqual({ task: 'regression', targetMean: 1.5e308 });
  });

  it('gives equal scores to the first class', () => {
    const coding = { task: 'classification', classes: ['a', 'b', 'c'] } as const;
    expect(decode(Float64Array.of(0, 1, 1), coding)).toMatchObject({ labels: ['b'] });
  });
});

describe('fit and predict', () => {
  const x = Float64Array.of(0, 100, 1, 300, 2, 200, 3, 500, 4, 400);
  const plane = Float64Array.from({ length: 5 }, (_, i) => 7 + 2 * x[2 * i]! - 0.01 * x[2 * i + 1]!);

  it('a linear kernel finds a plane, offset included, from data in any unit', async () => {
    const data = { x, n: 5, d: 2, answers: { task: 'regression', targets: plane } } as const;
    const fitted = await fit(data, { kernel: linearKernel(2), ridge: absolute(1e-9) });
    const prediction = await predict(fitted, Float64Array.of(10, 0, -3, 250), 2, linearKernel(2));
    // The ridge shrinks by about λ/(n·smallest eigenvalue of the correlations) = 1e-9, of values about 20; rounding in
    // alpha (about 1/λ in the null directions) adds eps/λ = 2e-7.
    if (prediction.task !== 'regression') throw new Error('a regression');
    expect(Math.abs(prediction.values[0]! - 27)).toBeLessThan(1e-5);
    expect(Math.abs(prediction.values[1]! - -1.5)).toBeLessThan(1e-5);
  });

  it('a small ridge reproduces the training labels; scores come a class a column', async () => {
    const labels = ['u', 'v', 'u', 'w', 'v'];
    const data = { x, n: 5, d: 2, answers: { task: 'classification', labels } } as const;
    const fitted = await fit(data, { kernel: gaussianKernel(2), ridge: absolute(1e-8) });
    const prediction = await predict(fitted, x, 5, gaussianKernel(2));
    if (prediction.task !== 'classification') throw new Error('a classification');
    expect(prediction.labels).toEqual(labels);
    // f = K(K+λ)⁻¹Y: off by about λ/(smallest eigenvalue, above 0.01) = 1e-6.
    expect(prediction.scores[0]).toBeCloseTo(2 / 3, 5);
    expect(prediction.scores).toHaveLength(15);
  });

  it('standardises unless told not to', async () => {
    const data = { x, n: 5, d: 2, answers: { task: 'regression', targets: plane } } as const;
    const seen: Float64Array[] = [];
    const spy = (z: Float64Array, n: number) => {
      seen.push(z);
      return gaussianKernel(2)(z, n, undefined, n);
    };
    await fit(data, { kernel: spy, ridge: absolute(1), standardise: false });
    await fit(data, { kernel: spy, ridge: absolute(1) });
    expect(seen[0]).toEqual(x);
    expect(seen[1]).toEqual(standardise(x, fitStandardisation(x, 5, 2)));
  });

  it('refuses data that do not fit together or are not finite', async () => {
    const options = { kernel: gaussianKernel(2), ridge: absolute(1) };
    const answers = { task: 'regression', targets: plane } as const;
    await expect(fit({ x, n: 4, d: 2, answers }, options)).rejects.toThrow(/10 numbers/);
    await expect(fit({ x: x.slice(2), n: 4, d: 2, answers }, options)).rejects.toThrow(/5 answers for 4 inputs/);
    const hole = x.with(3, Number.NaN);
    await expect(fit({ x: hole, n: 5, d: 2, answers }, options)).rejects.toThrow(/NaN. At x\[1\]\[1\]/);
    const bad = { task: 'regression', targets: plane.with(2, Number.POSITIVE_INFINITY) } as const;
    await expect(fit({ x, n: 5, d: 2, answers: bad }, options)).rejects.toThrow(/target 2 is Infinity/);
    const short = { ...options, kernel: () => new Float64Array(3) };
    await expect(fit({ x, n: 5, d: 2, answers }, short)).rejects.toThrow(/the kernel gave 3 entries/);
  });
});
