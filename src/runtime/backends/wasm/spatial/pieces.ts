/**
 * Hermite coefficients of a formula at any variance from a few. They are smooth functions of ln q: on each piece [2^e,
 * 2^(e+1)] their values at Chebyshev points give them everywhere. Pieces do not depend on what was asked for, so that a
 * sample has the same coefficients in every thread.
 */
import type { DualActivation, DualSpec } from '../../../../ir/gaussian/index.ts';
import { isResolved, node } from '../../../../ir/gaussian/interpolate.ts';

type Part = ReturnType<DualActivation['prepare']>['value'];

/** Coefficients that are computed at first; all there may be where these do not keep the tolerance. */
const fewDegrees = 128;
/** Intervals between the points of a piece, tried in turn: fewer than `mostPoints` of the module that combines them. */
export const intervalsTried = [10, 15, 22];
/** Degrees of samples are multiples of this. */
const degreeStep = 4;
/** Variances with a piece of their own that are remembered. */
const mostAlone = 4096;

/** Coefficients of φ, or φ', on one piece: those of all its points, point by point. */
export interface PieceCoefficients {
  /** The first `few.degree` of them, and where more are needed all there may be. */
  readonly few: Part;
  readonly all: () => Part;
  /** How many keep the tolerance at all points; if none do, how many there may be. */
  readonly degree: number;
  /** What these leave of E φ² at the worst point, relative to it. */
  readonly rest: number;
  readonly line: Part['line'];
}

export interface Piece {
  /** The points, −1 to 1 from one end of ln q to the other; one point where the piece is one variance. */
  readonly nodes: Float64Array;
  /** Where a variance is between them. */
  readonly place: (q: number) => number;
  /** Of φ, then of φ'. */
  readonly orders: readonly PieceCoefficients[];
}

/** `dualOf`: dualActivation, which standalone modules have already. */
export class Pieces {
  /** Knows more routes than series. */
  readonly exact: DualActivation;
  readonly #few: DualActivation;
  readonly #all: DualActivation;
  readonly #tolerance: number;
  readonly #pieces = new Map<number, Piece | undefined>();
  readonly #alone = new Map<number, Piece>();

  constructor(dualOf: (spec: DualSpec) => DualActivation, spec: DualSpec & { readonly tolerance: number }) {
    const maxDegree = spec.maxDegree ?? Number.POSITIVE_INFINITY;
    this.exact = dualOf(spec);
    this.#few = dualOf({ ...spec, tolerance: 0, maxDegree: Math.min(fewDegrees, maxDegree) });
    this.#all = dualOf({ ...spec, tolerance: 0 });
    this.#tolerance = spec.tolerance;
  }

  /** @throws NtkcError where φ has no expansion under this variance */
  at(q: number): Piece {
    if (!(q > 0) || q === Number.POSITIVE_INFINITY) return this.#lone(q);
    const number = Math.floor(Math.log2(q));
    if (!this.#pieces.has(number)) this.#pieces.set(number, this.#interpolated(number));
    return this.#pieces.get(number) ?? this.#lone(q);
  }

  /** Undefined where the formula varies too fast with the variance, or has no expansion in all of the piece. */
  #interpolated(number: number): Piece | undefined {
    const half = Math.LN2 / 2;
    const middle = (2 * number + 1) * half;
    for (const intervals of intervalsTried) {
      const points = Float64Array.from({ length: intervals + 1 }, (_, k) =>
        Math.exp(middle + half * node(k, intervals)),
      );
      const orders = this.#orders(points);
      if (orders === undefined) return undefined;
      if (!orders.every(({ few }) => isResolved(few, intervals))) continue;
      const nodes = points.map((_, k) => node(k, intervals));
      return { orders, nodes, place: (q) => (Math.log(q) - middle) / half };
    }
    return undefined;
  }

  #lone(q: number): Piece {
    const known = this.#alone.get(q);
    if (known !== undefined) return known;
    this.exact.prepare(Float64Array.of(q)); // throws, and says why
    const orders = this.#orders(Float64Array.of(q)) as readonly PieceCoefficients[];
    const piece = { orders, nodes: Float64Array.of(0), place: () => 0 };
    if (this.#alone.size >= mostAlone) this.#alone.clear();
    this.#alone.set(q, piece);
    return piece;
  }

  #orders(points: Float64Array): readonly PieceCoefficients[] | undefined {
    try {
      const few = partsOf(this.#few, points);
      let all: readonly Part[] | undefined;
      const allOf = (order: number) => {
        all ??= partsOf(this.#all, points);
        return all[order] as Part;
      };
      return few.map((part, order) => this.#coefficients(part, () => allOf(order)));
    } catch {
      return undefined;
    }
  }

  #coefficients(few: Part, all: () => Part): PieceCoefficients {
    for (const part of [() => few, all]) {
      const found = part();
      const degree = degreeFor(found, this.#tolerance);
      if (degree !== undefined) return { few, all, degree, rest: restOf(found, degree), line: few.line };
    }
    return { few, all, degree: all().degree, rest: restOf(all(), all().degree), line: few.line };
  }
}

function partsOf(engine: DualActivation, points: Float64Array): readonly Part[] {
  const { value, slope } = engine.prepare(points);
  return slope === undefined ? [value] : [value, slope];
}

/** The fewest coefficients, by steps, that keep the tolerance at every point. */
function degreeFor(part: Part, tolerance: number): number | undefined {
  for (let degree = Math.min(2 * degreeStep, part.degree); ; degree += degreeStep) {
    if (restOf(part, Math.min(degree, part.degree)) <= tolerance) return Math.min(degree, part.degree);
    if (degree >= part.degree) return undefined;
  }
}

/** Σ_{p ≥ degree} a_p² / E φ², at the worst point. */
function restOf({ tails, second, coefficients, degree: all }: Part, degree: number): number {
  let worst = 0;
  tails.forEach((beyond, k) => {
    let tail = beyond;
    for (let p = degree; p < all; p++) tail += (coefficients[k * all + p] as number) ** 2;
    if (tail > 0) worst = Math.max(worst, tail / (second[k] as number));
  });
  return worst;
}

/**
 * out[at + k] = λ_k with f(q) = Σ_k λ_k f(point k) for the interpolant: the barycentric formula at Chebyshev points, whose
 * weights are ±1 and half that at the ends.
 */
export function interpolate({ nodes, place }: Piece, q: number, out: Float64Array, at: number): void {
  const t = place(q);
  const last = nodes.length - 1;
  let sum = 0;
  for (let k = 0; k <= last; k++) {
    const gap = t - (nodes[k] as number);
    if (gap === 0) {
      out.fill(0, at, at + last + 1)[at + k] = 1;
      return;
    }
    const weight = ((k & 1) === 0 ? 1 : -1) / (k === 0 || k === last ? 2 * gap : gap);
    out[at + k] = weight;
    sum += weight;
  }
  for (let k = at; k <= at + last; k++) out[k] = (out[k] as number) / sum;
}
