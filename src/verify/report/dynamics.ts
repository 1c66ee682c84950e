/** Training against the hierarchy: a picture of two panels, and its section of the report. */
import type { TopLevelSpec } from 'vega-lite';
import { escapeHtml } from '../../derive/explain/escapeHtml.ts';
import {
  claimText,
  type DynamicsReport,
  dynamicsRows,
  groupTitles,
  type NoDynamics,
  shownTime,
  slopeText,
  timeText,
  verdictText,
} from '../dynamics/index.ts';
import { figure, htmlTable } from './html.ts';
import { colours, renderSvg } from './render.ts';

/** Colour, shape, whether filled, and size, in the order of the approximations: the last lies on the third. */
const looks = [
  { colour: colours.other, shape: 'square', size: 45, line: 1.5 },
  { colour: colours.limit, shape: 'triangle-up', size: 45, line: 1.5 },
  { colour: '#3f9d6a', shape: 'circle', size: 30, line: 4 },
  { colour: colours.measured, shape: 'diamond', size: 130, line: 1.5 },
] as const;

/** Errors of the kernel: against 1/width at one time, and against time at the widest networks; logarithmic axes. */
export function dynamicsPlot(report: DynamicsReport): TopLevelSpec {
  return {
    description: 'Error of each approximation of the trained kernel, against 1/width and against time.',
    spacing: 44,
    hconcat: [widthPanel(report), timePanel(report)],
    resolve: { scale: { color: 'shared', shape: 'shared' }, legend: { color: 'shared', shape: 'shared' } },
  } as unknown as TopLevelSpec;
}

interface Point {
  readonly method: string;
  /** 1/width, or the time. */
  readonly at: number;
  readonly error: number;
  readonly low: number;
  readonly high: number;
}

function widthPanel(report: DynamicsReport) {
  const { approximations, widths, times } = report;
  const t = shownTime(report);
  const points = approximations.flatMap(({ name, kernel }) =>
    widths.map((width, k): Point => {
      const { median, low, high } = kernel[t]!;
      return { method: name, at: 1 / width, error: median[k]!, low: low[k]!, high: high[k]! };
    }),
  );
  const x = {
    ...position('1/width of the hidden layers', widths.map((w) => 1 / w).toReversed(), 1.25),
    axis: { values: widths.map((w) => 1 / w), labelExpr: "'1/' + format(1/datum.value, 'd')", grid: false },
  };
  const y = errorScale(points.map(({ error }) => error));
  const references = (report.smooth ? [1, 2] : []).map((slope) => ({ slope, points: reference(report, t, slope) }));
  return {
    title: { text: 'Error of the kernel against width', subtitle: `at t = ${timeText(times[t]!)}` },
    ...size,
    layer: [
      ...references.map(({ points: values }) => ({
        data: { values },
        mark: { type: 'line', color: '#8a8f98', strokeDash: [4, 3], strokeWidth: 1, clip: true },
        encoding: { x, y },
      })),
      ...references.map(({ slope, points: [, end] }) => ({
        data: { values: [{ ...end, text: `slope ${slope}` }] },
        mark: { type: 'text', align: 'right', baseline: 'bottom', dx: -2, dy: -3, fontSize: 10, color: '#8a8f98' },
        encoding: { x, y, text: { field: 'text' } },
      })),
      ...curves(report, points, x, y),
    ],
  };
}

function timePanel(report: DynamicsReport) {
  const { approximations, widths, times } = report;
  const last = widths.length - 1;
  const points = approximations.flatMap(({ name, kernel }) =>
    times.map((time, t): Point => {
      const { median, low, high } = kernel[t]!;
      return { method: name, at: time, error: median[last]!, low: low[last]!, high: high[last]! };
    }),
  );
  const x = { ...position('time t', times, 1.25), axis: { values: times, format: '.3~g', grid: false } };
  const y = errorScale(points.map(({ error }) => error));
  return {
    title: { text: 'and against time', subtitle: `at width ${widths[last]}` },
    ...size,
    layer: curves(report, points, x, { ...y, title: null }),
  };
}

const size = { width: 330, height: 260 };

const position = (title: string, values: readonly number[], margin: number) => ({
  field: 'at',
  type: 'quantitative',
  title,
  scale: { type: 'log', domain: [values[0]! / margin, values.at(-1)! * margin], nice: false },
});

/** Whole decades around the values, with room for marks; an error of zero has no place on it. */
function errorScale(values: readonly number[]) {
  const positive = values.filter((v) => v > 0);
  const from = Math.floor(Math.log10(Math.min(1, ...positive) * 0.6));
  const to = Math.max(from + 1, Math.ceil(Math.log10(Math.max(1e-300, ...positive) * 1.6)));
  return {
    field: 'error',
    type: 'quantitative',
    title: 'largest relative error',
    scale: { type: 'log', domain: [10 ** from, 10 ** to], nice: false },
    axis: { values: Array.from({ length: to - from + 1 }, (_, k) => 10 ** (from + k)), format: '.0e' },
  };
}

/** A line of this slope through the middle of the frozen kernel (slope 1) or of the closed form (slope 2). */
function reference(
  report: DynamicsReport,
  t: number,
  slope: number,
): readonly { readonly at: number; readonly error: number }[] {
  const { widths, approximations } = report;
  const { median } = approximations[slope === 1 ? 0 : 3]!.kernel[t]!;
  const logMean = median.reduce((sum, v, k) => sum + Math.log(v) + slope * Math.log(widths[k]!), 0) / widths.length;
  const ends = [1 / (widths.at(-1)! * 1.2), 1.2 / widths[0]!];
  return ends.map((at) => ({ at, error: Math.exp(logMean) * at ** slope }));
}

