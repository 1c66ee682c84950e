/** Width · E K_4 from the paper's formula (15) and quadrature in four dimensions: shares no code with the calculus. */
import { compileScalar, derivative, type Expr } from '../../../ir/scalar/index.ts';

type Factors = readonly [number, number, number, number];

/** The summand of (15) for one neuron without 1/m²: s[k][p] = σ^(p)(u_k), g = Gram matrix, a² and a⁴ given. @eq lantk (15) */
export function paperK4(
  s: readonly (readonly number[])[],
  g: (i: number, j: number) => number,
  a2: number,
  a4: number,
) {
  const f = (...p: Factors) => s[0]![p[0]]! * s[1]![p[1]]! * s[2]![p[2]]! * s[3]![p[3]]!;
  const ab = g(0, 1);
  const [ac, ad] = [g(0, 2), g(0, 3)];
  const [bc, bd, cd] = [g(1, 2), g(1, 3), g(2, 3)];
  return (
    a4 *
      (ab * ac * ad * f(3, 1, 1, 1) +
        ab * bc * bd * f(1, 3, 1, 1) +
        ab * (ac * bd + ad * bc) * f(2, 2, 1, 1) +
        ac * ab * cd * f(2, 1, 2, 1) +
        bc * ab * cd * f(1, 2, 2, 1)) +
    a2 *
      (3 * ab * ac * f(2, 1, 1, 0) +
        3 * ab * bc * f(1, 2, 1, 0) +
        2 * ab * ad * f(2, 1, 0, 1) +
        2 * ab * bd * f(1, 2, 0, 1) +
        2 * ab * cd * f(1, 1, 1, 1) +
        ac * ad * f(2, 0, 1, 1) +
        ac * cd * f(1, 0, 2, 1) +
        bc * bd * f(0, 2, 1, 1) +
        bc * cd * f(0, 1, 2, 1) +
        (ac * bd + ad * bc) * f(1, 1, 1, 1)) +
    2 * ab * f(1, 1, 0, 0) +
    ac * f(1, 0, 1, 0) +
    bc * f(0, 1, 1, 0)
  );
}

/** Cholesky factor of a positive definite 4 by 4 matrix. */
export function cholesky4(S: readonly (readonly number[])[]): number[][] {
  const L = [0, 1, 2, 3].map(() => [0, 0, 0, 0]);
  for (let i = 0; i < 4; i++)
    for (let j = 0; j <= i; j++) {
      let sum = S[i]![j]!;
      for (let k = 0; k < j; k++) sum -= L[i]![k]! * L[j]![k]!;
      L[i]![j] = i === j ? Math.sqrt(sum) : sum / L[j]![j]!;
    }
  return L;
}

export const derivativesOf = (phi: Expr) => [0, 1, 2, 3].map((p) => compileScalar(derivative(phi, 'x', p), ['x']));

/**
 * Width · E K_4 of f = a·φ(u)/√m by the trapezoidal rule, which converges faster than any power for smooth integrands
 * that vanish at both ends: E a² = 1, E a⁴ = 3.
 */
export function k4ByQuadrature(phi: Expr, S: readonly (readonly number[])[], spacing: number, reach: number): number {
  const functions = derivativesOf(phi);
  const L = cholesky4(S);
  const count = Math.round(reach / spacing);
  const nodes = Array.from({ length: 2 * count + 1 }, (_, i) => (i - count) * spacing);
  const at = (k: number, z: readonly number[]) => {
    const u = z.reduce((sum, value, i) => sum + L[k]![i]! * value, 0);
    return functions.map((f) => f(u));
  };
  const g = (i: number, j: number) => S[i]![j]!;
  let total = 0;
  for (const z0 of nodes) {
    const s0 = at(0, [z0]);
    for (const z1 of nodes) {
      const s1 = at(1, [z0, z1]);
      for (const z2 of nodes) {
        const s2 = at(2, [z0, z1, z2]);
        const r2 = z0 * z0 + z1 * z1 + z2 * z2;
        if (r2 > reach * reach) continue;
        for (const z3 of nodes) {
          const weight = Math.exp(-(r2 + z3 * z3) / 2);
          total += weight * paperK4([s0, s1, s2, at(3, [z0, z1, z2, z3])], g, 1, 3);
        }
      }
    }
  }
  return total * (spacing / Math.sqrt(2 * Math.PI)) ** 4;
}
