import { describe, expect, it } from 'vitest';
import { NtkcError } from '../../src/errors.ts';
import { dense, elementwise, erf, network, relu, repeat, sum } from '../../src/ops/vocabulary.ts';
import { type VerifyProgress, verify } from '../../src/verify/index.ts';
import { subject } from './plants.ts';

const quick = { widths: [16, 64], samples: 40 } as const;

describe('verify', () => {
  it('takes widths of standard parameterization into the limit', async () => {
    const standard = { parameterization: 'standard', bStd: 0.4 } as const;
    const net = network({ input: { shape: [3] }, layers: [dense(standard), erf(), dense({ ...standard, width: 1 })] });
    const report = await verify(net, { ...quick, samples: [400, 200] });
    expect(report.passed).toBe(true);
    expect(report.notes.join()).toContain('standard parameterization');
    const [narrow, wide] = report.monteCarlo.find((t) => t.kernel === 'ntk')!.widths;
    expect(wide!.limit[0]! / narrow!.limit[0]!).toBeGreaterThan(2);
  });

  it('tests the infinite width, not the small widths that a network declares', async () => {
    const layers = [dense({ width: 2 }), relu(), dense({ width: 2 }), relu(), dense({ width: 1 })];
    const report = await verify(network({ input: { shape: [3] }, layers }), { ...quick, samples: [400, 200] });
    expect(report.passed).toBe(true);
  });

  it('handles branches, repetition, and formulas', async () => {
    const block = sum([[], [elementwise('tanh(x)'), dense({ bStd: 0.2 })]]);
    const net = network({ input: { shape: [3] }, layers: [dense(), repeat(2, [block]), relu(), dense()] });
    const report = await verify(net, { ...quick, kernels: ['ntk'], samples: [200, 100] });
    expect(report.activations.map((a) => a.formula)).toEqual(['tanh(x)', 'max(x, 0)']);
    expect(report.monteCarlo.map((t) => [t.kernel, t.verdict])).toEqual([['ntk', 'agrees']]);
    expect(report.laws.filter((l) => !l.passed)).toEqual([]);
  });

  it('keeps declared widths where the input itself is a branch', async () => {
    const net = network({ input: { shape: [3] }, layers: [sum([[], [dense({ width: 3 })]]), dense()] });
    const report = await verify(net, { ...quick, kernels: ['nngp'] });
    expect(report.notes.join()).toContain('declared widths');
  });

  it('is a function of its seed, reports progress, and is plain data', async () => {
    const stages = new Set<string>();
    const onProgress = ({ stage }: VerifyProgress) => stages.add(stage);
    const [a, b] = [
      await verify(subject, { ...quick, seed: 3, onProgress }),
      await verify(subject, { ...quick, seed: 3 }),
    ];
    expect({ ...a, seconds: 0 }).toEqual({ ...b, seconds: 0 });
    expect([...stages]).toEqual(['laws', 'hierarchy', 'networks of width 16', 'networks of width 64']);
    expect(JSON.parse(JSON.stringify(a))).toEqual(a);
    expect((await verify(subject, { ...quick, seed: 4 })).monteCarlo[0]!.worst.z).not.toBe(a.monteCarlo[0]!.worst.z);
  });

  it('stops when it is told to', async () => {
    const abort = new AbortController();
    const onProgress = () => abort.abort(new Error('enough'));
    await expect(verify(subject, { ...quick, onProgress, signal: abort.signal })).rejects.toThrow('enough');
  });

  it.each([
    [{ widths: [64] }, 'at least two different'],
    [{ samples: 1 }, 'a whole number >= 4'],
    [{ samples: [5] }, 'one for each of the 3 widths'],
    [{ inputs: [[1, 2]] }, 'inputs[0]'],
    [{ inputs: [[1, 2, 3, Number.NaN]] }, 'inputs[0][3]'],
    [{ inputs: [] }, 'at least one row'],
    [{ layerWeights: [1] }, '3 finite numbers'],
    [{ falseAlarm: 0 }, 'between 0 and 1'],
    [{ kernels: [] }, 'some of nngp, ntk, wntk, k3, k4'],
    [{ targets: ['abacus'] }, 'unknown target abacus'],
  ])('refuses %o', async (options, message) => {
    const failure = verify(subject, options);
    await expect(failure).rejects.toThrow(NtkcError);
    await expect(failure).rejects.toThrow(message);
  });
});
