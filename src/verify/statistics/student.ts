/** Tail probabilities of Student's t and of the normal distribution, as logarithms: verdicts live far out in the tails. */
import { erf } from '../../ir/gaussian/index.ts';

/** log P(|T| ≥ |t|), T of Student's distribution with `freedom` degrees of freedom: log I_{ν/(ν+t²)}(ν/2, 1/2). */
export function logStudentTail(t: number, freedom: number): number {
  if (t === 0) return 0;
  const x = freedom / (freedom + t * t);
  const [a, b] = [freedom / 2, 0.5];
  const front = a * Math.log(x) + b * Math.log1p(-x) + logGamma(a + b) - logGamma(a) - logGamma(b);
  if (x < (a + 1) / (a + b + 2)) return front + Math.log(betaFraction(x, a, b) / a);
  return Math.log1p((-Math.exp(front) * betaFraction(1 - x, b, a)) / b);
}

/** log P(|Z| ≥ |z|), Z standard normal. */
export function logNormalTail(z: number): number {
  const x = Math.abs(z);
  if (x < 2) return Math.log1p(-erf(x / Math.SQRT2));
  // Mills' ratio as a continued fraction: Q(x) = density(x) / (x + 1/(x + 2/(x + 3/...))).
  let tail = x;
  for (let k = 200; k >= 1; k--) tail = x + k / tail;
  return -(x * x) / 2 - Math.log(tail) + Math.log(Math.sqrt(2 / Math.PI));
}

/** The z ≥ 0 with log P(|Z| ≥ z) = logTail; at most `largest`. */
export function normalFromLogTail(logTail: number, largest = 1e3): number {
  let [low, high] = [0, largest];
  for (let i = 0; i < 100 && high - low > 1e-12 * high; i++) {
    const middle = (low + high) / 2;
    if (logNormalTail(middle) > logTail) low = middle;
    else high = middle;
  }
  return (low + high) / 2;
}

/**
 * The normal score with the same two-sided tail probability as a t statistic, with its sign: scores of estimates with
 * different degrees of freedom then share one threshold. It is never larger than |t|.
 */
export function normalScore(t: number, freedom: number): number {
  if (Number.isNaN(t)) return Number.NaN;
  const size = Math.min(Math.abs(t), 1e6);
  return Math.sign(t) * normalFromLogTail(logStudentTail(size, freedom), size);
}

/** Lanczos, g = 7, nine terms: 15 digits for x > 0. */
const lanczos = [
  0.99999999999980993, 676.5203681218851, -1259.1392167224028, 771.32342877765313, -176.61502916214059,
  12.507343278686905, -0.13857109526572012, 9.9843695780195716e-6, 1.5056327351493116e-7,
];
function logGamma(x: number): number {
  if (x < 0.5) return Math.log(Math.PI / Math.sin(Math.PI * x)) - logGamma(1 - x);
  const sum = lanczos.reduce((s, c, i) => (i === 0 ? c : s + c / (x - 1 + i)), 0);
  const t = x + 6.5;
  return 0.5 * Math.log(2 * Math.PI) + (x - 0.5) * Math.log(t) - t + Math.log(sum);
}

/** The continued fraction of the incomplete beta function, by Lentz's method. */
function betaFraction(x: number, a: number, b: number): number {
  const safe = (v: number) => (Math.abs(v) < 1e-300 ? 1e-300 : v);
  let c = 1;
  let d = 1 / safe(1 - ((a + b) * x) / (a + 1));
  let value = d;
  for (let m = 1; m <= 500; m++) {
    const even = (m * (b - m) * x) / ((a + 2 * m - 1) * (a + 2 * m));
    const odd = (-(a + m) * (a + b + m) * x) / ((a + 2 * m) * (a + 2 * m + 1));
    let change = 1;
    for (const term of [even, odd]) {
      d = 1 / safe(1 + term * d);
      c = safe(1 + term / c);
      change = c * d;
      value *= change;
    }
    if (Math.abs(change - 1) < 1e-15) break;
  }
  return value;
}
