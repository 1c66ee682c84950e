import { NtkcError } from '../../errors.ts';

/** A real function of one real variable, e.g. an activation. */
export type Scalar = (x: number) => number;

/** phi, refusing to return NaN (or no number): the complaint names the x. */
export function checked(phi: Scalar): Scalar {
  return (x) => {
    const value = phi(x);
    if (typeof value !== 'number' || Number.isNaN(value)) throw Math.abs(x) <= farOut ? noValue(x) : overflow(x);
    return value;
  };
}

const noValue = (x: number) =>
  new NtkcError({
    what: `the function has no real value at x = ${x}`,
    expected: 'a function defined on the whole real line, since its input is Gaussian',
    next: 'Guard it, for example log(abs(x) + 1) in place of log(x).',
  });

/** A function without a real value lacks one nearer to 0 too; further out, parts of it overflow: ∞/∞ in (1/(1 + exp(−x)))'. */
const farOut = 25;

const overflow = (x: number) =>
  new NtkcError({
    what: `the function or its derivative is not a number at x = ${Number(x.toPrecision(6))}, where parts of it overflow`,
    expected: 'a formula that float64 holds as far out as its Gaussian input reaches',
    next: 'Scale the inputs, or write it without large exponentials: 0.5 + 0.5*tanh(x/2) for 1/(1 + exp(-x)), max(x, 0) + log(1 + exp(-abs(x))) for log(1 + exp(x)), exp(min(x, 0)) for exp(x) where x < 0.',
  });

/** The complaint that E φ(√q z)² is not finite in float64. */
export function divergence(q: number): NtkcError {
  return new NtkcError({
    what: `the Gaussian expectation of φ(x)² does not converge at variance ${Number(q.toPrecision(6))} of x in float64`,
    expected: 'a function that grows more slowly than exp(x²/(4·variance)), with a second moment below 1e308',
    next: 'Use smaller weights before it, or a function that grows more slowly.',
  });
}

/** q itself where it is a variance, refused otherwise. */
export function variance(q: number): number {
  if (!(q >= 0) || q === Number.POSITIVE_INFINITY) {
    throw new NtkcError({ what: `${q} is not a variance`, expected: 'a finite number >= 0 on the kernel diagonal' });
  }
  return q;
}

/** How far past ±1 a correlation may be from rounding upstream (float32 kernels included) and still be read as ±1. */
const correlationSlack = 1e-5;

/**
 * ρ = k/√(q q') clamped to [−1, 1]; 0 where a variance is 0. Refuses a covariance that no Gaussian pair has.
 * The product is taken after the roots, so that q q' may leave float64's range.
 */
export function correlation(q1: number, q2: number, k: number): number {
  if (q1 === 0 || q2 === 0) return 0;
  // Exact at k = q1 = q2; elsewhere within two roundings.
  const rho = q1 === q2 ? k / q1 : k / (Math.sqrt(q1) * Math.sqrt(q2));
  if (!(Math.abs(rho) <= 1 + correlationSlack)) {
    throw new NtkcError({
      what: `covariance ${k} of a pair with variances ${q1} and ${q2}`,
      expected: "an absolute value of at most √(q q')",
      next: 'Check the kernel that feeds this function: it is not positive semi-definite.',
    });
  }
  return Math.max(-1, Math.min(1, rho));
}
