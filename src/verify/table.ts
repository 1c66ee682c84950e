/** The report as text of at most 100 columns. */
import { alignedTable, plural } from '../alignedTable.ts';
import type { HierarchyResult, LawResult, VerifyReport } from './types.ts';

/** Laws, then K3 and K4, then scores a kernel and width, then the verdict in a sentence. */
export function verifyTable(report: VerifyReport): string {
  const tables = [lawLines(report.laws), hierarchyLines(report.hierarchy), monteCarloLines(report)];
  const parts = [...tables.filter((lines) => lines.length > 0), verdictLines(report)];
  return parts.map((lines) => `${lines.join('\n')}\n`).join('\n');
}

function lawLines(laws: readonly LawResult[]): readonly string[] {
  if (laws.length === 0) return [];
  const rows = laws.map((l) => [
    l.law,
    cut(l.subject, 44),
    l.error === null ? 'none' : l.error.toExponential(1),
    l.tolerance.toExponential(0),
    l.passed ? 'holds' : 'FAILS',
  ]);
  const broken = laws.filter((l) => !l.passed).map((l) => `  ${l.law}, ${l.subject}, worst at ${l.at}`);
  const head = ['law', 'of', 'worst error', 'allowed', ''];
  return [...alignedTable([head, ...rows], { right: [2, 3], ruled: true }), ...broken.map((line) => cut(line, 100))];
}

function hierarchyLines(results: readonly HierarchyResult[]): readonly string[] {
  if (results.length === 0) return [];
  const rows = results.map((r) => [
    r.kernel,
    r.check,
    cut(r.subject, 44),
    r.error === null ? 'none' : r.unit === 'relative' ? r.error.toExponential(1) : `z ${r.error.toFixed(2)}`,
    r.allowed === null ? '' : r.unit === 'relative' ? r.allowed.toExponential(0) : r.allowed.toFixed(2),
    r.verdict,
  ]);
  const broken = results
    .filter((r) => r.verdict === 'disagrees')
    .map((r) => `  ${r.kernel}, ${r.check}, worst at ${r.at}`);
  const left = results
    .filter((r) => r.verdict === 'left out')
    .map((r) => `  ${r.kernel}, ${r.check} left out: ${r.why}`);
  const head = ['', 'check', 'on', 'deviation', 'allowed', ''];
  const lines = alignedTable([head, ...rows], { right: [3, 4], ruled: true });
  return [...lines, ...[...broken, ...left].flatMap(wrapped)];
}

function monteCarloLines({ monteCarlo }: VerifyReport): readonly string[] {
  if (monteCarlo.length === 0) return [];
  const head = ['kernel', 'width', 'samples', 'worst z at this width', 'z at infinite width', 'threshold', 'verdict'];
  const rows = monteCarlo.flatMap((test) =>
    test.widths.map((w, k) => [
      k === 0 ? test.kernel : '',
      `${w.width}`,
      `${w.samples}`,
      w.worstZ.toFixed(1),
      ...(k === 0 ? [test.worst.z.toFixed(2), test.threshold.toFixed(2), test.verdict] : ['', '', '']),
    ]),
  );
  return alignedTable([head, ...rows], { right: [1, 2, 3, 4, 5], ruled: true });
}

function verdictLines(report: VerifyReport): readonly string[] {
  const { monteCarlo, hierarchy, falseAlarm, passed } = report;
  const sees = monteCarlo.map((t) => `${t.kernel} ${percent(t.detectable.median)}`).join(', ');
  const scores = monteCarlo.length > 0 || hierarchy.some((r) => r.unit === 'standard errors' && r.error !== null);
  return [
    passed ? `PASSED: ${passedText(report)}.` : `FAILED: ${problemsOf(report).join('; ')}.`,
    ...(scores ? [`A right derivation fails the Monte Carlo test with probability at most ${falseAlarm}.`] : []),
    ...(monteCarlo.length > 0 ? [`It sees with probability 1/2 errors in a median entry of: ${sees}.`] : []),
    timesOf(report),
    ...report.notes.flatMap(wrapped),
  ];
}

/** e.g. "Laws 0.9 s, hierarchy 0.3 s, Monte Carlo 8.1 s." */
export function timesOf({ laws, hierarchy, monteCarlo, dynamics, seconds }: VerifyReport): string {
  const parts = [
    ...(laws.length > 0 ? [`laws ${seconds.laws.toFixed(1)} s`] : []),
    ...(hierarchy.length > 0 ? [`hierarchy ${seconds.hierarchy.toFixed(1)} s`] : []),
    ...(monteCarlo.length > 0 ? [`Monte Carlo ${seconds.monteCarlo.toFixed(1)} s`] : []),
    ...(dynamics !== undefined ? [`training ${seconds.dynamics.toFixed(1)} s`] : []),
  ].join(', ');
  return `${parts.charAt(0).toUpperCase()}${parts.slice(1)}.`;
}

/** What passed, in a phrase. */
export const passedText = ({ monteCarlo, hierarchy }: VerifyReport): string =>
  [
    ...(monteCarlo.length > 0 ? ['every law holds and every kernel agrees with finite networks'] : []),
    ...(hierarchy.length > 0 ? [`the routes to ${kernelsOf(hierarchy)} agree`] : []),
  ].join('; ');

/** What failed, a phrase each. */
export function problemsOf({ laws, monteCarlo, hierarchy }: VerifyReport): readonly string[] {
  const failed = laws.filter((l) => !l.passed).length;
  const disagree = monteCarlo.filter((t) => t.verdict === 'disagrees').map((t) => t.kernel);
  const apart = hierarchy.filter((r) => r.verdict === 'disagrees');
  return [
    ...(failed > 0 ? [`${plural(failed, 'law')} broken`] : []),
    ...(disagree.length > 0
      ? [`${disagree.join(', ')} ${disagree.length > 1 ? 'disagree' : 'disagrees'} with finite networks`]
      : []),
    ...(apart.length > 0 ? [`${plural(apart.length, 'check')} of ${kernelsOf(apart)} failed`] : []),
  ];
}

const kernelsOf = (results: readonly HierarchyResult[]): string =>
  [...new Set(results.map((r) => r.kernel.toUpperCase()))].join(' and ');

/** 0.0345 -> "3.5 %". */
export const percent = (share: number): string => `${Number((100 * share).toPrecision(2))} %`;

/** Lines of at most 100 characters. */
const wrapped = (text: string): readonly string[] => text.match(/.{1,100}(?:\s|$)/g)?.map((l) => l.trimEnd()) ?? [];

const cut = (text: string, length: number) => (text.length <= length ? text : `${text.slice(0, length - 1)}…`);
