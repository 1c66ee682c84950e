/** Σ_{p<P} a_p a'_p ρ^p for two vectors of at least P coefficients: κ = E φ(u)φ(v). @eq daniely2016 (dual activation, Mehler's formula) */
export function seriesKappa(ax: Float64Array, ay: Float64Array, P: number, rho: number): number {
  return seriesAt(ax, 0, ay, 0, P, rho);
}

/** seriesKappa on coefficients that start at offsetX and offsetY. Even and odd powers are two Horner chains in ρ². */
export function seriesAt(
  ax: Float64Array,
  offsetX: number,
  ay: Float64Array,
  offsetY: number,
  P: number,
  rho: number,
): number {
  const square = rho * rho;
  let even = 0;
  let odd = 0;
  let p = P - 1;
  if (p >= 0 && p % 2 === 0) {
    even = ax[offsetX + p]! * ay[offsetY + p]!;
    p--;
  }
  for (; p > 0; p -= 2) {
    odd = odd * square + ax[offsetX + p]! * ay[offsetY + p]!;
    even = even * square + ax[offsetX + p - 1]! * ay[offsetY + p - 1]!;
  }
  return even + rho * odd;
}

/**
 * The fewest terms n ≤ P with |ρ|^n ≤ tolerance: the rest is at most |ρ|^n √(E φ(u)² E φ(v)²) (Cauchy–Schwarz), so pairs
 * far from ±1 need few terms whatever P is.
 */
export function termsFor(rho: number, P: number, tolerance: number): number {
  const size = Math.abs(rho);
  if (size >= 1) return P;
  if (size === 0) return Math.min(1, P);
  return Math.min(P, Math.ceil(Math.log(tolerance) / Math.log(size)));
}
