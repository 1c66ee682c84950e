/** Laws of every activation: its dual against the expectation it stands for, by quadrature. */
import { streamOf } from '../../runtime/empirical/random.ts';
import type { TestedActivation } from '../activations.ts';
import { tolerances } from '../tolerances.ts';
import { type Finding, type Law, worstOf } from './law.ts';

interface Point {
  readonly q1: number;
  readonly q2: number;
  readonly rho: number;
}

/** Random variances in the activation's range and random correlations, then correlations down to 1 − 1e-12, and ±1. */
function pointsFor({ variances: [least, most] }: TestedActivation, seed: number): readonly Point[] {
  const stream = streamOf([seed, -2]);
  const uniform = () => (stream.next() + 2 ** 31) / 2 ** 32;
  const q = () => least * (most / least) ** uniform();
  const inner = Array.from({ length: 12 }, () => ({ q1: q(), q2: q(), rho: 1.98 * uniform() - 0.99 }));
  const gaps = [1e-3, 1e-6, 1e-9, 1e-12, 0];
  const edge = gaps.flatMap((gap) => [1, -1].map((sign) => ({ q1: q(), q2: q(), rho: sign * (1 - gap) })));
  const same = q();
  return [...inner, { q1: q(), q2: q(), rho: 0 }, ...edge, { q1: same, q2: same, rho: 1 }];
}

function compare(
  activation: TestedActivation,
  seed: number,
  [dual, expectation, scale]: readonly [
    TestedActivation['kappa'],
    TestedActivation['kappa'],
    TestedActivation['scale'],
  ],
): Finding {
  const worst = worstOf(activation.name);
  for (const { q1, q2, rho } of pointsFor(activation, seed)) {
    const k = q1 === q2 && rho === 1 ? q1 : rho * Math.sqrt(q1) * Math.sqrt(q2);
    const error = Math.abs(dual(q1, q2, k) - expectation(q1, q2, k)) / (scale(q1, q2) || 1);
    const near = (1 - rho) * (1 + rho) < 1e-4;
    const { bound } = near ? tolerances.expectationNearParallel : tolerances.expectation;
    const allowed = Math.max(bound, tolerances.expectationOfSeries.bound * activation.tolerance);
    worst.add(error, allowed, () => `q = ${q1.toPrecision(3)}, q' = ${q2.toPrecision(3)}, rho = ${writeRho(rho)}`);
  }
  return worst.finding();
}

const writeRho = (rho: number): string => {
  const gap = 1 - Math.abs(rho);
  return gap === 0 || gap > 0.01 ? rho.toPrecision(3) : `${rho > 0 ? '' : '-'}(1 - ${gap.toPrecision(1)})`;
};

/** Lets progress bars draw between activations. */
async function each(
  activations: readonly TestedActivation[],
  f: (a: TestedActivation) => Finding,
): Promise<readonly Finding[]> {
  const found = [];
  for (const activation of activations) {
    found.push(f(activation));
    await new Promise((resolve) => setImmediate(resolve));
  }
  return found;
}

export const expectationLaws: readonly Law[] = [
  {
    name: 'κ is E φφ',
    checks: "κ(q, q', k) = E φ(u)φ(v) by two-dimensional quadrature, up to correlations of ±1",
    source: 'daniely2016 (dual activation)',
    run: ({ activations, seed }) => each(activations, (a) => compare(a, seed, [a.kappa, a.expectation, a.scale])),
  },
  {
    name: "κ̇ is E φ'φ'",
    checks: "∂κ/∂k = E φ'(u)φ'(v) by quadrature of φ' itself, up to correlations of ±1",
    source: "Price's theorem",
    run: ({ activations, seed }) =>
      each(activations, (a) => compare(a, seed, [a.dotKappa, a.dotExpectation, a.dotScale])),
  },
];
