import { NtkcError } from '../errors.ts';
import { children, compileScalar, type Expr } from '../ir/scalar/index.ts';

/** Where a formula is tried, near enough that its exponentials stay below infinity. A pole at 0 is left to quadrature. */
const probes = [-3, -2, -1.5, -1, -0.7, -0.3, -0.1, 0.1, 0.3, 0.7, 1, 1.5, 2, 3];
/** This little outside is a rounding error. */
const slack = 1e-12;

/**
 * A Gaussian input takes every real value, so the formula must have one there. What evaluation clamps, meaning rounding
 * errors, is looked at on its own: the base of a fractional power (x^1.5 would be read as max(x, 0)^1.5), and asin's.
 *
 * @throws NtkcError naming an x without a real value
 */
export function requireReal(phi: Expr, shown: string): void {
  const value = compileScalar(phi, ['x']);
  const outside = clamped(phi).map(({ part, least, most, reached }) => {
    const at = compileScalar(part, ['x']);
    return (x: number) => reached(x) && (at(x) < least - slack || at(x) > most + slack);
  });
  const at = probes.find((x) => Number.isNaN(value(x)) || outside.some((f) => f(x)));
  if (at === undefined) return;
  throw new NtkcError({
    what: `formula "${shown}" has no real value at x = ${at}`,
    expected: 'a function defined on the whole real line, since its input is Gaussian',
    next: 'Guard it, for example log(abs(x) + 1) in place of log(x), or sqrt(abs(x)) in place of sqrt(x).',
  });
}

interface Clamped {
  readonly part: Expr;
  readonly least: number;
  readonly most: number;
  /** Whether the part is evaluated at x: a condition may keep it from being. */
  readonly reached: (x: number) => boolean;
}

/** Every part of a formula that is clamped when evaluated, with the interval it is clamped to. */
function clamped(phi: Expr): readonly Clamped[] {
  const found: Clamped[] = [];
  const visit = (e: Expr, reached: (x: number) => boolean): void => {
    if (e.kind === 'mul')
      for (const { base, exponent } of e.factors)
        if (!Number.isInteger(exponent)) found.push({ part: base, least: 0, most: Number.POSITIVE_INFINITY, reached });
    if (e.kind === 'call' && e.fn === 'asin')
      for (const part of e.args) found.push({ part, least: -1, most: 1, reached });
    if (e.kind === 'call' && e.fn === 'select') {
      const [condition, then, otherwise] = e.args as [Expr, Expr, Expr];
      const holds = compileScalar(condition, ['x']);
      visit(condition, reached);
      visit(then, (x) => reached(x) && holds(x) > 0);
      visit(otherwise, (x) => reached(x) && !(holds(x) > 0));
    } else for (const child of children(e)) visit(child, reached);
  };
  visit(phi, () => true);
  return found;
}
