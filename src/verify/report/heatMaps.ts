import type { TopLevelSpec } from 'vega-lite';
import type { KernelTest } from '../types.ts';

interface Cell {
  readonly row: string;
  readonly column: string;
  readonly value: number;
  readonly text: string;
}

/** Beyond this many samples a cell is too small for its number. */
const mostWithText = 8;
/** Scores at least this far from zero get the darkest colours. */
const deepest = 5;

/** The limit, the mean of the widest networks, their difference in standard errors, and the score that is judged. */
export function heatMaps(test: KernelTest): TopLevelSpec {
  const { n, kernel } = test;
  const widest = test.widths.at(-1)!;
  const { limit, mean, standardError } = widest;
  const values = [...limit, ...mean];
  const domain = [Math.min(...values), Math.max(...values)] as const;
  const difference = mean.map((m, e) => (m - limit[e]!) / (standardError[e]! || Number.POSITIVE_INFINITY));
  const side = 180;
  const panel = (title: string, subtitle: string, matrix: readonly number[], score: boolean, first = false) => ({
    title: { text: title, subtitle },
    width: side,
    height: side,
    data: { values: cells(matrix, n, score) },
    encoding: {
      x: { field: 'column', type: 'ordinal', title: 'input j', sort: null, axis: { labelAngle: 0, orient: 'bottom' } },
      y: { field: 'row', type: 'ordinal', title: first ? 'input i' : null, sort: null },
    },
    layer: [
      { mark: 'rect', encoding: { color: score ? scoreColour() : kernelColour(domain) } },
      ...(n > mostWithText ? [] : [label(score ? scoreInk : kernelInk(domain))]),
    ],
  });
  return {
    description: `Heat maps of the ${kernel} Gram matrix: limit, mean of finite networks, and their difference.`,
    spacing: 18,
    resolve: { scale: { color: 'independent' }, legend: { color: 'independent' } },
    hconcat: [
      panel('Derived limit', 'infinite width', limit, false, true),
      panel('Measured mean', `width ${widest.width}, ${widest.samples} networks`, mean, false),
      panel('Difference', '(mean − limit)/standard error', difference, true),
      panel('Score at infinite width', `judged: rejects beyond ±${test.threshold.toFixed(1)}`, test.z, true),
    ],
  } as unknown as TopLevelSpec;
}

const cells = (matrix: readonly number[], n: number, score: boolean): readonly Cell[] =>
  matrix.map((value, e) => ({
    row: `${Math.floor(e / n)}`,
    column: `${e % n}`,
    value,
    text: (score ? value.toFixed(1).replace('-0.0', '0.0') : short(value)).replace('-', '−'),
  }));

/** Two digits, as a cell has room for. */
const short = (value: number): string => {
  const size = Math.abs(value);
  if (size === 0) return '0';
  if (size >= 1000 || size < 0.01) return value.toExponential(0);
  return Number(value.toPrecision(2)).toFixed(size < 0.1 ? 3 : size < 1 ? 2 : size < 10 ? 1 : 0);
};

const bar = { orient: 'bottom', gradientLength: 180, gradientThickness: 8 } as const;

const kernelColour = (domain: readonly [number, number]) => ({
  field: 'value',
  type: 'quantitative',
  scale: { scheme: 'viridis', domain },
  legend: { ...bar, title: 'kernel value' },
});

const scoreColour = () => ({
  field: 'value',
  type: 'quantitative',
  scale: { scheme: 'redblue', domain: [-deepest, deepest], reverse: true, clamp: true },
  legend: { ...bar, title: 'standard errors' },
});

const label = (ink: unknown) => ({
  mark: { type: 'text', fontSize: 10.5 },
  encoding: { text: { field: 'text' }, color: ink },
});

/** White on the dark half of viridis, black on its light half. */
const kernelInk = ([least, most]: readonly [number, number]) => ({
  condition: { test: `datum.value > ${least + 0.6 * (most - least)}`, value: '#111' },
  value: '#fff',
});
const scoreInk = { condition: { test: 'abs(datum.value) > 3', value: '#fff' }, value: '#111' };
