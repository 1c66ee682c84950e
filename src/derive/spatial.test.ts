/** Kernels with positions: derived programs, walked statement by statement, against another library and against loops. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { LayerInput } from '../ir/arch/index.ts';
import { evaluateProgram, parseProgram, printProgram } from '../ir/program/index.ts';
import { network, networkFromJson } from '../ops/vocabulary.ts';
import { derive } from './index.ts';

const folder = join(import.meta.dirname, '../../test/oracle');
const goldens = ['kernels', 'masked']
  .flatMap((kind) => readdirSync(join(folder, kind)).map((name) => `${kind}/${name}`))
  .filter((name) => /\/(cnn|conv1d|attention|nt-)/.test(name));
type Rows = readonly (readonly number[])[];
interface Golden {
  readonly network: unknown;
  readonly x1: readonly unknown[];
  readonly x2: readonly unknown[];
  /** Of each sample, where the network needs one. */
  readonly pattern1?: readonly unknown[];
  readonly pattern2?: readonly unknown[];
  readonly present1?: readonly unknown[];
  readonly present2?: readonly unknown[];
  readonly x1x1: Readonly<Record<'nngp' | 'ntk', Rows>>;
  readonly x1x2: Readonly<Record<'nngp' | 'ntk', Rows>>;
}
const flat = (x: unknown): readonly number[] => [x].flat(9) as number[];

describe.each(goldens)('%s', (name) => {
  const golden = JSON.parse(readFileSync(join(folder, name), 'utf8')) as Golden;
  it.each(['nngp', 'ntk'] as const)('%s, and its text reads back', (kernel) => {
    const { program } = derive(networkFromJson(JSON.stringify(golden.network)), kernel);
    expect(parseProgram(printProgram(program))).toEqual(program);
    const close = (value: number | undefined, wanted: number | undefined, equal: boolean) =>
      // At equal and opposite inputs the other library loses half its digits.
      expect(Math.abs((value as number) / (wanted as number) - 1)).toBeLessThan(equal ? 1e-7 : 1e-10);
    const sampleOf = (x: unknown, pattern: unknown, present: unknown) => ({
      x: flat(x),
      ...(pattern !== undefined && { pattern: flat(pattern) }),
      ...(present !== undefined && { present: flat(present) }),
    });
    const first = (x: unknown, i: number) => sampleOf(x, golden.pattern1?.[i], golden.present1?.[i]);
    const second = (x: unknown, i: number) => sampleOf(x, golden.pattern2?.[i], golden.present2?.[i]);
    golden.x1.forEach((x, i) => {
      // One triangle, and of the others the equal pair, the opposite one and a third: test/oracle.test.ts has them all.
      golden.x1.slice(i).forEach((y, d) => {
        const values = evaluateProgram(program, first(x, i), d === 0 ? undefined : first(y, i + d));
        close(values.get(kernel), golden.x1x1[kernel][i]?.[i + d], d === 0);
      });
      const j = i - 1;
      const y = golden.x2[j];
      if (y !== undefined)
        close(evaluateProgram(program, first(x, i), second(y, j)).get(kernel), golden.x1x2[kernel][i]?.[j], j < 2);
    });
  });
});

const image = (seed: number, length: number) => Array.from({ length }, (_, i) => Math.sin(seed + i * i + 0.3 * i));
const kernelAt = (
  shape: readonly number[],
  layers: readonly LayerInput[],
  x: readonly number[],
  y?: readonly number[],
) => evaluateProgram(derive(network({ input: { shape }, layers }), 'ntk').program, x, y).get('ntk') as number;

