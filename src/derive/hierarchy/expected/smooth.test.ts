import { describe, expect, it } from 'vitest';
import type { LayerInput } from '../../../ir/arch/index.ts';
import { parseScalar } from '../../../ir/scalar/index.ts';
import { cos, dense, elementwise, erf, exp, gelu, network, relu, sin } from '../../../ops/vocabulary.ts';
import { normals } from '../../../runtime/empirical/random.ts';
import { type ExpectedOptions, twoLayerExpectedHierarchy } from './index.ts';
import { cholesky4, derivativesOf, k4ByQuadrature, paperK4 } from './quadrature.fixture.ts';

const x = [
  [0.8, 0.16, -0.24, 0.08],
  [-0.24, 0.72, 0.32, 0.4],
  [0.16, -0.4, 0.88, -0.16],
  [0.48, 0.56, 0.64, 0.24],
];
const S = x.map((a) => x.map((b) => a.reduce((sum, v, i) => sum + v * b[i]!, 0)));
const twoLayer = (layer: LayerInput) =>
  network({ input: { shape: [4] }, layers: [dense({ wStd: 2 }), layer, dense()] });

/** E relu(x + εz) = x Φ(x/ε) + ε density(x/ε). */
const smoothRelu = (e: number) => `x*(1+erf(x/${e}/sqrt(2)))/2+${e}*exp(-(x/${e})^2/2)/sqrt(2*pi)`;

const cases: readonly [string, LayerInput, ExpectedOptions?][] = [
  ['erf(x)', erf()],
  ['1.5*erf(-0.7*x)', elementwise('1.5*erf(-0.7*x)')],
  ['x*(1+erf(x/sqrt(2)))/2', gelu()],
  ['exp(-0.5*x^2)', elementwise('exp(-0.5*x^2)')],
  ['1.2*sin(0.8*x+0.3)', sin({ amplitude: 1.2, frequency: 0.8, phase: 0.3 })],
  ['cos(x)', cos()],
  ['exp(x)', exp()],
  ['x^3-2*x^2+0.5', elementwise('x^3-2*x^2+0.5')],
  ['tanh(0.6*x)', elementwise('tanh(0.6*x)')],
  ['x/(1+exp(-x))', elementwise('x/(1+exp(-x))')],
  [smoothRelu(0.6), relu(), { smoothing: 0.6 }],
  [`1.3*(${smoothRelu(0.6)})-0.3*x`, elementwise('max(x,0)-0.3*min(x,0)'), { smoothing: 0.6 }],
];

describe('expected K4 of smooth activations', () => {
  for (const [formula, layer, options] of cases)
    it(`is four-dimensional quadrature of (15) for ${formula}`, () => {
      const exact = twoLayerExpectedHierarchy(twoLayer(layer), x, [[0, 1, 2, 3]], options)[0]!;
      // Spacing and reach at which the rule itself is right to 1e-9.
      const reference = k4ByQuadrature(parseScalar(formula, ['x']), S, 0.5, 8.5);
      expect(Math.abs(exact / reference - 1)).toBeLessThan(1e-8);
    });
});

describe('expected K4 against sampled neurons', () => {
  const samples = 100_000;
  const L = cholesky4(S);

  /** Mean over neurons and its standard error; E a² and E a⁴ are taken exactly. */
  const sampled = (formula: string, seed: number) => {
    const functions = derivativesOf(parseScalar(formula, ['x']));
    const z = normals(4 * samples, 1, seed);
    let [sum, squares] = [0, 0];
    for (let i = 0; i < samples; i++) {
      const s = L.map((row) => {
        const u = row.reduce((total, v, k) => total + v * z[4 * i + k]!, 0);
        return functions.map((f) => f(u));
      });
      const value = paperK4(s, (a, b) => S[a]![b]!, 1, 3);
      sum += value;
      squares += value * value;
    }
    const mean = sum / samples;
    return { mean, error: Math.sqrt((squares / samples - mean * mean) / samples) };
  };

  for (const [name, formula, layer, options] of [
    ['erf', 'erf(x)', erf(), {}],
    ['ReLU smoothed by 0.3', smoothRelu(0.3), relu(), { smoothing: 0.3 }],
  ] as const)
    it(`lies within four standard errors for ${name}: a false alarm in 16,000 seeds, and the seed is fixed`, () => {
      const exact = twoLayerExpectedHierarchy(twoLayer(layer), x, [[0, 1, 2, 3]], options)[0]!;
      const { mean, error } = sampled(formula, 7);
      expect(Math.abs(mean - exact) / error).toBeLessThan(4);
    });

  it('tends to that of ReLU as the smoothing vanishes', () => {
    const exact = twoLayerExpectedHierarchy(twoLayer(relu()), x, [[0, 1, 2, 3]])[0]!;
    const gaps = [0.02, 0.01, 0.005].map(
      (smoothing) => twoLayerExpectedHierarchy(twoLayer(relu()), x, [[0, 1, 2, 3]], { smoothing })[0]! - exact,
    );
    expect(Math.abs(gaps[2]!)).toBeLessThan(1e-3 * Math.abs(exact));
    // An error of order ε²: a quarter for half the ε.
    expect(gaps[1]! / gaps[0]!).toBeCloseTo(0.25, 2);
    expect(gaps[2]! / gaps[1]!).toBeCloseTo(0.25, 2);
  });
});
