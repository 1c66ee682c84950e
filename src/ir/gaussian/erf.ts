/**
 * erf(x) to within a few units in the last place, by two expansions with positive terms only, so that nothing cancels:
 * a series for |x| < 2.5, the continued fraction of erfc beyond.
 *
 * @derived erf(x) = (2/√π) e^{−x²} Σ_n 2ⁿ x^{2n+1}/(2n+1)!!  and  erfc(x) = e^{−x²}/√π · 1/(x + (1/2)/(x + (2/2)/(x + ...))).
 * The test holds it against mathjs.
 */
export function erf(x: number): number {
  const a = Math.abs(x);
  if (!(a < 6)) return Number.isNaN(x) ? Number.NaN : Math.sign(x);
  const gaussian = Math.exp(-a * a);
  if (a < 2.5) {
    let term = a;
    let sum = a;
    for (let n = 1; term > sum * 1e-17; n++) {
      term *= (2 * a * a) / (2 * n + 1);
      sum += term;
    }
    return (Math.sign(x) * 2 * gaussian * sum) / Math.sqrt(Math.PI);
  }
  let fraction = a;
  for (let n = 60; n >= 1; n--) fraction = a + n / 2 / fraction;
  return Math.sign(x) * (1 - gaussian / (Math.sqrt(Math.PI) * fraction));
}
