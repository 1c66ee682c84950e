/** Rules of joins and of ops that look at more than one neuron: kernels, and which inputs they take. */
import { describe, expect, it } from 'vitest';
import type { LayerInput } from '../ir/arch/index.ts';
import { evaluateProgram } from '../ir/program/index.ts';
import { concat, dense, dropout, erf, identity, layerNorm, network, product, relu, sum } from '../ops/vocabulary.ts';
import { derive } from './index.ts';

const x = [0.3, -1.2, 0.7];
const y = [1.1, 0.4, -0.2];
const dot = (a: number[], b: number[]) => a.reduce((s, v, i) => s + v * (b[i] as number), 0) / 3;
const net = (...layers: LayerInput[]) => network({ input: { shape: [3] }, layers });
const evaluated = (layers: LayerInput[], kernel: 'nngp' | 'ntk', other?: number[]) =>
  [...evaluateProgram(derive(net(...layers), kernel).program, x, other).values()][0] as number;
const at = (layers: LayerInput[], kernel: 'nngp' | 'ntk') => evaluated(layers, kernel, y);
const ownOf = (layers: LayerInput[], kernel: 'nngp' | 'ntk') => evaluated(layers, kernel);
const refuse = (...layers: LayerInput[]) => expect(() => derive(net(...layers)));
/** h · d(relu h). */
const gate = product([[], [relu(), dense()]]);

