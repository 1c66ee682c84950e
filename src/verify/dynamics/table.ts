/** The comparison as text. */
import { alignedTable } from '../../alignedTable.ts';
import type { Decay, DynamicsReport } from './types.ts';

export interface DynamicsRow {
  /** e.g. "|K_t − K̂_t| at t = 1". */
  readonly quantity: string;
  readonly decay: Decay;
  readonly source: string;
}

/** The time that slopes are shown for: the middle one, where training is under way. */
export const shownTime = ({ times }: DynamicsReport): number => Math.floor((times.length - 1) / 2);

/** Every rate that was measured: kernels and outputs at the shown time, sizes of kernels. */
export function dynamicsRows(report: DynamicsReport): readonly DynamicsRow[] {
  const t = shownTime(report);
  const at = `at t = ${report.times[t]}`;
  const { approximations, sizes } = report;
  return [
    ...approximations.map(({ name, kernel }, k) => ({
      quantity: `|K_t − ${name}| ${at}`,
      decay: kernel[t]!,
      source: k === 3 ? 'Theorem 2.1' : k === 0 ? 'Huang and Yau' : 'size of the next kernel',
    })),
    ...approximations.slice(0, 3).map(({ name, outputs }, k) => ({
      quantity: `|f_t − ${name}| ${at}`,
      decay: outputs[t]!,
      source: k === 0 ? 'Lemma A.3' : 'size of the next kernel',
    })),
    ...sizes.map(({ order, decay }) => ({ quantity: `|K_${order}| at t = 0`, decay, source: 'Lemma A.3' })),
  ];
}

/** Lines of at most 100 columns. */
export function dynamicsTable(report: DynamicsReport): string {
  const head = ['largest relative', 'claimed', 'slope', ...report.widths.map((w) => `m = ${w}`), ''];
  const rows = dynamicsRows(report).map(({ quantity, decay }) => [
    quantity,
    report.smooth ? claimText(decay) : '',
    slopeText(decay),
    ...decay.median.map((value) => value.toExponential(1)),
    verdictText(decay),
  ]);
  const right = [2, ...report.widths.map((_, k) => 3 + k)];
  return [...alignedTable([head, ...rows], { right, ruled: true }), ''].join('\n');
}

export const slopeText = ({ slope, standardError }: Decay): string =>
  slope === null ? 'zero' : `${slope.toFixed(2).replace('-', '−')} ± ${standardError.toFixed(2)}`;

/** Õ hides powers of log m. */
export const claimText = ({ claim }: Decay): string => `Õ(1/m${claim.rate === 1 ? '' : '²'})`;

export const verdictText = ({ consistent, slope }: Decay): string =>
  consistent === null ? 'not claimed' : slope === null ? 'exact' : consistent ? 'agrees' : 'SLOWER';
