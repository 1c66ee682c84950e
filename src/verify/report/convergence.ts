import type { TopLevelSpec } from 'vega-lite';
import { upperEntries } from '../statistics/kernelTest.ts';
import type { KernelTest } from '../types.ts';
import { colours } from './render.ts';

interface Point {
  readonly width: number;
  readonly size: number;
  readonly low: number;
  readonly high: number;
}

/** |mean − limit| against width on logarithmic axes, for each kernel: points, error bars, and the fitted bias. */
export function convergence(tests: readonly KernelTest[]): TopLevelSpec {
  return {
    description:
      'Deviation of finite networks from the limit against width, with error bars and the fitted 1/width line.',
    spacing: 24,
    hconcat: tests.map((test, k) => panel(test, k === 0)),
  } as unknown as TopLevelSpec;
}

function panel(test: KernelTest, first: boolean) {
  const { bias, kernel } = test;
  const others = otherEntries(test);
  const shown = test.widths.map(({ width }, k) => point(width, bias.relative[k]!, bias.relativeError[k]!));
  const sizes = [...others, ...shown].map((p) => p.size).filter((v) => v > 0);
  const floor = Math.max(1e-9, Math.min(...sizes, ...shown.map((p) => p.high)) / 3);
  const top = Math.max(...sizes, ...shown.map((p) => p.high), floor * 10) * 1.3;
  const clipped = shown.map((p) => ({ ...p, low: Math.max(p.low, floor), size: Math.max(p.size, floor) }));
  const widths = test.widths.map((w) => w.width);
  const x = {
    field: 'width',
    type: 'quantitative',
    title: 'width of the hidden layers',
    scale: { type: 'log', domain: [widths[0]! / 1.3, widths.at(-1)! * 1.3], nice: false },
    axis: { values: widths, format: 'd', grid: false },
  };
  const y = (field: string) => ({
    field,
    type: 'quantitative',
    title: first ? 'relative deviation' : null,
    scale: { type: 'log', domain: [floor, top], nice: false },
    axis: { values: decades(floor, top), format: '.0e' },
  });
  const line = (values: readonly object[], colour: string, dash: readonly number[]) => ({
    data: { values },
    mark: { type: 'line', color: colour, strokeDash: dash, strokeWidth: 1.5, clip: true },
    encoding: { x, y: y('size') },
  });
  return {
    title: { text: kernel, subtitle: subtitleOf(test) },
    width: 225,
    height: 200,
    layer: [
      {
        data: { values: others.filter((p) => p.size > floor) },
        mark: { type: 'point', color: colours.other, opacity: 0.45, size: 18 },
        encoding: { x, y: y('size') },
      },
      {
        data: { values: biasLine(test, floor) },
        mark: { type: 'area', color: colours.limit, opacity: 0.18, clip: true },
        encoding: { x, y: y('low'), y2: { field: 'high' } },
      },
      line(biasLine(test, floor), colours.limit, []),
      line(noise(test), colours.other, [3, 3]),
      {
        data: { values: clipped },
        mark: { type: 'rule', color: colours.measured, strokeWidth: 2, clip: true },
        encoding: { x, y: y('low'), y2: { field: 'high' } },
      },
      {
        data: { values: clipped },
        mark: { type: 'point', filled: true, color: colours.measured, size: 60, opacity: 1 },
        encoding: { x, y: y('size') },
      },
    ],
  };
}

/** 1, 2 and 5 times powers of ten in a range; only the powers where there are many. */
function decades(from: number, to: number): readonly number[] {
  const first = Math.floor(Math.log10(from));
  const powers = Array.from({ length: Math.ceil(Math.log10(to)) - first + 1 }, (_, k) => 10 ** (first + k));
  const steps = powers.length > 4 ? [1] : [1, 2, 5];
  return powers.flatMap((p) => steps.map((s) => s * p)).filter((v) => v >= from && v <= to);
}

const point = (width: number, value: number, error: number): Point => ({
  width,
  size: Math.abs(value),
  low: Math.abs(value) - 2 * error,
  high: Math.abs(value) + 2 * error,
});

function subtitleOf({ bias }: KernelTest): string {
  const slope = bias.logLogSlope;
  return slope === null
    ? 'bias hardly above the noise'
    : `orange points: log-log slope ${slope.toFixed(2).replace('-', '−')}`;
}

function otherEntries({ n, widths }: KernelTest): readonly Point[] {
  return widths.flatMap(({ width, mean, limit }) =>
    upperEntries(n).map((e) => {
      const [i, j] = [Math.floor(e / n), e % n];
      const scale = Math.sqrt(Math.abs(limit[i * n + i]! * limit[j * n + j]!)) || 1;
      return point(width, (mean[e]! - limit[e]!) / scale, 0);
    }),
  );
}

/** |slope|/width from the narrowest to the widest, and the band of two standard errors around it. */
function biasLine({ bias, widths }: KernelTest, floor: number): readonly Point[] {
  return [widths[0]!.width, widths.at(-1)!.width].map((width) => {
    const { size, low, high } = point(width, bias.slope / width, bias.slopeError / width);
    return { width, size: Math.max(size, floor), low: Math.max(low, floor), high };
  });
}

const noise = ({ bias, widths }: KernelTest) =>
  widths.map(({ width }, k) => ({ width, size: bias.relativeError[k]! })).filter((p) => p.size > 0);
