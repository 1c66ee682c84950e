import { z } from 'zod';
import { add, call, type Expr, mul, num, pi, pow, sqrt, sub } from '../../ir/scalar/index.ts';
import { defineActivation } from '../activation.ts';
import { closedDual, determinant, k, q1, q2, x } from '../dual.ts';
import { factorial } from '../wick.ts';

const mostDegree = 8;
const rectified = (degree: number): Expr => (degree === 0 ? call('step', x) : pow(call('max', x, num(0)), degree));

const s = sqrt(determinant);
const angle = call('atan2', s, k);

/** Coefficients of k^j in E uⁿvⁿ; the power of P = qq' that goes with each is (n − j)/2. */
const wick = (n: number): readonly number[] =>
  Array.from({ length: n + 1 }, (_, j) => {
    const i = (n - j) / 2;
    return Number.isInteger(i) ? (factorial(n) / (2 ** i * factorial(i))) ** 2 / factorial(j) : 0;
  });

/**
 * Coefficients of k^j in A_n, with powers (n − 1 − j)/2 of P, where κ = [A_n s + E uⁿvⁿ (π − ϑ)]/2π.
 *
 * @derived from ∂κ_n/∂k = n² κ_{n−1}, s' = −k/s, ϑ' = −1/s: (P − k²)A_n' − kA_n + E uⁿvⁿ = n²(P − k²)A_{n−1},
 * solved from the highest power of k down: j a_{j−1} = (j+1) a_{j+1} + m_j − n²(a'_j − a'_{j−2})
 */
function besideTheRoot(n: number): readonly number[] {
  if (n === 0) return [];
  const before = besideTheRoot(n - 1);
  const m = wick(n);
  const a = new Array<number>(n).fill(0);
  for (let j = n; j >= 1; j -= 2)
    a[j - 1] = ((j + 1) * (a[j + 1] ?? 0) + (m[j] ?? 0) - n * n * ((before[j] ?? 0) - (before[j - 2] ?? 0))) / j;
  return a;
}

/** Σ_j c_j k^j P^{(top − j)/2}; only whole powers of P occur. */
const inKAndP = (coefficients: readonly number[], top: number): Expr =>
  add(
    ...coefficients.map((c, j) =>
      c === 0 ? num(0) : mul(c, pow(k, j), pow(q1, (top - j) / 2), pow(q2, (top - j) / 2)),
    ),
  );

/** κ = E u₊ⁿ v₊ⁿ, the arc-cosine kernel of order n in a form without 0/0 at equal inputs. */
const kappaOf = (n: number): Expr =>
  mul(0.5, pow(pi, -1), add(mul(s, inKAndP(besideTheRoot(n), n - 1)), mul(inKAndP(wick(n), n), sub(pi, angle))));

export const op = defineActivation({
  name: 'rectifiedMonomial',
  summary: 'max(x, 0)^degree; degree 0 is the step function, whose derivative is taken as 0',
  fields: { degree: z.int().min(0).max(mostDegree) },
  source: 'neural-tangents RectifiedMonomial; @derived without its 0/0 on the diagonal',
  activation: ({ degree }) => ({
    phi: rectified(degree),
    phiTex: degree === 0 ? '1_{x>0}' : `\\max(0, x)^{${degree}}`,
    dual: closedDual(kappaOf(degree), {
      ...(degree === 0 && { dotKappa: num(0) }),
      labels: [
        { letter: 's', tex: 's', text: 's', expr: s },
        { letter: 'angle', tex: '\\vartheta', text: 'ϑ', expr: angle },
      ],
    }),
  }),
  examples: [{ degree: 2 }, { degree: 3 }, { degree: 0 }],
  recognise: (phi) => {
    // Degree 1 is relu's, degree 0 has a convention of its own.
    for (let degree = 2; degree <= mostDegree; degree++) if (phi === rectified(degree)) return { degree };
    return undefined;
  },
});
