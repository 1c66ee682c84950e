import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseScalar } from '../../../ir/scalar/index.ts';
import { normals } from '../random.ts';
import { addJetProduct, elementwiseJet, type Jet } from './jet.ts';

const WIDTH = 3;
const anyJet = fc
  .record({ nilpotents: fc.integer({ min: 0, max: 4 }), seed: fc.integer() })
  .map(({ nilpotents, seed }) => normals(2 ** nilpotents * WIDTH, 1, seed));

const times = (a: Jet, b: Jet, factor = 1): Jet => {
  const out = new Float64Array(a.length);
  addJetProduct(out, a, b, WIDTH);
  return out.map((value) => factor * value);
};
const plus = (a: Jet, b: Jet): Jet => a.map((value, k) => value + b[k]!);

/** Sums of at most 3^4 products of unit normals: about 1e-14 of rounding on values of up to some hundreds. */
const DIGITS = 10;
const expectClose = (got: Jet, wanted: Jet) =>
  expect([...got]).toEqual([...wanted].map((value) => expect.closeTo(value, DIGITS)));

describe('elementwiseJet', () => {
  it('of x³ is the product of jets, and its slope 3h²', () => {
    fc.assert(
      fc.property(anyJet, (h) => {
        const { value, slope } = elementwiseJet(parseScalar('x^3'), h, WIDTH);
        expectClose(value, times(h, times(h, h)));
        expectClose(slope, times(h, h, 3));
      }),
    );
  });

  it('of sin and cos keeps sin² + cos² = 1', () => {
    fc.assert(
      fc.property(anyJet, (h) => {
        const sin = elementwiseJet(parseScalar('sin(x)'), h, WIDTH).value;
        const { value: cos, slope } = elementwiseJet(parseScalar('cos(x)'), h, WIDTH);
        const one = h.map((_, k) => (k < WIDTH ? 1 : 0));
        expectClose(plus(times(sin, sin), times(cos, cos)), one);
        expectClose(slope, times(sin, one, -1));
      }),
    );
  });

  it('holds the derivatives of a path: φ(x + ε₁ + ε₂ + ε₃) = Σ φ^(|S|)(x) ε_S', () => {
    const h = Float64Array.of(0.3, 1, 1, 0, 1, 0, 0, 0);
    const { value } = elementwiseJet(parseScalar('exp(2*x)'), h, 1);
    const e = Math.exp(0.6);
    // Rounding of a few operations.
    const wanted = [e, 2 * e, 2 * e, 4 * e, 2 * e, 4 * e, 4 * e, 8 * e];
    expect([...value]).toEqual(wanted.map((v) => expect.closeTo(v, 13)));
  });
});
