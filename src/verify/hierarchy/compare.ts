/** Rows of the report: two routes at the same tuples, and the symmetry of one. */
import { plural } from '../../alignedTable.ts';
import { worstOf } from '../laws/law.ts';
import { tolerances } from '../tolerances.ts';
import type { HierarchyKernel, HierarchyResult } from '../types.ts';
import type { Route } from './routes.ts';

/** Beyond this the estimated error of finite differences is too large for a comparison, relative to the kernel. */
const coarsest = 1e-4;
/** An extrapolation's last change is an estimate of its error, no bound. */
const safety = 10;

/** What rows have in common: the kernel and what was measured on. */
export interface About {
  readonly kernel: HierarchyKernel;
  /** e.g. "width 8". */
  readonly on: string;
  /** What the kernel is large against, where its values are zero. */
  readonly scale: number;
}

export function compareRoutes({ kernel, on, scale: least }: About, a: Route, b: Route): HierarchyResult {
  const shared = [...a.values.keys()].filter((key) => b.values.has(key));
  const scale = Math.max(sizeOf(a, b), least);
  const allowedAt = (key: string) => (safety * (a.values.get(key)!.error + b.values.get(key)!.error)) / scale;
  const resolved = shared.filter((key) => allowedAt(key) <= coarsest);
  const exact = [a, b].every(({ values }) => [...values.values()].every(({ error }) => error === 0));
  const row = {
    kernel,
    check: `${a.name} = ${b.name}`,
    checks: checksOf(kernel, b),
    subject: listed(plural(resolved.length, 'tuple'), a.remark, b.remark, on),
    unit: 'relative',
    why: exact ? tolerances.hierarchyRoutes.why : differencesWhy,
  } as const;
  if (resolved.length === 0)
    return leftOut(row, `finite differences resolve no tuple to ${coarsest} of the largest value`);
  const worst = worstOf(kernel);
  for (const key of resolved) {
    const error = Math.abs(a.values.get(key)!.value - b.values.get(key)!.value) / scale;
    worst.add(error, allowedAt(key) + tolerances.hierarchyRoutes.bound, () => `tuple ${key.replaceAll(',', ', ')}`);
  }
  return judged(row, worst.finding());
}

export const listed = (...parts: readonly string[]): string => parts.filter((part) => part !== '').join(', ');

export type Row = Omit<HierarchyResult, 'verdict' | 'error' | 'allowed' | 'at'>;

export const leftOut = (row: Row, why: string): HierarchyResult => ({
  ...row,
  verdict: 'left out',
  error: null,
  allowed: null,
  why,
  at: '',
});

export const judged = (
  row: Row,
  { error, allowed, at }: { readonly error: number; readonly allowed: number; readonly at: string },
): HierarchyResult => ({
  ...row,
  // Written so that NaN disagrees.
  verdict: error <= allowed ? 'agrees' : 'disagrees',
  error: Number.isFinite(error) ? error : null,
  allowed,
  at,
});

/** Of the values that are numbers: one that is not must not make all of them look small. */
const sizeOf = (...routes: readonly Route[]): number => {
  const values = routes.flatMap((route) => [...route.values.values()].map(({ value }) => Math.abs(value)));
  return Math.max(0, ...values.filter(Number.isFinite));
};

const differencesWhy =
  'ten times the error estimated from the step sizes (what the last extrapolation changed, and rounding over the step), and the bound of the other routes';

const checksOf = (kernel: HierarchyKernel, { name }: Route) =>
  name !== 'differences'
    ? `${kernel.toUpperCase()} at given parameters, from the derived terms and by directional derivatives`
    : kernel === 'k3'
      ? 'K3(α, β, γ) = d/dt K2(α, β) at θ + t ∇f(γ), K2 the empirical NTK'
      : 'K4(α, β, γ, ξ) = d/dt K3(α, β, γ) at θ + t ∇f(ξ), K3 itself such a difference of empirical NTKs';