describe('laws of positions', () => {
  const he: LayerInput = { op: 'conv', kernel: [3, 2], wStd: 1.4, bStd: 0.1 };
  const end: readonly LayerInput[] = [{ op: 'dense', wStd: 1.2 }];
  const [x, y] = [image(1, 24), image(2, 24)];

  it('an identity convolution is a dense at every position', () => {
    const with1 = [he, { op: 'relu' }, { op: 'conv', kernel: [1, 1], wStd: 1.3 }, { op: 'erf' }];
    const withDense = [he, { op: 'relu' }, { op: 'dense', wStd: 1.3 }, { op: 'erf' }];
    for (const pool of ['flatten', 'globalAvgPool'])
      expect(kernelAt([4, 3, 2], [...with1, { op: pool }, ...end], x, y)).toBeCloseTo(
        kernelAt([4, 3, 2], [...withDense, { op: pool }, ...end], x, y),
        13,
      );
  });

  it('pooling over everything, resizing to one position and global pooling agree', () => {
    const after = (pool: LayerInput) =>
      kernelAt([4, 3, 2], [he, { op: 'relu' }, pool, { op: 'flatten' }, ...end], x, y);
    const pooled = kernelAt([4, 3, 2], [he, { op: 'relu' }, { op: 'globalAvgPool' }, ...end], x, y);
    expect(after({ op: 'avgPool', window: [4, 3] })).toBeCloseTo(pooled, 13);
  });

  it('a circular stack with pooling does not see a shift of its input', () => {
    const layers = [{ ...he, padding: 'circular' }, { op: 'relu' }, { op: 'globalAvgPool' }, ...end];
    const shifted = [...y.slice(-6), ...y.slice(0, -6)]; // one row down, around the edge
    expect(kernelAt([4, 3, 2], layers, x, shifted)).toBeCloseTo(kernelAt([4, 3, 2], layers, x, y), 13);
  });

  it('one position is a vector', () => {
    const dense: LayerInput = { op: 'dense', wStd: 1.4, bStd: 0.1 };
    expect(
      kernelAt([1, 6], [dense, { op: 'gelu' }, { op: 'flatten' }, ...end], x.slice(0, 6), y.slice(0, 6)),
    ).toBeCloseTo(kernelAt([6], [dense, { op: 'gelu' }, ...end], x.slice(0, 6), y.slice(0, 6)), 13);
  });

  it('signs of different positions of one sample are correlated, not equal, before a pooling', () => {
    // neural-tangents writes 1 there. E sign(u) sign(v) = 2/π asin ρ; the mean of two signs has (1 + that)/2.
    const net = (shape: readonly number[]) =>
      derive(
        network({
          input: { shape },
          layers: [{ op: 'dense' }, { op: 'sign' }, { op: 'avgPool', window: [2] }, { op: 'flatten' }, { op: 'dense' }],
        }),
        'nngp',
      ).program;
    const [a, b] = [
      [1, 0.2],
      [0.3, -0.9],
    ] as const;
    const rho = (a[0] * b[0] + a[1] * b[1]) / Math.hypot(...a) / Math.hypot(...b);
    const wanted = (1 + (2 / Math.PI) * Math.asin(rho)) / 2;
    expect(evaluateProgram(net([2, 2]), [...a, ...b]).get('nngp')).toBeCloseTo(wanted, 12);
    expect(wanted).toBeLessThan(0.9);
  });

  it('standard parameterization: the inputs that weights read, and one for a bias if there is one', () => {
    const ntk = (bStd: number) => {
      const layers: LayerInput[] = [{ op: 'conv', kernel: [1], parameterization: 'standard', bStd }, { op: 'flatten' }];
      const { program } = derive(network({ input: { shape: [3, 2] }, layers }), 'ntk');
      return evaluateProgram(program, [1, 2, 3, 4, 5, 6]).get('ntk');
    };
    expect(ntk(0)).toBeCloseTo((1 + 4 + 9 + 16 + 25 + 36) / 3, 12);
    expect(ntk(0.5)).toBeCloseTo(1 + (1 + 4 + 9 + 16 + 25 + 36) / 3, 12);
  });

  it('full values of formulas in variances take the self value where p = p', () => {
    const layers: LayerInput[] = [
      { op: 'conv', kernel: [2] },
      { op: 'relu' },
      { op: 'globalAvgPool' },
      { op: 'dense' },
    ];
    const { program } = derive(network({ input: { shape: [3, 1] }, layers }), 'ntk');
    const fixed = program.statements.flatMap((s) =>
      'diagonal' in s && s.domain === 'full' ? [s.name, s.diagonal] : [],
    );
    expect(fixed).toEqual(['sigmaHatFull1', 'qHat1', 'dotSigmaFull1', 'dotQ1']);
  });

  it('the diagonal is the pair value at equal inputs, whatever the layers', () => {
    const middle = fc.constantFrom<LayerInput>(
      { op: 'erf' },
      { op: 'avgPool', window: [2, 1] },
      { op: 'layerNorm', axes: [1, -1] },
      { op: 'layerNorm', axes: [1, 2, 3] },
      { op: 'sumPool', window: [1, 2], strides: [1, 1], padding: 'same' },
      { op: 'imageResize', shape: [3, 4] },
      {
        op: 'index',
        at: [
          [0, 2],
          [0, 2],
        ],
      },
      { op: 'sum', branches: [[], [{ op: 'erf' }, { ...he, bStd: 0 }]] },
      { op: 'concat', branches: [[], [{ op: 'dense' }]], axis: 1 },
      { op: 'convTranspose', kernel: [2, 2], strides: [2, 1] },
      { op: 'convLocal', kernel: [2, 2] },
    );
    const pool = fc.constantFrom('flatten', 'globalAvgPool', 'globalSumPool');
    fc.assert(
      fc.property(fc.array(middle, { maxLength: 3 }), pool, (layers, op) => {
        const net = [he, ...layers.flatMap((l) => [l, { ...he, padding: 'circular' }]), { op }, ...end];
        const [own, pair] = [kernelAt([4, 3, 2], net, x), kernelAt([4, 3, 2], net, x, x)];
        expect(Math.abs(own / pair - 1)).toBeLessThan(1e-7);
      }),
      { numRuns: 25 },
    );
  });
});

/** docs/decisions/0016: what that library computes here is wrong, so no golden file holds it. */
describe('where the library of the golden values errs', () => {
  const he: LayerInput = { op: 'conv', kernel: [2, 2], wStd: 1.4, bStd: 0.1 };
  const end: readonly LayerInput[] = [he, { op: 'erf' }, { op: 'globalAvgPool' }, { op: 'dense', wStd: 1.2 }];
  const [x, y] = [image(1, 24), image(2, 24)];
  const nngp = (layers: readonly LayerInput[], b?: readonly number[]) =>
    evaluateProgram(derive(network({ input: { shape: [4, 3, 2] }, layers }), 'nngp').program, x, b).get('nngp');

  it('resizing is the same after an odd number of convolutions as after an even one', () => {
    const layers = [he, { op: 'relu' }, { op: 'imageResize', shape: [2, 5] }, ...end];
    const even = [{ op: 'conv', kernel: [1, 1] }, ...layers]; // the identity: its K is that before
    for (const b of [undefined, y]) expect(nngp(layers, b)).toBeCloseTo(nngp(even, b) ?? Number.NaN, 13);
  });

  it.each([{ op: 'sign' }, { op: 'rectifiedMonomial', degree: 2 }])('variances after $op and pooling', (phi) => {
    // The pair at equal inputs reads no covariances within one sample before the pooling.
    const layers = [he, phi, { op: 'avgPool', window: [2, 3] }, ...end];
    const [own, pair] = [nngp(layers) ?? 0, nngp(layers, x) ?? 0];
    expect(own).toBeGreaterThan(0.01);
    expect(Math.abs(own / pair - 1)).toBeLessThan(1e-7);
  });
});
