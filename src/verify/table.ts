/** The report as text of at most 100 columns. */
import { alignedTable } from '../alignedTable.ts';
import type { LawResult, VerifyReport } from './types.ts';

/** Laws, then scores a kernel and width, then the verdict in a sentence. */
export function verifyTable(report: VerifyReport): string {
  return [...lawLines(report.laws), '', ...monteCarloLines(report), '', ...verdictLines(report), ''].join('\n');
}

function lawLines(laws: readonly LawResult[]): readonly string[] {
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

function monteCarloLines({ monteCarlo }: VerifyReport): readonly string[] {
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
  const { monteCarlo, falseAlarm, passed, seconds } = report;
  const failed = report.laws.filter((l) => !l.passed).length;
  const disagree = monteCarlo.filter((t) => t.verdict === 'disagrees').map((t) => t.kernel);
  const problems = [
    ...(failed > 0 ? [`${failed} law${failed > 1 ? 's' : ''} broken`] : []),
    ...(disagree.length > 0
      ? [`${disagree.join(', ')} ${disagree.length > 1 ? 'disagree' : 'disagrees'} with finite networks`]
      : []),
  ];
  return [
    passed
      ? 'PASSED: every law holds and every kernel agrees with finite networks.'
      : `FAILED: ${problems.join('; ')}.`,
    `A right derivation fails the Monte Carlo test with probability at most ${falseAlarm}.`,
    `It sees with probability 1/2 errors in a median entry of: ${monteCarlo.map((t) => `${t.kernel} ${percent(t.detectable.median)}`).join(', ')}.`,
    `Laws ${seconds.laws.toFixed(1)} s, Monte Carlo ${seconds.monteCarlo.toFixed(1)} s.`,
    ...report.notes.flatMap(wrapped),
  ];
}

/** 0.0345 -> "3.5 %". */
export const percent = (share: number): string => `${Number((100 * share).toPrecision(2))} %`;

/** Lines of at most 100 characters. */
const wrapped = (text: string): readonly string[] => text.match(/.{1,100}(?:\s|$)/g)?.map((l) => l.trimEnd()) ?? [];

const cut = (text: string, length: number) => (text.length <= length ? text : `${text.slice(0, length - 1)}…`);
