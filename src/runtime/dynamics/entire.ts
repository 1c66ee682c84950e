/** Entire functions that stand where the closed forms of gradient flow divide by eigenvalues. */

/** (1 − e^{−z})/z, and 1 at z = 0: ∫_0^1 e^{−zs} ds. */
export const decayMean = (z: number): number => (z === 0 ? 1 : -Math.expm1(-z) / z);

/**
 * ∫_0^1 e^{−as} ∫_0^s e^{−bu} du ds, for a, b >= 0 or of rounding size below: exact to a few roundings, also where a
 * or b vanishes. Away from a + b = 0 it is (decayMean(a) − e^{−a} decayMean(b))/(a + b).
 * @derived the inner integral is (1 − e^{−bs})/b, so the whole is (m(a) − m(a+b))/b with m = decayMean; put
 * m(a+b)·(a+b) = (1 − e^{−a}) + e^{−a}(1 − e^{−b}) in it, and b cancels. Near a + b = 0 the series of the divided
 * difference −m[a, a+b] is used, m(z) = Σ_k (−z)^k/(k+1)!
 */
export function nestedDecay(a: number, b: number): number {
  const c = a + b;
  if (Math.abs(a) + Math.abs(c) > SERIES_BELOW) return (decayMean(a) - Math.exp(-a) * decayMean(b)) / c;
  let [sum, factor, difference, power] = [0, 1, 0, 1];
  for (let k = 1; k <= SERIES_TERMS; k++) {
    difference = c * difference + power; // Σ_{j<k} a^j c^{k−1−j}
    power *= a;
    factor /= k + 1;
    sum += (k % 2 === 1 ? factor : -factor) * difference;
  }
  return sum;
}

/** Below this |a| + |a + b| the closed form would lose digits; the series ends with terms below 1/20! then. */
const SERIES_BELOW = 1;
const SERIES_TERMS = 20;
