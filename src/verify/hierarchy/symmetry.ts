/** K_r(β, α, ..) = K_r(α, β, ..): what follows γ acts on K2, which is symmetric. */
import { plural } from '../../alignedTable.ts';
import { NtkcError } from '../../errors.ts';
import type { TensorProgram } from '../../ir/tensor/tensorProgram.ts';
import { worstOf } from '../laws/law.ts';
import { passCost } from '../plan.ts';
import { tolerances } from '../tolerances.ts';
import type { HierarchyResult, HierarchyRoutes } from '../types.ts';
import { type About, judged, listed } from './compare.ts';
import { keyOf, type Route, type Tuple } from './routes.ts';
import type { Subject } from './subject.ts';

/** The highest order whose jets are compared: 5040 trees in 0.1 s for six layers of vectors, fewer trees where passes cost more. */
function highestOrder(program: TensorProgram): number {
  const cost = passCost(program);
  if (cost > 20_000) return 5;
  return cost > 5000 || program.layers > 6 ? 6 : 8;
}
const longest: Tuple = [0, 1, 2, 1, 0, 2, 1, 2];

/** By jets for the kernel's order, for K4 also all orders above it; by terms where they are known at both tuples. */
export function swapRows(
  subject: Subject,
  about: About,
  jets: HierarchyRoutes['jets'],
  terms: Route | undefined,
): readonly HierarchyResult[] {
  const order = Number(about.kernel.slice(1));
  const tupleOf = (r: number) => longest.slice(0, r).map((index) => index % subject.n);
  const orders = Array.from(
    { length: about.kernel === 'k4' ? highestOrder(subject.program) - order + 1 : 1 },
    (_, k) => order + k,
  );
  const own = tupleOf(order);
  const [there, back] = [own, swapped(own)].map((tuple) => terms?.values.get(keyOf(tuple))?.value);
  return [
    jetsRow(subject, about, jets, orders.map(tupleOf)),
    ...(there === undefined || back === undefined ? [] : [swapRow(about, 'terms', [own], [there], [back])]),
  ];
}

/** Without the higher orders where these overflow. */
function jetsRow(
  subject: Subject,
  about: About,
  jets: HierarchyRoutes['jets'],
  tuples: readonly Tuple[],
): HierarchyResult {
  const { program, parameters, x, n } = subject;
  try {
    const values = [...jets(program, parameters, x, n, [...tuples, ...tuples.map(swapped)])];
    return swapRow(about, 'jets', tuples, values.slice(0, tuples.length), values.slice(tuples.length));
  } catch (error) {
    if (!(error instanceof NtkcError) || tuples.length === 1) throw error;
    return jetsRow(subject, about, jets, tuples.slice(0, -1));
  }
}

const swapped = ([a, b, ...rest]: Tuple): Tuple => [b!, a!, ...rest];

function swapRow(
  { kernel, on }: About,
  name: string,
  tuples: readonly Tuple[],
  values: readonly number[],
  others: readonly number[],
): HierarchyResult {
  const worst = worstOf(kernel);
  values.forEach((value, k) => {
    const error = Math.abs(value - others[k]!) / (Math.max(Math.abs(value), Math.abs(others[k]!)) || 1);
    worst.add(error, tolerances.hierarchySwap.bound, () => `tuple ${tuples[k]!.join(', ')}`);
  });
  const orders = tuples.length > 1 ? `orders ${tuples[0]!.length} to ${tuples.at(-1)!.length}` : '';
  const row = {
    kernel,
    check: `swap, ${name}`,
    checks: 'K_r(α, β, ..) = K_r(β, α, ..)',
    subject: listed(plural(tuples.length, 'tuple'), orders, on),
    unit: 'relative',
    why: tolerances.hierarchySwap.why,
  } as const;
  return judged(row, worst.finding());
}
