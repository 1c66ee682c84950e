import { escapeHtml } from '../../derive/explain/escapeHtml.ts';
import { upperEntries } from '../statistics/kernelTest.ts';
import { percent } from '../table.ts';
import type { KernelTest, LawResult } from '../types.ts';
import { htmlTable } from './html.ts';

export const mark = (good: boolean, yes: string, no: string) =>
  good ? `<span class="yes">✔ ${yes}</span>` : `<span class="no">✘ ${no}</span>`;

export const minus = (text: string): string => text.replace('-', '−');

export function lawsTable(laws: readonly LawResult[]): string {
  const names = [...new Set(laws.map((l) => l.law))];
  return htmlTable(
    'Each law on each of its subjects. Errors are relative to √(K<sub>ii</sub> K<sub>jj</sub>); a law holds where the worst error is at most what is allowed.',
    ['of', 'worst error', 'allowed', 'where', 'result'],
    names.map((name) => {
      const rows = laws.filter((l) => l.law === name);
      const { checks, source } = rows[0]!;
      const title = `${escapeHtml(name)}: <span class="soft">${escapeHtml(checks)} [${escapeHtml(source)}]</span>`;
      return { title, rows: rows.map(lawRow) };
    }),
    [1, 2],
  );
}

const lawRow = (law: LawResult): readonly string[] => [
  escapeHtml(law.subject),
  law.error === null ? 'not a number' : minus(law.error === 0 ? '0' : law.error.toExponential(1)),
  minus(law.tolerance.toExponential(0)),
  `<small>${law.error === 0 ? '' : escapeHtml(law.at)}</small>`,
  mark(law.passed, 'holds', 'fails'),
];

export function kernelsTable(tests: readonly KernelTest[]): string {
  return htmlTable(
    'Scores are deviations in standard errors. A score at one width drifts with the bias of that width; the score at infinite width is the one that is judged.',
    [
      'kernel',
      'width',
      'networks',
      'worst score at this width',
      'worst score at infinite width',
      'rejects beyond',
      'error it would see',
      'verdict',
    ],
    [
      {
        rows: tests.flatMap((test) =>
          test.widths.map((w, k) => [
            k === 0 ? test.kernel : '',
            `${w.width}`,
            `${w.samples}`,
            w.worstZ.toFixed(1),
            ...(k === 0
              ? [
                  `${minus(test.worst.z.toFixed(2))} <small>inputs ${test.worst.i}, ${test.worst.j}</small>`,
                  `±${test.threshold.toFixed(2)}`,
                  percent(test.detectable.median),
                  mark(test.verdict === 'agrees', 'agrees', 'disagrees'),
                ]
              : ['', '', '', '']),
          ]),
        ),
      },
    ],
    [1, 2, 3, 4, 5, 6],
  );
}

export function entriesTable(test: KernelTest): string {
  const { n, widths } = test;
  const largest = widths.at(-1)!;
  const rows = upperEntries(n).map((e) => [
    `${Math.floor(e / n)}, ${e % n}`,
    minus(largest.limit[e]!.toPrecision(5)),
    ...widths.map((w) => `${minus(w.mean[e]!.toPrecision(5))} ± ${w.standardError[e]!.toPrecision(2)}`),
    `${minus((100 * test.deviation[e]!).toFixed(2))} ± ${(100 * test.deviationError[e]!).toFixed(2)} %`,
    minus(test.z[e]!.toFixed(2)),
  ]);
  return htmlTable(
    `${test.kernel}: every entry. Means with their standard errors; the deviation is extrapolated to infinite width and relative to √(K<sub>ii</sub> K<sub>jj</sub>).`,
    ['inputs', `limit (width ${largest.width})`, ...widths.map((w) => `mean, width ${w.width}`), 'deviation', 'score'],
    [{ rows }],
    rows[0]!.map((_, c) => c).slice(1),
  );
}
