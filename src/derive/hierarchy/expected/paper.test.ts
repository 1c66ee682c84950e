/** The closed forms of lantk B.3.2, as printed and as they should be, against the calculus of expectations. */
import { describe, expect, it } from 'vitest';
import { GaussianVector } from './covariance.ts';
import { cholesky4 } from './quadrature.fixture.ts';
import { reduced } from './reduce.ts';

const x = [
  [1, 0.2, -0.3, 0.1],
  [-0.3, 0.9, 0.4, 0.5],
  [0.2, -0.5, 1.1, -0.2],
  [0.6, 0.7, 0.8, 0.3],
];
const dot = (a: readonly number[], b: readonly number[]) => a.reduce((sum, v, i) => sum + v * b[i]!, 0);
const norm = (a: readonly number[]) => Math.sqrt(dot(a, a));

/** E Π over points of u^k/k!·θ(u), k = degrees (−1: δ, −2: δ'), for u_i = ⟨vectors_i, Z⟩. */
function calculus(vectors: readonly (readonly number[])[], degrees: readonly number[]): number {
  const s = Float64Array.from(vectors.flatMap((a) => vectors.map((b) => dot(a, b))));
  const factors = degrees.map((degree, point) => ({ point, piece: { kind: 'step', degree } as const }));
  return new GaussianVector(s).value(reduced({ factors, given: [] }));
}

/** Rows of the paper's V: unit vectors, lower triangular. @eq lantk (17) */
const v = cholesky4(x.map((a) => x.map((b) => dot(a, b) / (norm(a) * norm(b)))));
const [na, nb] = [norm(x[0]!), norm(x[1]!)];
const [vb, vg, vx] = v.slice(1) as [number[], number[], number[]];
const tails = [vb, vg, vx].map((row) => row.slice(1));
const angle = (a: readonly number[], b: readonly number[]) => Math.acos(dot(a, b) / (norm(a) * norm(b)));
const c = 2 * Math.PI * Math.sqrt(2 * Math.PI);
/** Roundings of a few divisions. */
const equal = (a: number, b: number) => expect(Math.abs(a / b - 1)).toBeLessThan(1e-12);
const different = (a: number, b: number) => expect(Math.abs(a / b - 1)).toBeGreaterThan(1e-3);

/** T2 without its missing factor. */
const ratio = Math.sqrt(1 + vg[1]! ** 2 / vg[2]! ** 2);
const printedT2 =
  (Math.PI - angle([ratio, 0], [(vx[1]! * vg[2]! - vx[2]! * vg[1]!) / (vg[2]! * ratio), vx[3]!])) /
  (c * Math.abs(vg[2]!));

/** T3 with the given entry off the diagonal of Σ_ξ^{-1}. */
function termT3(off: number): number {
  const [y2, y3, y4] = vx.slice(1) as [number, number, number];
  const [p, r] = [1 + y3 ** 2 / y2 ** 2, 1 + y4 ** 2 / y2 ** 2];
  const det = p * r - off * off;
  // ⟨Σ^{1/2} a, Σ^{1/2} b⟩ = aᵀ Σ b
  const form = (a: readonly number[], b: readonly number[]) =>
    (r * a[0]! * b[0]! - off * (a[0]! * b[1]! + a[1]! * b[0]!) + p * a[1]! * b[1]!) / det;
  const first = [(-vb[1]! / y2) * y3, (-vb[1]! / y2) * y4];
  const second = [vg[2]! - (vg[1]! * y3) / y2, (-vg[1]! * y4) / y2];
  const cosine = form(first, second) / Math.sqrt(form(first, first) * form(second, second));
  return (det ** -0.5 * (Math.PI - Math.acos(cosine))) / (c * Math.abs(y2));
}

describe('lantk B.3.2', () => {
  it('I is an orthant probability, and a function of the angles only', () => {
    equal(calculus(x, [0, 0, 0, 0]), calculus(v, [0, 0, 0, 0]));
  });

  it('II is right for the factors σ′σ′σσ of its expectation, not for the four σ′ of the list that defines it', () => {
    const printed = norm(x[2]!) * norm(x[3]!) * calculus(v, [0, 0, 1, 1]);
    equal(calculus(x, [0, 0, 1, 1]), printed);
    different(calculus(x, [0, 0, 0, 0]), printed);
  });

  it('III is right for σ″σσ′σ′ but for its factor 3, which is E a⁴ where the list and (15) have a²', () => {
    const printed = ((3 / Math.sqrt(2 * Math.PI)) * nb * calculus(tails, [1, 0, 0])) / na;
    equal(3 * calculus(x, [-1, 1, 0, 0]), printed);
    different(3 * calculus(x, [-1, -1, 0, 0]), printed);
  });

  it('IV is right', () => {
    const printed = (3 * (Math.PI - angle(vg.slice(2), vx.slice(2)))) / (4 * Math.PI ** 2 * na * nb * Math.abs(vb[1]!));
    equal(3 * calculus(x, [-1, -1, 0, 0]), printed);
  });

  it('V: T1 is right', () => {
    equal(calculus(tails, [-1, 0, 0]), (Math.PI - angle(vg.slice(2), vx.slice(2))) / (c * Math.abs(vb[1]!)));
  });

  it('V: T2 lacks the factor 1/√(1 + v²_γ2/v²_γ3)', () => {
    different(calculus(tails, [0, -1, 0]), printedT2);
    equal(calculus(tails, [0, -1, 0]), printedT2 / ratio);
  });

  it('V: T3 has v_ξ3 v_ξ4/v_ξ2 where v_ξ3 v_ξ4/v²_ξ2 is meant', () => {
    different(calculus(tails, [0, 0, -1]), termT3((vx[2]! * vx[3]!) / vx[1]!));
    equal(calculus(tails, [0, 0, -1]), termT3((vx[2]! * vx[3]!) / vx[1]! ** 2));
  });

  it('V is right with T2 and T3 repaired', () => {
    const sum =
      vb[0]! * calculus(tails, [-1, 0, 0]) +
      vg[0]! * (printedT2 / ratio) +
      vx[0]! * termT3((vx[2]! * vx[3]!) / vx[1]! ** 2);
    equal(3 * calculus(x, [-2, 0, 0, 0]), (-3 * sum) / (na ** 2 * Math.sqrt(2 * Math.PI)));
  });
});
