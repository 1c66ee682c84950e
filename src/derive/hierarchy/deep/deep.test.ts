import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { LayerInput, Network } from '../../../ir/arch/index.ts';
import { evaluateProgram } from '../../../ir/program/index.ts';
import { dense, elementwise, erf, gelu, leakyRelu, network, relu, sin } from '../../../ops/vocabulary.ts';
import { moderate } from '../../../testing/index.ts';
import { derive } from '../../index.ts';
import { twoLayerExpectedHierarchy } from '../expected/index.ts';
import { deepDerivation, deepExpectedHierarchy } from './index.ts';

const x = [
  [1, 0.2, -0.3, 0.1],
  [-0.3, 0.9, 0.4, 0.5],
  [0.2, -0.5, 1.1, -0.2],
  [0.6, 0.7, 0.8, 0.3],
];

const deep = (layers: number, activation: LayerInput, features = 4, bStd = 0.3, wStd = 1.3): Network =>
  network({
    name: `${layers} layers`,
    input: { shape: [features] },
    layers: [
      ...Array.from({ length: layers - 1 }, () => [dense({ wStd, bStd }), activation]).flat(),
      dense({ wStd: 0.9, bStd }),
    ],
  });

describe('two layers', () => {
  const distinct = [[0, 1, 2, 3], [1, 3, 0, 2], [0, 1], [0, 1, 2]]; // biome-ignore format: one line
  const all = [...distinct, [0, 0, 1, 1], [0, 1, 1, 0], [2, 2, 2, 2]];
  it.each([
    ['erf', erf(), all],
    ['gelu', gelu(), all],
    ['sin', sin(), all],
    ['polynomial', elementwise('x^2 + x'), all],
    ['gaussian', elementwise('exp(-x^2)'), all],
    ['tanh', elementwise('tanh(x)'), distinct],
    ['relu', relu(), distinct],
    ['leaky relu', leakyRelu({ slope: 0.2 }), distinct],
  ] as const)('%s: the exact expectation', (_, activation, tuples) => {
    const net = deep(2, activation);
    const exact = twoLayerExpectedHierarchy(net, x, tuples);
    // The same moments, other terms: rounding of 20 of them.
    deepExpectedHierarchy(net, x, tuples).forEach((value, t) => {
      expect(Math.abs(value - exact[t]!)).toBeLessThanOrEqual(1e-12 * Math.abs(exact[t]!));
    });
  });
});

describe('deep linear networks of one input 1', () => {
  const linear = (widths: readonly (number | undefined)[]) =>
    network({
      input: { shape: [1] },
      layers: [...widths.flatMap((width) => [dense(width === undefined ? {} : { width }), elementwise('x')]), dense()],
    });
  const at = (net: Network) => deepExpectedHierarchy(net, [[1]], [[0, 0, 0, 0]])[0]!;
  /*
   * f = s aᵀAw, s² = 1/(m₁m₂). By hand, with P = |a|², Q = |w|², U = aᵀAw and V = aᵀAAᵀAw, K₃ = 4s³[U(P + Q) + V] and
   * K₄ = 4s⁴[(|Aw|² + PQ + |Aᵀa|²)(P + Q) + 4U² + |AᵀAw|² + P|Aw|² + U² + Q|Aᵀa|² + |AAᵀa|²], in the mean
   * 4s⁴ · 6 m₁m₂(m₁ + m₂) to leading order. Two layers: 8/m in the same way.
   */
  it('of two, three and four layers', () => {
    expect(at(linear([undefined]))).toBeCloseTo(8, 12);
    expect(at(linear([undefined, undefined]))).toBeCloseTo(48, 12);
    // ⅔ L²(L² − 1) goes through 8 and 48.
    expect(at(linear([undefined, undefined, undefined]))).toBeCloseTo(160, 11);
  });
  it('with widths in a declared proportion', () => {
    expect(at(linear([5, 10]))).toBeCloseTo(36, 12);
    expect(at(linear([10, 5]))).toBeCloseTo(72, 12);
  });
});

