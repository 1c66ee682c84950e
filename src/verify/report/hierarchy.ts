import { escapeHtml } from '../../derive/explain/escapeHtml.ts';
import type { HierarchyResult } from '../types.ts';
import { htmlTable } from './html.ts';
import { mark, minus } from './tables.ts';

/** The section on K3 and K4; empty where they were not asked for. */
export function hierarchySection(results: readonly HierarchyResult[]): readonly string[] {
  if (results.length === 0) return [];
  const kernels = [...new Set(results.map((r) => r.kernel))];
  return [
    '<h2>Neural tangent hierarchy</h2>',
    '<p>K3(α, β, γ) is the change of the empirical NTK K2(α, β) of a finite network along the gradient at γ, K4 that of K3 along the gradient at ξ. On one small network with random parameters they are computed by routes that share no code: <em>terms</em> evaluates the derived contractions, <em>jets</em> differentiates the network along directions, <em>differences</em> steps along the gradients and knows nothing but empirical NTKs. At kinks the derivatives are pointwise, without delta functions, and no difference steps over one. The <em>expectation</em> over initialisations is compared with the mean of many networks; there a kink is smoothed, since no sample sees a delta function.</p>',
    htmlTable(
      'Each comparison. Deviations are relative to the largest value compared, or in standard errors; a check that was left out says why.',
      ['check', 'on', 'deviation', 'allowed', 'result', 'why'],
      kernels.map((kernel) => ({
        title: kernel.toUpperCase(),
        rows: results.filter((r) => r.kernel === kernel).map(rowOf),
      })),
      [2, 3],
    ),
  ];
}

const rowOf = (r: HierarchyResult): readonly string[] => [
  `${escapeHtml(r.check)}<br><small>${escapeHtml(r.checks)}</small>`,
  `${escapeHtml(r.subject)}${r.at === '' || r.error === 0 ? '' : `<br><small>worst at ${unbroken(escapeHtml(r.at))}</small>`}`,
  r.error !== null ? minus(measure(r.error, r, 1)) : r.verdict === 'left out' ? '' : 'not a number',
  r.allowed === null ? '' : minus(measure(r.allowed, r, 0)),
  r.verdict === 'left out' ? 'left out' : mark(r.verdict === 'agrees', 'agrees', 'disagrees'),
  `<small>${escapeHtml(r.why)}</small>`,
];

/** Indices of a tuple stay on one line. */
const unbroken = (html: string): string => html.replaceAll(/(?<=\d), (?=\d)/g, ',&nbsp;');

function measure(value: number, { unit }: HierarchyResult, digits: number): string {
  if (unit === 'standard errors') return `${value.toFixed(2)} s.e.`;
  return value === 0 ? '0' : value.toExponential(digits);
}
