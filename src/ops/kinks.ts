/** Where a formula is not smooth: the zeros of the arguments of abs, max, sign, select, ... */
import { children, compileScalar, type Expr, scalarFunction } from '../ir/scalar/index.ts';

const range = 1e4;

/** Points x, sorted, at which φ or a derivative may jump, within |x| ≤ 10⁴. */
export function kinksOf(phi: Expr): readonly number[] {
  const found = new Set<number>();
  const visit = (e: Expr) => {
    if (e.kind === 'call')
      for (const edge of scalarFunction(e.fn).kinks?.(e.args) ?? []) for (const z of zerosOf(edge)) found.add(z);
    if (e.kind === 'mul')
      for (const f of e.factors)
        if (!Number.isInteger(f.exponent) || f.exponent < 0) for (const z of zerosOf(f.base)) found.add(z);
    children(e).forEach(visit);
  };
  visit(phi);
  return [...found].sort((a, b) => a - b);
}

/** Zeros of an expression in x: exactly for straight lines, else by sign changes on a grid fine near zero, bisected. */
function zerosOf(e: Expr): readonly number[] {
  const f = compileScalar(e, ['x']);
  const [f0, slope] = [f(0), f(1) - f(0)];
  const isLine = [-3, 0.5, 7, 100].every(
    (p) => Math.abs(f(p) - (f0 + slope * p)) <= 1e-12 * (Math.abs(f0) + Math.abs(slope * p)),
  );
  if (isLine) return slope === 0 ? [] : [-f0 / slope + 0];
  const zeros: number[] = [];
  for (let i = 1; i < grid.length; i++) {
    const [a, b] = [grid[i - 1] as number, grid[i] as number];
    if (f(a) === 0) zeros.push(a);
    else if (f(a) * f(b) < 0) zeros.push(bisect(f, a, b));
  }
  return zeros;
}

const half = Array.from({ length: 4000 }, (_, i) => range ** (i / 3999) * (i / 3999));
const grid = [...half.map((v) => -v).reverse(), ...half.slice(1)].map((v) => v + 0);

function bisect(f: (x: number) => number, from: number, to: number): number {
  let [a, b] = [from, to];
  for (let i = 0; i < 200 && b - a > Number.EPSILON * Math.abs(a + b); i++) {
    const m = (a + b) / 2;
    if (f(a) * f(m) <= 0) b = m;
    else a = m;
  }
  return (a + b) / 2;
}

/**
 * Whether two formulas without kinks are the same function: equal at many points of many scales, up to rounding.
 * Analytic functions that agree there are equal; formulas written in different groupings are not the same expression.
 */
export function sameSmoothFunction(a: Expr, b: Expr): boolean {
  if (kinksOf(a).length > 0 || kinksOf(b).length > 0) return false;
  const [f, g] = [compileScalar(a, ['x']), compileScalar(b, ['x'])];
  return smoothProbes.every((x) => Math.abs(f(x) - g(x)) <= 1e-14 * (1 + Math.abs(x)) * (1 + Math.abs(g(x))));
}
const smoothProbes = Array.from({ length: 64 }, (_, i) => (i % 2 === 0 ? 1 : -1) * 0.01 * 1.13 ** i);
