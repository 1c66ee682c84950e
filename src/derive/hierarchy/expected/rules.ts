/** The calculus of expectations: rules that take δ and powers away, until only orthant probabilities are left. */
import { lowered, type Piece } from './pieces.ts';

/** piece(u_point). */
export interface Factor {
  readonly point: number;
  readonly piece: Piece;
}

/** E Π factors, u ~ N(0, S) given that u_i = 0 for i in given. */
export interface Expectation {
  readonly factors: readonly Factor[];
  readonly given: readonly number[];
}

/** An entry of the covariance under a condition, S_ij|given, or what is made of a diagonal one. */
export interface Quantity {
  /** covariance: S_ij; inverse: 1/S_ii; density: 1/√(2π S_ii), that of u_i at zero. */
  readonly kind: 'covariance' | 'inverse' | 'density';
  readonly i: number;
  readonly j: number;
  readonly given: readonly number[];
}

export interface Weighted {
  readonly scale: number;
  readonly quantities: readonly Quantity[];
  readonly expectation: Expectation;
}

/** One step of the calculus: an expectation with a factor the rule fits, as a sum of simpler ones. */
export interface Rule {
  readonly name: string;
  /** The rule in formulas; R are the other factors. */
  readonly formula: string;
  readonly source: string;
  /** Not worth a line of a derivation. */
  readonly silent?: true;
  readonly fits: (piece: Piece) => boolean;
  readonly apply: (expectation: Expectation, at: number) => readonly Weighted[];
}

const isStep = (degree: number) => (piece: Piece) => piece.kind === 'step' && piece.degree === degree;

const constant: Rule = {
  name: 'constant',
  formula: 'E 1·R = E R',
  source: 'definition',
  silent: true,
  fits: (piece) => piece.kind === 'power' && piece.degree === 0,
  apply: ({ factors, given }, at) => [
    { scale: 1, quantities: [], expectation: { factors: factors.filter((_, i) => i !== at), given } },
  ],
};

const delta: Rule = {
  name: 'δ',
  formula: 'E δ(u_a)·R = 1/√(2π S_aa) · E[R | u_a = 0], under the Schur complement S_RR − S_Ra S_aR/S_aa',
  source: 'lantk B.3.2, the third term',
  fits: isStep(-1),
  apply: ({ factors, given }, at) => {
    const i = (factors[at] as Factor).point;
    const rest = factors.filter((_, k) => k !== at);
    return [
      {
        scale: 1,
        quantities: [{ kind: 'density', i, j: i, given }],
        expectation: { factors: rest, given: [...given, i].sort((a, b) => a - b) },
      },
    ];
  },
};

const deltaDerivative: Rule = {
  name: 'derivative of δ',
  formula: 'E δ^(k)(u_a)·R = −1/S_aa · [(k−1) E δ^(k−2)(u_a)·R + Σ_r S_ar E δ^(k−1)(u_a)·∂_r R]',
  source: '@derived Stein on u_a δ^(k−1)(u_a) = −(k−1) δ^(k−2)(u_a)',
  fits: (piece) => piece.kind === 'step' && piece.degree < -1,
  apply: ({ factors, given }, at) => {
    const { point, piece } = factors[at] as Factor;
    const k = -1 - piece.degree;
    const inverse: Quantity = { kind: 'inverse', i: point, j: point, given };
    const raised = (by: number): Factor => ({ point, piece: { kind: 'step', degree: piece.degree + by } });
    const own: Weighted = {
      scale: 1 - k,
      quantities: [inverse],
      expectation: { factors: replaced(factors, at, raised(2)), given },
    };
    const others = gradients({ factors: replaced(factors, at, raised(1)), given }, point, at);
    const scaled = others.map((w) => ({ ...w, scale: -w.scale, quantities: [inverse, ...w.quantities] }));
    return k > 1 ? [own, ...scaled] : scaled;
  },
};

const stein: Rule = {
  name: 'Stein',
  formula: 'E u_c·R = Σ_r S_cr E ∂_r R',
  source: '@derived Gaussian integration by parts',
  fits: (piece) => piece.degree > 0,
  apply: ({ factors, given }, at) => {
    const { point, piece } = factors[at] as Factor;
    const { kind, degree } = piece;
    // u^k/k! = u · (u^(k−1)/(k−1)!) / k
    const less = replaced(factors, at, { point, piece: { kind, degree: degree - 1 } });
    return gradients({ factors: less, given }, point).map((w) => ({ ...w, scale: w.scale / degree }));
  },
};

/** In the order they are tried: δ before its derivatives, or these would hand the derivative back and forth. */
export const rules: readonly Rule[] = [constant, delta, deltaDerivative, stein];

/** The first rule that fits, and the factor it fits; undefined where only steps are left. */
export function firstRule({ factors }: Expectation): { readonly rule: Rule; readonly at: number } | undefined {
  for (const rule of rules) {
    const at = factors.findIndex(({ piece }) => rule.fits(piece));
    if (at >= 0) return { rule, at };
  }
  return undefined;
}

const replaced = (factors: readonly Factor[], at: number, factor: Factor) =>
  factors.map((other, k) => (k === at ? factor : other));

/** Σ_r S_point,r ∂_r, over all factors but one. */
function gradients({ factors, given }: Expectation, point: number, without?: number): readonly Weighted[] {
  return factors.flatMap((factor, r): readonly Weighted[] => {
    const less = lowered(factor.piece);
    if (r === without || less === undefined) return [];
    const [i, j] = [Math.min(point, factor.point), Math.max(point, factor.point)];
    const expectation = { factors: replaced(factors, r, { point: factor.point, piece: less }), given };
    return [{ scale: 1, quantities: [{ kind: 'covariance', i, j, given }], expectation }];
  });
}