/** For each approximation: medians joined by a line, and the middle half of the networks as a bar. */
function curves({ approximations }: DynamicsReport, points: readonly Point[], x: object, y: object): readonly object[] {
  const names = approximations.map(({ name }) => name);
  const legend = { title: null, orient: 'bottom', direction: 'horizontal', symbolOpacity: 1, symbolStrokeWidth: 2 };
  const by = (range: readonly string[]) => ({
    ...{ field: 'method', type: 'nominal', sort: null, legend },
    scale: { domain: names, range },
  });
  const [color, shape] = [by(looks.map((look) => look.colour)), by(looks.map((look) => look.shape))];
  return looks.flatMap(({ size, line }, k) => {
    const data = { values: points.filter(({ method, error }) => method === names[k] && error > 0) };
    return [
      {
        data,
        mark: { type: 'rule', strokeWidth: 1.5, opacity: 0.5, clip: true },
        encoding: { x, y: { ...y, field: 'low' }, y2: { field: 'high' }, color },
      },
      { data, mark: { type: 'line', strokeWidth: line, opacity: 0.8 }, encoding: { x, y, color } },
      { data, mark: { type: 'point', strokeWidth: 2, size, opacity: 1 }, encoding: { x, y, color, shape } },
    ];
  });
}

/** The section of the report: what was trained, the picture, every rate; or why there is none. */
export async function dynamicsSection(report: DynamicsReport | NoDynamics): Promise<readonly string[]> {
  const head = '<h2>Training and the hierarchy</h2>';
  if ('skipped' in report) return [head, `<p>Not compared. ${escapeHtml(report.skipped)}</p>`];
  return [head, introduction(report), figure(await renderSvg(dynamicsPlot(report)), caption(report)), rates(report)];
}

function introduction({ n, points, networks, widths, centred, smooth, forcedShare }: DynamicsReport): string {
  const kinks = smooth
    ? ''
    : ` The activation has kinks: derivatives are taken piecewise, the theorem does not apply, and nothing is claimed${forcedShare > 0 ? '; some neurons slid along a kink, where the integrator only follows on average' : ''}.`;
  return [
    `<p>${networks} networks of each width ${widths.join(', ')} were trained by gradient flow on ${n} inputs with targets ±1${centred ? ' (on f − f<sub>0</sub>, so that all start from the same residual)' : ''}; the kernel K<sub>t</sub> of the trained network is compared at ${points} points with what the neural tangent hierarchy predicts from its parameters at t = 0: the kernel held fixed (K₂ frozen), the equations dK<sub>r</sub>/dt = −(1/n) Σ K<sub>r+1</sub>(…, x<sub>i</sub>)(f(x<sub>i</sub>) − y<sub>i</sub>) cut at K₃ and K₄, and the closed form K̂<sub>t</sub> of equation (4) of lantk.`,
    `${kinks}</p>`,
  ].join('');
}

function caption({ networks, smooth }: DynamicsReport): string {
  const bars = `Points: median of ${networks} networks; bars: the middle half of them. Errors are the largest over all pairs of points, relative to the largest entry of K<sub>0</sub>.`;
  if (!smooth)
    return `Look for: errors that agree with each other from the first kink on that a neuron crosses: the hierarchy knows nothing of jumps of φ'. ${bars}`;
  return `Look for: on the left, K₂ and K₃ frozen falling along the dashed line of slope 1 (an error of order 1/width), K₄ frozen and K̂ along that of slope 2; Theorem 2.1 states 1/width² for K̂, up to powers of log(width), which make slopes smaller at such widths. On the right, for short times, errors that grow like t, t², t³ and t³. ${bars}`;
}

const slopesCaption =
  'Slopes of log(size) against log(width m) over all networks, with their standard errors, and medians.';
const claimsCaption =
  'Õ hides powers of log m; the claim is taken with (log m)<sup>r/2</sup>, K<sub>r</sub> being the first kernel left out: a term of K<sub>r</sub> carries at most r output weights, and the largest of m is about √(2 log m). A slope agrees if it is at most that of the claim over these widths plus three standard errors. This is reported, and no part of the verdict above.';

function rates(report: DynamicsReport): string {
  const { smooth, widths } = report;
  const titles = groupTitles(report);
  const rows = dynamicsRows(report);
  return htmlTable(
    smooth ? `${slopesCaption} ${claimsCaption}` : slopesCaption,
    ['largest, relative', 'claim', 'from', 'slope', ...widths.map((w) => `m = ${w}`), 'result'],
    (['kernel', 'outputs', 'sizes'] as const).map((group) => ({
      title: subscripts(titles[group]),
      rows: rows
        .filter((row) => row.group === group)
        .map(({ name, decay, source }) => [
          escapeHtml(name),
          smooth ? claimText(decay) : '',
          smooth ? escapeHtml(source) : '',
          slopeText(decay),
          ...decay.median.map((v) => (v === 0 ? '0' : v.toExponential(1).replace('-', '−'))),
          mark(verdictText(decay)),
        ]),
    })),
    [3, ...widths.map((_, k) => 4 + k)],
  );
}

const subscripts = (text: string): string => escapeHtml(text).replaceAll(/_(\w)/g, '<sub>$1</sub>');

function mark(verdict: string): string {
  if (verdict === 'not claimed') return '<span class="soft">not claimed</span>';
  return verdict === 'SLOWER' ? '<span class="no">✘ slower</span>' : `<span class="yes">✔ ${verdict}</span>`;
}