describe('laws', () => {
  it('order 2 is the NTK', () => {
    const pairs = [[0, 1], [2, 3], [1, 1]]; // biome-ignore format: one line
    for (const activation of [erf(), relu(), elementwise('tanh(x)')]) {
      const net = deep(4, activation);
      const { program } = derive(net, 'ntk');
      deepExpectedHierarchy(net, x, pairs).forEach((value, t) => {
        const [i, j] = pairs[t] as [number, number];
        const ntk = evaluateProgram(program, x[i]!, x[j]!).get('ntk')!;
        // Quadrature of tanh on either side.
        expect(Math.abs(value - ntk)).toBeLessThan(1e-9 * Math.abs(ntk));
      });
    }
  });

  it('K4 is symmetric in its first two inputs, which its terms are not', () => {
    fc.assert(
      fc.property(
        fc.constantFrom(erf(), sin(), relu(), elementwise('x^3 - x')),
        fc.constantFrom(3, 4),
        moderate(0.5, 1.5),
        moderate(0, 1),
        (activation, layers, wStd, bStd) => {
          const net = deep(layers, activation, 4, bStd, wStd);
          const [value, swapped] = deepExpectedHierarchy(net, x, [[0, 1, 2, 3], [1, 0, 2, 3]]); // biome-ignore format: one line
          // Rounding of some hundred terms that cancel.
          expect(Math.abs(value! - swapped!)).toBeLessThan(1e-10 * Math.max(1, Math.abs(value!)));
        },
      ),
      { numRuns: 12 },
    );
  });

  it.each([3, 4])('relu of %d layers is the limit of smoothed ones, with an error of ε²', (layers) => {
    const net = deep(layers, relu());
    const at = (smoothing: number) => deepExpectedHierarchy(net, x, [[0, 1, 2, 3]], { smoothing })[0]!;
    const exact = deepExpectedHierarchy(net, x, [[0, 1, 2, 3]])[0]!;
    const extrapolated = (4 * at(0.01) - at(0.02)) / 3;
    // What the next power, ε³ or more, leaves: measured 2e-7 at most.
    expect(Math.abs(extrapolated / exact - 1)).toBeLessThan(2e-6);
    expect(Math.abs(at(0.02) / exact - 1)).toBeGreaterThan(1e-4);
  });
});

describe('deepDerivation', () => {
  it('prints the NTK of three layers as its recursion', () => {
    const text = deepDerivation(deep(3, erf()), 2).toText();
    expect(text.slice(text.indexOf('  weights of layer 3'))).toMatchInlineSnapshot(`
      "  weights of layer 3: 2 products, 3 terms left
        weights of layer 2: 1 products, 3 terms left

        [layer 2]
        F0 = w₃²/m₂ · ⟨σ̃₂(α), σ̃₂(β)⟩
        F1 = w₂²w₃²/(m₁ m₂) · ⟨σ₂′(α), σ₂′(β)⟩
        F2 = w₁²w₂²w₃²/(d m₁ m₂) · ⟨σ₂′(α), σ₂′(β)⟩

        E K2(x_α, x_β) = F0
          + F1 · ⟨σ̃₁(α), σ̃₁(β)⟩
          + F2 · ⟨x̃_α, x̃_β⟩ · ⟨σ₁′(α), σ₁′(β)⟩
      "
    `);
  });
  it('has the terms of K4, layer by layer', () => {
    const { steps, terms, sums, toText } = deepDerivation(deep(3, erf()));
    expect(deepDerivation(deep(2, erf())).terms).toHaveLength(20);
    expect(steps.map(({ layer }) => layer)).toEqual([3, 2]);
    expect(terms).toHaveLength(353);
    expect(new Set(sums.map(({ layer }) => layer))).toEqual(new Set([2]));
    expect(toText().split('[layer 2]')[1]).not.toMatch(/NaN|undefined|W|a/);
  });
});
