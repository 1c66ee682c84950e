/** Angles of vectors whose length is a product of two samples' numbers, as angles between Gaussians are. */
import { add, type Expr, mul, pow } from '../../ir/scalar/index.ts';

/** The two sides of a product. */
export interface Split {
  readonly row: Expr;
  readonly column: Expr;
}

type PlaceOf = (e: Expr) => 'constant' | 'row' | 'column' | 'pair';

/**
 * x² + y² as a product of a row's and a column's number; undefined where it is none. √(qq' − k²) and k have qq', which is one;
 * 2k and √((1 + 2q)(1 + 2q') − 4k²) have the product multiplied out, which is found again.
 */
export function squaredHypotenuse(y: Expr, x: Expr, placeOf: PlaceOf): Split | undefined {
  const sum = add(square(y), square(x));
  if (placeOf(sum) === 'constant') return undefined;
  if (sum.kind === 'add')
    return sum.terms.length === 1 && sum.constant === 0 ? oneTerm(sum, placeOf) : factored(sum, placeOf);
  return oneTerm(sum, placeOf);
}

/** A square root and nothing else. */
export const isRoot = (e: Expr): e is Extract<Expr, { kind: 'mul' }> =>
  e.kind === 'mul' && e.factors.length === 1 && e.factors[0]?.exponent === 0.5;

const square = (e: Expr): Expr => (isRoot(e) ? (e.factors[0]?.base as Expr) : pow(e, 2));

function oneTerm(e: Expr, placeOf: PlaceOf): Split | undefined {
  const [coefficient, term] = e.kind === 'add' ? [e.terms[0]?.coefficient ?? 1, e.terms[0]?.term ?? e] : [1, e];
  const factors = term.kind === 'mul' ? term.factors : [{ base: term, exponent: 1 }];
  if (coefficient <= 0 || factors.some((f) => placeOf(f.base) === 'pair')) return undefined;
  const of = (place: 'row' | 'column') =>
    mul(
      ...factors
        .filter((f) => (placeOf(f.base) === 'column') === (place === 'column'))
        .map((f) => pow(f.base, f.exponent)),
    );
  return { row: mul(coefficient, of('row')), column: of('column') };
}

/** c + r + s + rs/c = (c + r)(c + s)/c for a number c > 0, r of the row and s of the column. */
function factored(sum: Extract<Expr, { kind: 'add' }>, placeOf: PlaceOf): Split | undefined {
  const c = sum.constant;
  const part = (place: string) => sum.terms.filter((t) => placeOf(t.term) === place);
  const total = (terms: typeof sum.terms) => add(...terms.map((t) => mul(t.coefficient, t.term)));
  const [row, column, mixed] = [part('row'), part('column'), part('pair')];
  const product = add(
    ...row.flatMap((r) => column.map((s) => mul((r.coefficient * s.coefficient) / c, r.term, s.term))),
  );
  if (c <= 0 || row.length === 0 || product !== total(mixed)) return undefined;
  return { row: add(c, total(row)), column: add(1, mul(1 / c, total(column))) };
}
