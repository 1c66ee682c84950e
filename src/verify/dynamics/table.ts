/** The comparison as text. */
import { alignedTable } from '../../alignedTable.ts';
import type { Decay, DynamicsReport } from './types.ts';

export interface DynamicsRow {
  readonly group: 'kernel' | 'outputs' | 'sizes';
  /** The approximation, or the kernel whose size it is. */
  readonly name: string;
  readonly decay: Decay;
  readonly source: string;
}

/** The time that slopes are shown for: the middle one, where training is under way. */
export const shownTime = ({ times }: DynamicsReport): number => Math.floor((times.length - 1) / 2);

const symbol = (order: number): string => `K${String.fromCodePoint(0x2080 + order)}`;

/** Every rate that was measured: errors of the kernel and of the outputs at the shown time, sizes of kernels. */
export function dynamicsRows(report: DynamicsReport): readonly DynamicsRow[] {
  const t = shownTime(report);
  const { approximations, sizes } = report;
  const errors = (group: 'kernel' | 'outputs') =>
    approximations.map((approximation): DynamicsRow => {
      const decay = approximation[group][t]!;
      const isClosedForm = approximation === approximations.at(-1);
      const source =
        isClosedForm && group === 'kernel' ? 'Theorem 2.1' : `the size of ${symbol(2 * decay.claim.logPower)}`;
      return { group, name: approximation.name, decay, source };
    });
  return [
    ...errors('kernel'),
    // The outputs of the closed form are those of the frozen kernel.
    ...errors('outputs').slice(0, -1),
    ...sizes.map(
      ({ order, decay }): DynamicsRow => ({ group: 'sizes', name: symbol(order), decay, source: 'Lemma A.3' }),
    ),
  ];
}

/** Short, and exact for powers of two of common size. */
export const timeText = (time: number): string => `${Number(time.toPrecision(4))}`;

/** What the groups of rows are about. */
export const groupTitles = (report: DynamicsReport): Readonly<Record<DynamicsRow['group'], string>> => {
  const at = `at t = ${timeText(report.times[shownTime(report)]!)}`;
  return {
    kernel: `error of K_t ${at}`,
    outputs: `error of f_t ${at}`,
    sizes: 'size at t = 0',
  };
};

/** Lines of at most 100 columns for up to four widths. */
export function dynamicsTable(report: DynamicsReport): string {
  const { widths, networks, smooth } = report;
  const titles = groupTitles(report);
  const head = ['largest, relative', '', 'claimed', 'slope', ...widths.map((w) => `m = ${w}`), ''];
  const rows = dynamicsRows(report).map(({ group, name, decay }, k, all) => [
    all[k - 1]?.group === group ? '' : titles[group],
    name,
    smooth ? claimText(decay) : '',
    slopeText(decay),
    ...decay.median.map((value) => value.toExponential(1)),
    verdictText(decay),
  ]);
  const right = [3, ...widths.map((_, k) => 4 + k)];
  return [
    ...alignedTable([head, ...rows], { right, ruled: true }),
    `Slopes against log m, and medians, over ${networks} networks of each width.`,
    '',
  ].join('\n');
}

export const slopeText = ({ slope, standardError }: Decay): string =>
  slope === null ? 'zero' : `${slope.toFixed(2).replace('-', '−')} ± ${standardError.toFixed(2)}`;

/** Õ hides powers of log m. */
export const claimText = ({ claim }: Decay): string => `Õ(1/m${claim.rate === 1 ? '' : '²'})`;

export const verdictText = ({ consistent, slope }: Decay): string =>
  consistent === null ? 'not claimed' : slope === null ? 'exact' : consistent ? 'agrees' : 'SLOWER';
