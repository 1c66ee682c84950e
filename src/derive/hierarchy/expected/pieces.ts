/**
 * The functions the calculus of expectations knows at one point: polynomials, polynomials cut off at zero, and the
 * derivatives of those, δ and its derivatives.
 */

/** power k: u^k/k!. step k ≥ 0: u^k/k!·θ(u), with θ the unit step; step −1: δ(u); step −k: δ^(k−1)(u). */
export interface Piece {
  readonly kind: 'power' | 'step';
  readonly degree: number;
}

/** Σ coefficient · piece. */
export type Pieces = readonly { readonly coefficient: number; readonly piece: Piece }[];

/** The derivative: one degree less; undefined where it is zero. */
export function lowered({ kind, degree }: Piece): Piece | undefined {
  return kind === 'power' && degree === 0 ? undefined : { kind, degree: degree - 1 };
}

export function derivativeOf(pieces: Pieces, order: number): Pieces {
  let result = pieces;
  for (let i = 0; i < order; i++)
    result = result.flatMap(({ coefficient, piece }) => {
      const next = lowered(piece);
      return next === undefined ? [] : [{ coefficient, piece: next }];
    });
  return result;
}

/** φ(u)·φ(cu) as pieces, for φ without δ: polynomials multiplied on either side of zero. c is not zero. */
export function parallelProduct(pieces: Pieces, c: number): Pieces {
  const [left, right] = [polynomial(pieces, -1), polynomial(pieces, 1)];
  const [farLeft, farRight] = c > 0 ? [left, right] : [right, left];
  const below = product(left, stretched(farLeft, c));
  const above = product(right, stretched(farRight, c));
  const degrees = Array.from({ length: Math.max(below.length, above.length) }, (_, k) => k);
  const parts = degrees.flatMap((degree): Pieces => {
    const [b, a] = [(below[degree] ?? 0) * factorial(degree), (above[degree] ?? 0) * factorial(degree)];
    return [
      { coefficient: b, piece: { kind: 'power', degree } },
      { coefficient: a - b, piece: { kind: 'step', degree } },
    ];
  });
  return parts.filter(({ coefficient }) => coefficient !== 0);
}

/** Coefficients of u^k on one side of zero. */
function polynomial(pieces: Pieces, side: 1 | -1): readonly number[] {
  const out: number[] = [];
  for (const { coefficient, piece } of pieces) {
    if (piece.degree < 0) throw new Error('ntkc bug: parallelProduct: a product with δ');
    while (out.length <= piece.degree) out.push(0);
    if (piece.kind === 'power' || side > 0)
      out[piece.degree] = (out[piece.degree] as number) + coefficient / factorial(piece.degree);
  }
  return out;
}

const stretched = (p: readonly number[], c: number) => p.map((v, k) => v * c ** k);

function product(p: readonly number[], q: readonly number[]): readonly number[] {
  const out = new Array<number>(Math.max(0, p.length + q.length - 1)).fill(0);
  p.forEach((a, i) => {
    q.forEach((b, j) => {
      out[i + j] = (out[i + j] as number) + a * b;
    });
  });
  return out;
}

const factorial = (k: number): number => (k < 2 ? 1 : k * factorial(k - 1));