describe('products, concatenations and normalisation', () => {
  const kernels = (...layers: LayerInput[]) => [at(layers, 'nngp'), at(layers, 'ntk')] as const;
  const [a, b] = [[dense({ wStd: 1.2, bStd: 0.1 })], [dense({ wStd: 0.7 }), erf(), dense({ bStd: 0.3 })]];

  it('a product multiplies K, and T by the product rule', () => {
    const [[ka, ta], [kb, tb]] = [kernels(...a), kernels(...b)];
    const [k, t] = kernels(product([a, b]));
    expect(k).toBeCloseTo(ka * kb, 15);
    expect(t).toBeCloseTo(ta * kb + ka * tb, 14);
    const three = kernels(product([a, b, [dense()]]));
    expect(three[1]).toBeCloseTo(ta * kb * dot(x, y) + ka * tb * dot(x, y) + ka * kb * dot(x, y), 14);
  });

  it('a concatenation is the mean by width: equal where none is declared, also inside others', () => {
    const [ka, ta] = kernels(...a);
    const [kb, tb] = kernels(...b);
    expect(kernels(concat([a, b]))).toEqual([expect.closeTo((ka + kb) / 2, 15), expect.closeTo((ta + tb) / 2, 14)]);
    const nested = kernels(concat([[concat([a, a])], b]));
    expect(nested).toEqual([expect.closeTo((2 * ka + kb) / 3, 15), expect.closeTo((2 * ta + tb) / 3, 14)]);
    const declared = concat([
      [dense({ width: 30, wStd: 1.2, bStd: 0.1 })],
      [...b.slice(0, 2), dense({ width: 10, bStd: 0.3 })],
    ]);
    expect(kernels(declared)).toEqual([expect.closeTo((3 * ka + kb) / 4, 15), expect.closeTo((3 * ta + tb) / 4, 14)]);
  });

  it('concatenated branches may share everything: K of [h, h] is that of h', () => {
    const [k, t] = kernels(...a, concat([[], []]), dense());
    expect(k).toBeCloseTo(at([...a, dense()], 'nngp'), 15);
    expect(t).toBeCloseTo(at([...a, dense()], 'ntk'), 15);
  });

  it('layerNorm divides K and T by the roots of the variances', () => {
    const layers = [dense({ wStd: 1.5, bStd: 0.2 }), layerNorm({ eps: 0.01 })];
    const [k, t] = kernels(layers[0] as LayerInput);
    const [qx, qy] = [2.25 * dot(x, x) + 0.04, 2.25 * dot(y, y) + 0.04];
    const root = Math.sqrt((qx + 0.01) * (qy + 0.01));
    expect(kernels(...layers)).toEqual([expect.closeTo(k / root, 15), expect.closeTo(t / root, 15)]);
    expect(ownOf(layers, 'nngp')).toBeCloseTo(qx / (qx + 0.01), 15);
    // Gaussian neurons stay Gaussian, so an activation may follow.
    expect(derive(net(...layers, relu(), dense())).steps.at(-2)?.op).toBe('relu');
  });

  it('dropout in training divides the diagonal alone, and what follows sees those variances; in test mode nothing', () => {
    const before = [dense({ wStd: 1.5 }), relu(), dense({ bStd: 0.1 })];
    for (const kernel of ['nngp', 'ntk'] as const) {
      const [noisy, plain] = [[...before, dropout({ keep: 0.8 })], before];
      expect(at(noisy, kernel)).toBe(at(plain, kernel));
      expect(ownOf(noisy, kernel)).toBeCloseTo(ownOf(plain, kernel) / 0.8, 14);
      const tested = [...before, dropout({ keep: 0.8, mode: 'test' }), dense()];
      expect(at(tested, kernel)).toBe(at([...plain, dense()], kernel));
    }
    // relu of a Gaussian of variance q/keep: the angle changes off the diagonal.
    const after = [dense(), relu(), dense()];
    expect(at([...before, dropout({ keep: 0.8 }), ...after], 'nngp')).not.toBeCloseTo(
      at([...before, ...after], 'nngp'),
      3,
    );
    expect(derive(net(...before, dropout({ keep: 0.8 }), dense())).steps.map((s) => s.noisy ?? false)).toEqual([
      false,
      false,
      false,
      false,
      true,
      false,
    ]);
  });

  it('an input of zeros without bias has kernels 0, also where its variance is divided by', () => {
    const zero = [0, 0, 0];
    for (const op of [layerNorm(), { op: 'expNormalized' }, gate, dropout({ keep: 0.5 }), concat([[], [relu()]])]) {
      const { program } = derive(net(dense(), op, dense()), 'ntk');
      for (const other of [undefined, zero, y])
        expect([...evaluateProgram(program, zero, other).values()], op.op).toEqual([0]);
    }
  });

  it('refusals name the layer and what to insert', () => {
    for (const join of [gate, concat([[], [relu(), dense()]])])
      refuse(dense(), join, relu(), dense()).toThrow(
        /relu: its input is not Gaussian \(it follows layers\[1\]\).*At layers\[2\].*Insert dense/s,
      );
    refuse(dense(), dropout({ keep: 0.5 }), relu()).toThrow(/not Gaussian \(it follows layers\[1\]\)/);
    refuse(identity(), dropout({ keep: 0.5 }), dense()).toThrow(
      /dropout: its input is not a hidden layer.*At layers\[1\]/s,
    );
    refuse(sum([[], [dense()]]), dropout({ keep: 0.5 }), dense()).toThrow(/dropout: its input is not a hidden layer/);
    expect(() => derive(net(dropout({ keep: 0.5, mode: 'test' }), dense()))).not.toThrow();
    refuse(layerNorm(), dense()).toThrow(
      /layerNorm: its input is not of mean zero \(it follows the input\).*Insert dense/s,
    );
    refuse(dense(), relu(), layerNorm()).toThrow(/layerNorm: its input is not of mean zero \(it follows layers\[1\]\)/);
    refuse(dense(), relu(), { op: 'expNormalized' }).toThrow(/expNormalized: its input is not Gaussian/);
    refuse(dense(), { op: 'expNormalized' }, layerNorm()).toThrow(/not of mean zero \(it follows layers\[1\]\)/);
    refuse(dense(), sum([[], [{ op: 'expNormalized' }]])).toThrow('correlated');
  });

  it('kernels multiply only where branches are independent', () => {
    const fine = (...layers: LayerInput[]) => expect(() => derive(net(...layers, dense()))).not.toThrow();
    refuse(dense(), product([[], []])).toThrow(/layers\[0\] and layers\[0\].*not independent.*do not multiply/s);
    refuse(dense(), product([[], [relu()]])).toThrow('not independent');
    refuse(dense(), product([[], [layerNorm()]])).toThrow('not independent');
    refuse(dense(), product([[], [sum([[], [relu(), dense()]])]])).toThrow('not independent');
    // h·d(h) is centred given h, so it may be added to h, but not multiplied with it.
    fine(dense(), sum([[], [gate]]));
    fine(dense(), gate, layerNorm());
    refuse(dense(), product([[], [gate]])).toThrow('not independent');
    fine(dense(), product([[gate], [erf(), dense()]]));
    fine(dense(), product([[product([[dense()], [dense()]])], []]));
    // Neurons of two kinds on both sides: the mean of products is not the product of means.
    const mixed = concat([[dense()], [relu(), dense()]]);
    refuse(dense(), product([[mixed], [mixed]])).toThrow(/neurons of several kinds/);
    const declared = concat([[dense({ width: 4 })], [relu(), dense({ width: 4 })]]);
    fine(dense(), product([[declared], [dense({ width: 8 })]]));
    refuse(dense(), product([[mixed], [dense()]])).toThrow(/2 and 1 times as wide/);
  });

  it('widths decide shares, so they are declared in every branch or in none', () => {
    refuse(concat([[], [dense()]]), dense()).toThrow(
      /some branches declare their width and some do not.*At layers\[0\]/s,
    );
    expect(() => derive(net(concat([[], [dense({ width: 5 })]]), dense()))).not.toThrow();
    refuse(dense(), sum([[], [concat([[relu()], [erf()]])]])).toThrow(/1 and 2 times as wide|correlated/);
    expect(() => net(dense(), concat([[], [dense()]]), { op: 'layerNorm', axes: [0] })).toThrow(
      /axes \[0\] of values of shape \[∞\].*layers\[2\]\.axes/s,
    );
    expect(() => net(dense(), { op: 'concat', branches: [[]], axis: 0 })).toThrow(/layers\[1\]\.axis.*-1 or 1/s);
  });
});
