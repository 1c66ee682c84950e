import { NtkcError } from '../../errors.ts';
import { endFractions, nearEnd, panelNodes, panelRule, unresolvedPart } from './legendre.ts';
import { checked, type Scalar } from './scalar.ts';

/** Functions that are integrated on common nodes, and how finely the real line must be cut for them. */
export interface Integrands {
  readonly functions: readonly Scalar[];
  /** Ascending. */
  readonly kinks: readonly number[];
  /**
   * Ascending cut points, from ≤ −reach to ≥ reach (exactly ±reach where a function overflows beyond, also to NaN): between two of
   * them every function is a polynomial of degree 19 to 1e-11 of its size so far (which a 20-point rule squares).
   * The cuts do not depend on earlier calls, and those of a smaller reach are a part of those of a larger one.
   */
  cuts(reach: number): Float64Array;
}

/** Highest coefficients must be below this times the largest |f| seen at smaller |x|; 20-point Gauss doubles the digits. */
const resolution = 1e-11;
/** What a polynomial resolved to 1e-11 in its coefficients may miss at the ends, where they all add up, with rounding. */
const endResolution = 1e-9;
/** A panel this many halvings below its shell is left as it is: a jump in it weighs less than 2^-46. */
const deepest = 46;
/** What an unresolved deepest panel may add to ∫f², relative to (largest |f|)²: jumps pass, poles do not. */
const negligible = 1e-11;
const mostPanels = 20000;

/** The functions checked for NaN, with cuts built shell by shell (|x| ≤ 1, 4, 16, ...) and kept. */
export function integrands(functions: readonly Scalar[], kinks: readonly number[]): Integrands {
  const safe = functions.map(checked);
  const sortedKinks = [...new Set(kinks.filter(Number.isFinite))].sort((a, b) => a - b);
  const kept = new Map<number, Float64Array>();
  const cuts = (reach: number): Float64Array => {
    const round = 4 ** Math.max(0, Math.ceil(Math.log(reach) / Math.log(4)));
    const finite = functions.every((f) => Number.isFinite(f(round)) && Number.isFinite(f(-round)));
    const end = finite ? round : reach;
    const known = kept.get(end) ?? buildCuts(safe, sortedKinks, end);
    kept.set(end, known);
    return known;
  };
  return { functions: safe, kinks: sortedKinks, cuts };
}

function buildCuts(functions: readonly Scalar[], kinks: readonly number[], end: number): Float64Array {
  const refiner = newRefiner(functions);
  let inner = 0;
  const found: number[] = [0];
  while (inner < end) {
    const outer = Math.min(end, inner === 0 ? 1 : inner * 4);
    const sides = inner === 0 ? [[-outer, outer] as const] : [[-outer, -inner] as const, [inner, outer] as const];
    const panels = sides.flatMap(([lo, hi]) => split(lo, hi, kinks));
    for (const [a, b] of panels) refiner.look(a, b);
    for (const [a, b] of panels) refiner.refine(a, b, 0, found);
    inner = outer;
  }
  return Float64Array.from(new Set(found)).sort();
}

function split(lo: number, hi: number, kinks: readonly number[]): [number, number][] {
  const inside = kinks.filter((x) => x > lo && x < hi);
  const middle = lo < 0 && hi > 0 && !inside.includes(0) ? [0] : [];
  const ends = [lo, ...inside, ...middle, hi].sort((a, b) => a - b);
  return ends.slice(1).map((b, i) => [ends[i]!, b]);
}

/** Fills values with f at the panel's nodes; returns the largest |f|. Refuses an infinite value. */
function sample(f: Scalar, a: number, b: number, values: Float64Array): number {
  let largest = 0;
  for (let i = 0; i < panelNodes; i++) {
    const x = a + (b - a) * 0.5 * (1 + panelRule.nodes[i]!);
    const value = f(x);
    if (!Number.isFinite(value)) throw singular(x);
    values[i] = value;
    largest = Math.max(largest, Math.abs(value));
  }
  return largest;
}

function newRefiner(functions: readonly Scalar[]) {
  const values = new Float64Array(panelNodes);
  const sizes = functions.map(() => 0);
  // Without what refining finds: next to a pole that would hide the pole.
  const looked = functions.map(() => 0);
  let panels = 0;

  const look = (a: number, b: number): void => {
    functions.forEach((f, i) => {
      looked[i] = Math.max(looked[i]!, sample(f, a, b, values));
      sizes[i] = Math.max(sizes[i]!, looked[i]!);
    });
  };

  const refine = (a: number, b: number, depth: number, found: number[]): void => {
    const resolved = functions.every((f, i) => {
      const largest = sample(f, a, b, values);
      sizes[i] = Math.max(sizes[i]!, largest);
      const noise = samplingNoise(values, a, b);
      const seen = unresolvedPart(values) <= resolution * sizes[i]! + noise;
      if (depth < deepest) return seen && endsAgree(f, a, b, values, endResolution * sizes[i]! + panelNodes * noise);
      if (seen) return true;
      const share = (largest / looked[i]!) ** 2 * (b - a);
      if (share <= negligible * Math.max(1, Math.abs(a))) return true;
      throw singular((a + b) / 2);
    });
    if (resolved) {
      found.push(a, b);
      panels++;
      if (panels > mostPanels) throw unresolvable((a + b) / 2);
      return;
    }
    const middle = (a + b) / 2;
    refine(a, middle, depth + 1, found);
    refine(middle, b, depth + 1, found);
  };
  return { look, refine };
}

/** What rounding x itself does to f on a narrow panel far from 0: ε |x| times the slope seen. Finer is not to be had. */
function samplingNoise(values: Float64Array, a: number, b: number): number {
  const rise = values.reduce((x, y) => Math.max(x, y)) - values.reduce((x, y) => Math.min(x, y));
  return (2 * Number.EPSILON * Math.max(Math.abs(a), Math.abs(b)) * rise) / (b - a);
}

/** No layer hides between a panel's last node and its end, as in tanh(1e5 x) next to 0. */
function endsAgree(f: Scalar, a: number, b: number, values: Float64Array, allowed: number): boolean {
  return endFractions.every((fraction, c) => {
    const step = fraction * (b - a);
    // A kink's place is itself only known to rounding.
    if (step < 1e-12 * Math.max(Math.abs(a), Math.abs(b))) return true;
    const off = Math.max(
      Math.abs(f(a + step) - nearEnd(values, c, 'left')),
      Math.abs(f(b - step) - nearEnd(values, c, 'right')),
    );
    return off <= allowed;
  });
}

function singular(x: number): NtkcError {
  return new NtkcError({
    what: `the function is singular near x = ${Number(x.toPrecision(6))}: its square has no Gaussian expectation that quadrature can find`,
    expected: 'a function that is bounded on every bounded interval',
  });
}

function unresolvable(x: number): NtkcError {
  return new NtkcError({
    what: `the function varies too fast near x = ${Number(x.toPrecision(6))} to be integrated (more than ${mostPanels} panels)`,
    expected: 'a function that is smooth between finitely many kinks',
  });
}
