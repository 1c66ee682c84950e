import { integrate } from './adaptive.ts';
import type { Integrands } from './mesh.ts';
import type { Scalar } from './scalar.ts';

/** A function made of straight pieces: either continuous (its slope changes) or constant between jumps. */
export interface BrokenLine {
  readonly kind: 'slopes' | 'jumps';
  /** By how much the slope, or the value, changes at x. */
  readonly changes: readonly { readonly x: number; readonly change: number }[];
}

/** A piece is straight when no sample of it leaves the chord by more than this, relative to its largest value. */
const straight = 1e-13;
const samples = 33;

interface Piece {
  readonly slope: number;
  readonly left: number;
  readonly right: number;
  readonly size: number;
}

/**
 * f as a broken line on [−reach, reach], or undefined where a piece between two kinks bends, or where slopes and values both
 * jump. The samples of a piece are spaced quadratically from both ends, so that a bend close to a kink is seen too.
 */
export function brokenLine(source: Integrands, which: number, reach: number): BrokenLine | undefined {
  const f = source.functions[which]!;
  const kinks = source.kinks.filter((x) => Math.abs(x) < reach);
  const ends = [-reach, ...kinks, reach];
  // An unlisted kink would have been cut around down to the deepest panel; the pieces below would bend there.
  const pieces = kinks
    .map((_, i) => i)
    .concat(kinks.length)
    .map((i) => pieceOf(f, ends[i]!, ends[i + 1]!));
  if (pieces.some((piece) => piece === undefined)) return undefined;
  const lines = pieces as Piece[];
  const steepest = Math.max(...lines.map(({ slope }) => Math.abs(slope)));
  const rounding = 1e-12 * Math.max(...lines.map(({ size }) => size));
  const jumps = kinks.map((x, i) => ({ x, change: lines[i + 1]!.left - lines[i]!.right }));
  if (jumps.every(({ change }) => Math.abs(change) <= rounding)) {
    return { kind: 'slopes', changes: kinks.map((x, i) => ({ x, change: lines[i + 1]!.slope - lines[i]!.slope })) };
  }
  return steepest * reach <= rounding ? { kind: 'jumps', changes: jumps } : undefined;
}

function pieceOf(f: Scalar, a: number, b: number): Piece | undefined {
  const at = (fraction: number) => a + (b - a) * fraction;
  // Strictly inside: at a kink itself f may take either value.
  const fractions = Array.from({ length: samples }, (_, i) => Math.sin((Math.PI * (i + 0.5)) / (2 * samples)) ** 2);
  const values = fractions.map((fraction) => f(at(fraction)));
  const size = Math.max(...values.map(Math.abs));
  const run = fractions[samples - 1]! - fractions[0]!;
  const rise = (values[samples - 1]! - values[0]!) / run;
  const bends = values.some((value, i) => {
    const line = values[0]! + rise * (fractions[i]! - fractions[0]!);
    return Math.abs(value - line) > straight * size;
  });
  if (bends) return undefined;
  const left = values[0]! - rise * fractions[0]!;
  return { slope: rise / (b - a), left, right: left + rise, size };
}

/**
 * E f(u)f(v) for a broken line f with Hermite coefficients a_p(q): with p(x,x';t) the density of (u,v) at (x,x') when their
 * covariance is t, and changes c_j at x_j,
 *   jumps:  κ = a_0 a'_0 + Σ_jl c_j c_l ∫_0^k p(x_j,x_l;t) dt
 *   slopes: κ = a_0 a'_0 + ρ a_1 a'_1 + Σ_jl c_j c_l ∫_0^k (k − t) p(x_j,x_l;t) dt
 * @derived Price: ∂κ/∂k = E f'(u)f'(v). f' (jumps) or f'' (slopes) is Σ_j c_j δ(x − x_j), so that derivative, or the second,
 * is Σ c_j c_l p; at k = 0, κ = a_0 a'_0 and ∂κ/∂k = E f'(u) E f'(v) = a_1 a'_1/√(q q'). With t = √(q q') sin α the
 * integrand is smooth up to ρ = ±1.
 */
export function brokenExpectation(
  line: BrokenLine,
  q1: number,
  q2: number,
  rho: number,
  firstTwo: { readonly x: readonly [number, number]; readonly y: readonly [number, number] },
): number {
  const [root1, root2] = [Math.sqrt(q1), Math.sqrt(q2)];
  const { x: ax, y: ay } = firstTwo;
  let sum = ax[0] * ay[0];
  if (line.kind === 'slopes') sum += rho * ax[1] * ay[1];
  const unit = line.kind === 'slopes' ? root1 * root2 : 1;
  for (const { x: xj, change: cj } of line.changes) {
    for (const { x: xl, change: cl } of line.changes) {
      const weight = cj * cl * unit;
      if (weight !== 0) sum += weight * angular(xj / root1, xl / root2, rho, line.kind);
    }
  }
  return sum;
}

/** Where exp(−(a−b)²/(2 sin²β)) has fallen to e^-40. */
const layer = 9;

/** ∫_0^ρ (1 or ρ − r) p_r(a,b) dr, p_r the standard bivariate normal density with correlation r. */
function angular(a: number, b: number, rho: number, kind: BrokenLine['kind']): number {
  if (rho < 0) return (kind === 'jumps' ? -1 : 1) * angular(a, -b, -rho, kind);
  const gap = Math.abs(a - b);
  // β = π/2 − α, so r = cos β; the layer at β → 0 has the width of the gap.
  const first = Math.max(Math.acos(rho), gap / layer);
  if (first >= Math.PI / 2) return 0;
  const ends = [first];
  for (let beta = Math.max(first, gap) * 2; gap > 0 && beta < 1; beta *= 2) ends.push(beta);
  ends.push(Math.PI / 2);
  const f = (beta: number): number => {
    const [sine, cosine] = [Math.sin(beta), Math.cos(beta)];
    const ratio = gap / sine;
    const value = Math.exp(-(ratio * ratio) / 2 - (a * b) / (1 + cosine));
    return kind === 'jumps' ? value : (rho - cosine) * value;
  };
  return integrate(f, ends, 1) / (2 * Math.PI);
}
