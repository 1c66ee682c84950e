import { describe, expect, it } from 'vitest';
import { type VerifyOptions, type VerifyReport, verify } from '../../src/verify/index.ts';
import {
  asymmetric,
  biasLeftOutOfT,
  dotKappaTimes,
  kappaTimes,
  negative,
  otherDiagonal,
  quadraticInWeights,
  subject,
  swappedWeights,
} from './plants.ts';

/** The same for the right derivation and for every wrong one. */
const kernels = ['nngp', 'ntk', 'wntk'] as const;
const options = { kernels, widths: [16, 64, 256], samples: [500, 400, 200], seed: 7 } as const;

const brokenLaws = ({ laws }: VerifyReport) => [...new Set(laws.filter((l) => !l.passed).map((l) => l.law))];
const rejectedKernels = ({ monteCarlo }: VerifyReport) =>
  monteCarlo.filter((t) => t.verdict === 'disagrees').map((t) => t.kernel);

describe('verify', () => {
  it('passes the right derivation', async () => {
    const report = await verify(subject, options);
    expect(brokenLaws(report)).toEqual([]);
    expect(rejectedKernels(report)).toEqual([]);
    expect(report.passed).toBe(true);
  });

  const cases: readonly (readonly [string, VerifyOptions, readonly string[], readonly string[]])[] = [
    ['κ̇ with a factor 2 missing', { vocabulary: dotKappaTimes(0.5) }, ["κ̇ is E φ'φ'"], ['ntk', 'wntk']],
    ['κ̇ with a factor 2 too many', { vocabulary: dotKappaTimes(2) }, ["κ̇ is E φ'φ'"], ['ntk', 'wntk']],
    ['κ off by a tenth', { vocabulary: kappaTimes(0.9) }, ['κ is E φφ', "κ̇ is E φ'φ'"], ['nngp', 'ntk', 'wntk']],
    ['a bias left out of T', { vocabulary: biasLeftOutOfT }, [], ['ntk', 'wntk']],
    ['layer weights in the wrong order', { derive: swappedWeights(false) }, ['sum over layers'], ['wntk']],
    ['layer weights and layers in the wrong order', { derive: swappedWeights(true) }, [], ['wntk']],
  ];
  it.each(cases)('rejects %s', async (_, plant, laws, kernels) => {
    const report = await verify(subject, { ...options, ...plant });
    expect(brokenLaws(report)).toEqual(laws);
    expect(rejectedKernels(report)).toEqual(kernels);
    expect(report.passed).toBe(false);
  });
});

describe('the laws', () => {
  it.each([
    ['symmetric', asymmetric],
    ['positive semi-definite', negative],
    ['diagonal path', otherDiagonal],
    ['linear in the weights', quadraticInWeights],
    ['unit weights', quadraticInWeights],
  ])('that a kernel is "%s" can fail', async (law, derive) => {
    const report = await verify(subject, { kernels, widths: [4, 8], samples: 4, derive });
    expect(brokenLaws(report)).toContain(law);
  });
});
