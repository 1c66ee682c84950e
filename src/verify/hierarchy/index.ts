/** K3 and K4 of a network, by three routes at random parameters, and the expectation of K4 over initialisations. */
import { NtkcError } from '../../errors.ts';
import type { Rows } from '../inputs.ts';
import type { Setting } from '../setting.ts';
import type { HierarchyKernel, HierarchyResult, HierarchyRoutes } from '../types.ts';
import { compareRoutes, judged, leftOut } from './compare.ts';
import { planExpectation, runExpectation } from './expectation.ts';
import { byDifferences, byJets, byTerms, type Refusal, type Route, standardRoutes, type Tuple } from './routes.ts';
import { naturalScale, type Subject, subjectOf } from './subject.ts';
import { swapRows } from './symmetry.ts';

/** The first two are swaps of each other; then coincidences. Indices are taken modulo the number of inputs. */
const tuplesOf: Readonly<Record<HierarchyKernel, readonly Tuple[]>> = {
  k3: [
    [0, 1, 2],
    [1, 0, 2],
    [1, 1, 0],
    [2, 2, 2],
  ],
  k4: [
    [0, 1, 2, 1],
    [1, 0, 2, 1],
    [0, 0, 1, 1],
    [2, 2, 2, 2],
  ],
};

export interface HierarchyPlan {
  /** Scores that are compared with a threshold; all of a report share the probability of a false alarm. */
  readonly scores: number;
  readonly run: (rule: { readonly falseAlarm: number; readonly tests: number }) => Promise<readonly HierarchyResult[]>;
}

export function planHierarchy(
  setting: Setting,
  kernels: readonly HierarchyKernel[],
  inputs: Rows,
  planted: Partial<HierarchyRoutes> = {},
): HierarchyPlan {
  const routes = { ...standardRoutes, ...planted };
  const expectation = kernels.includes('k4') ? [planExpectation(setting, inputs, routes.expected)] : [];
  const scores = expectation.reduce((sum, e) => sum + ('expected' in e ? e.expected.length : 0), 0);
  const run: HierarchyPlan['run'] = async (rule) => {
    const results = await runRoutes(setting, kernels, inputs, routes);
    const means = expectation.map((e) => ('expected' in e ? runExpectation(setting, e, rule, routes.jets) : e));
    return [...results, ...(await Promise.all(means))];
  };
  return { scores, run };
}

/** Checks that need no statistics, for each kernel. */
async function runRoutes(
  setting: Setting,
  kernels: readonly HierarchyKernel[],
  inputs: Rows,
  routes: HierarchyRoutes,
): Promise<readonly HierarchyResult[]> {
  if (kernels.length === 0) return [];
  const subject = subjectOf(setting.network, inputs, setting);
  const results: HierarchyResult[] = [];
  for (const [k, kernel] of kernels.entries()) {
    setting.signal?.throwIfAborted();
    results.push(...attempted(kernel, () => rowsOf(subject, kernel, routes)));
    setting.onProgress?.({ stage: 'hierarchy', done: k + 1, total: kernels.length });
    await new Promise((resolve) => setImmediate(resolve));
  }
  return results;
}

/** A kernel that cannot be computed, say because it is NaN, has failed. */
function attempted(kernel: HierarchyKernel, run: () => readonly HierarchyResult[]): readonly HierarchyResult[] {
  try {
    return run();
  } catch (error) {
    if (!(error instanceof NtkcError)) throw error;
    const row = { kernel, check: 'values', checks: 'K_r is finite', subject: '', unit: 'relative', why: '' } as const;
    return [judged(row, { error: Number.NaN, allowed: 0, at: error.message.slice(0, 200) })];
  }
}

function rowsOf(subject: Subject, kernel: HierarchyKernel, routes: HierarchyRoutes): readonly HierarchyResult[] {
  const tuples = tuplesOf[kernel].map((tuple) => tuple.map((index) => index % subject.n));
  const about = { kernel, on: subject.description, scale: naturalScale(subject, tuples[0]!.length) };
  const jets = byJets(subject, tuples, routes.jets);
  const terms = byTerms(subject, tuples, routes.explicit);
  const differences = byDifferences(subject, tuples, routes.ntk);
  const pairs = [
    [terms, jets],
    [jets, differences],
    [terms, differences],
  ] as const;
  return [
    ...pairs.flatMap(([a, b]) => (isRoute(a) && isRoute(b) ? [compareRoutes(about, a, b)] : [])),
    ...[terms, differences].flatMap((route) => (isRoute(route) ? [] : [refusalRow(kernel, route)])),
    ...swapRows(subject, about, routes.jets, isRoute(terms) ? terms : undefined),
  ];
}

const isRoute = (route: Route | Refusal): route is Route => 'values' in route;

const refusalRow = (kernel: HierarchyKernel, { name, reason }: Refusal): HierarchyResult =>
  leftOut(
    { kernel, check: name, checks: `${kernel.toUpperCase()} by this route`, subject: '', unit: 'relative', why: '' },
    reason,
  );
