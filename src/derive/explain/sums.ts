/** Statements that look at several positions, as sums: (1/9)·∑_{o∈{−1,0,1}²} Σ⁰(x,x')[p+o,p'+o]. */
import { type LinearAxis, type MovingStatement, positionsOf, type ShiftAxis } from '../../ir/program/index.ts';
import { layoutScalar, num, superscript } from '../../ir/scalar/index.ts';
import type { Derivation } from '../derivation.ts';
import { statementsOf } from './statements.ts';
import { type Special, type Where, type Written, whereOf, writeNamed } from './writing.ts';

type Sum = Exclude<MovingStatement, { kind: 'softmax' }>;

/** The right side of a sum, as one term. */
export function writeSum(d: Derivation, s: Sum, where: Where = whereOf(s)): Written {
  const { named } = statementsOf(d);
  const from = named.get(s.of);
  const place = s.domain === 'pair' ? 'pair' : 'x';
  const of = (first: string, second: string) => writeNamed(d, s.of, place, `[${first},${second}]`);
  const second = where.domain !== 'self' && where.span !== 'diagonal' ? "p'" : 'p';
  switch (s.kind) {
    case 'shiftSum': {
      const window = windowOf(s.axes, from?.grid?.extents ?? []);
      if (window === undefined) return both(s.scale, '\\sum_{o} ', '∑ₒ ', of('r_o(p)', `r_o(${second})`));
      const value = of(window.read('p', 'o'), window.read(second, 'o'));
      if (window.isPoint) return both(s.scale, '', '', value);
      return both(s.scale, `\\sum_{o \\in ${window.set.tex}} `, `∑_{o∈${window.set.text}} `, value);
    }
    case 'linear': {
      const pool = poolOf(s.axes, from?.grid?.extents ?? []);
      if (pool === undefined) return mixed('A[p,r]', `A[${second},r']`, of('r', "r'"));
      const value = of(pool.read('p', 'o'), pool.read(second, "o'"));
      const over = { tex: `\\sum_{o,o' \\in ${pool.set.tex}} `, text: `∑_{o,o'∈${pool.set.text}} ` };
      return both(pool.weight ** 2, over.tex, over.text, value);
    }
    case 'reduce':
      return s.over === 'all'
        ? both(s.scale, "\\sum_{p,p'} ", "∑_{p,p'} ", of('p', "p'"))
        : both(s.scale, '\\sum_{p} ', '∑ₚ ', of('p', 'p'));
    case 'average': {
      const n = positionsOf(from?.grid?.extents ?? []);
      const whole = s.axes.every((axis) => axis.every((row) => row.from === 0 && row.weights.length === axis.length));
      return whole
        ? both(1 / n, '\\sum_{r} ', '∑ᵣ ', of('r', 'r'))
        : both(1, '\\sum_{r} A[p,r] \\,', '∑ᵣ A[p,r]·', of('r', 'r'));
    }
    case 'onlyDiagonal': {
      const value = of('p', second);
      return second === 'p' ? value : { tex: `\\delta_{p p'} \\, ${value.tex}`, text: `δ_{pp'}·${value.text}` };
    }
    case 'contract': {
      const matrix = (at: 'x' | 'y', p: string, r: string) => writeNamed(d, s.matrix, at, `[${p},${r}]`);
      const [left, right] = [matrix('x', 'p', 'r'), matrix(s.domain === 'pair' ? 'y' : 'x', second, "r'")];
      const value = of('r', "r'");
      return {
        tex: `\\sum_{r,r'} ${left.tex} \\, ${value.tex} \\, ${right.tex}`,
        text: `∑_{r,r'} ${left.text}·${value.text}·${right.text}`,
      };
    }
  }
}

/** Writes the sums that stand inside the formulas that read them. */
export const sumWriter =
  (d: Derivation, where: Where): Special =>
  (name, place, style) => {
    const { named, inlined } = statementsOf(d);
    const s = inlined.has(name) && place !== 'y' ? named.get(name) : undefined;
    return s === undefined ? undefined : writeSum(d, s as Sum, where)[style];
  };

/** What must be known to read a sum: what lies outside, what its matrices are. */
export function noteOf(d: Derivation, s: Sum): string | undefined {
  const from = statementsOf(d).named.get(s.of)?.grid?.extents ?? [];
  const given = s.kind === 'shiftSum' || s.kind === 'linear' || s.kind === 'average' ? s : undefined;
  if (given === undefined) return undefined;
  if (given.kind === 'shiftSum') {
    const window = windowOf(given.axes, from);
    if (window?.isSpread) return 'Values at positions that are not whole, or outside, are 0.';
    if (window?.wraps) return `Positions are taken modulo ${from.join(' × ')}.`;
    const outside = given.axes.flat(2).includes(-1);
    if (window === undefined)
      return `r_o(p) is the position that output p reads at offset o; ${outside ? 'a term that reads none is 0.' : ''}`;
    return outside ? 'Values at positions outside are 0.' : undefined;
  }
  if (given.kind === 'linear') {
    const pool = poolOf(given.axes, from);
    if (pool?.clipped) return 'Values at positions outside are 0.';
    return pool === undefined ? 'A[p,r] is the weight of position r in output p.' : undefined;
  }
  return undefined;
}

/** weight · sum value. */
function both(scale: number, tex: string, text: string, value: Written): Written {
  const per = Math.round(1 / scale);
  const isPart = Math.abs(scale * per - 1) < 1e-9;
  const number = num(scale);
  const weight =
    scale === 1
      ? { tex: '', text: '' }
      : isPart
        ? { tex: `\\tfrac{1}{${per}} `, text: `(1/${per})·` }
        : { tex: `${layoutScalar(number, 'tex')} \\, `, text: `${layoutScalar(number, 'text')}·` };
  return { tex: `${weight.tex}${tex}${value.tex}`, text: `${weight.text}${text}${value.text}` };
}

const mixed = (left: string, right: string, value: Written): Written => ({
  tex: `\\sum_{r,r'} ${left} \\, ${right} \\, ${value.tex}`,
  text: `∑_{r,r'} ${left}·${right}·${value.text}`,
});

interface AxisWindow {
  readonly stride: number;
  /** First and last offset. */
  readonly first: number;
  readonly last: number;
  readonly wraps: boolean;
  /** Of a transposed convolution: the input is spread out by it. */
  readonly divisor: number;
}
interface WrittenWindow {
  readonly set: Written;
  readonly wraps: boolean;
  readonly isSpread: boolean;
  /** One offset alone: a slice. */
  readonly isPoint: boolean;
  /** The position that output p reads at offset o. */
  read(p: string, o: string): string;
}

/** undefined where the tables are no window that slides over the positions, as of a transposed convolution. */
function windowOf(axes: readonly ShiftAxis[], extents: readonly number[]): WrittenWindow | undefined {
  const found = axes.map((axis, a) => slidingWindow(axis, extents[a] as number));
  return found.every((w) => w !== undefined) ? written(found) : undefined;
}

/** table[o][P] = stride·P + o − low, −1 outside or taken modulo n; or (P + o − low)/divisor, −1 where that is not whole. */
function slidingWindow(axis: ShiftAxis, n: number): AxisWindow | undefined {
  const clip = (p: number) => (p >= 0 && p < n ? p : -1);
  const wrap = (p: number) => ((p % n) + n) % n;
  // Nearest first: a window of outputs that are few fits several ways.
  const lows = Array.from({ length: 2 * n + 1 }, (_, i) => (i % 2 === 0 ? -i / 2 : (i + 1) / 2));
  for (const outside of [clip, wrap])
    for (let stride = 1; stride <= n; stride++)
      for (const low of lows)
        if (axis.every((table, o) => table.every((p, P) => p === outside(stride * P + o - low))))
          return { stride, first: -low, last: axis.length - 1 - low, wraps: outside === wrap, divisor: 1 };
  for (let divisor = 2; divisor <= (axis[0]?.length ?? 0); divisor++)
    for (let low = 0; low < axis.length + divisor; low++)
      if (axis.every((table, o) => table.every((p, P) => p === clip(whole((P + o - low) / divisor)))))
        return { stride: 1, first: -low, last: axis.length - 1 - low, wraps: false, divisor };
  return undefined;
}

const whole = (p: number): number => (Number.isInteger(p) ? p : -1);

/** 2 for both axes, or (2,1). */
const together = (numbers: readonly number[]): string =>
  numbers.every((n) => n === numbers[0]) ? `${numbers[0]}` : `(${numbers.join(',')})`;

function written(axes: readonly AxisWindow[]): WrittenWindow {
  const strides = axes.map((w) => w.stride);
  const divisors = axes.map((w) => w.divisor);
  const factor = strides.every((s) => s === 1) ? '' : together(strides);
  const isPoint = axes.every((w) => w.first === w.last);
  const offset = axes.map((w) => w.first);
  const point = offset.every((o) => o === 0) ? '' : signed(offset);
  return {
    set: setOf(axes),
    wraps: axes.some((w) => w.wraps),
    isSpread: divisors.some((n) => n > 1),
    isPoint,
    read: (p, o) => {
      const sum = `${factor}${p}${isPoint ? point : `+${o}`}`;
      return divisors.every((n) => n === 1) ? sum : `(${sum})/${together(divisors)}`;
    },
  };
}

const signed = ([first = 0, ...others]: readonly number[]): string =>
  others.length > 0 ? `+(${[first, ...others]})` : `${first < 0 ? '-' : '+'}${Math.abs(first)}`;

/** {−1,0,1}², {0,1} × {0,…,4}. */
function setOf(axes: readonly AxisWindow[]): Written {
  const one = ({ first, last }: AxisWindow, dots: string, minus: string, [open, close]: readonly [string, string]) => {
    const all = Array.from({ length: last - first + 1 }, (_, i) => `${first + i}`.replace('-', minus));
    const shown = all.length > 3 ? [all[0], dots, all.at(-1)] : all;
    return `${open}${shown.join(',')}${close}`;
  };
  const tex = axes.map((w) => one(w, '\\dots', '-', ['\\{', '\\}']));
  const text = axes.map((w) => one(w, '…', '−', ['{', '}']));
  const power = (sets: readonly string[], exponent: string, times: string) =>
    sets.every((s) => s === sets[0]) ? `${sets[0]}${sets.length > 1 ? exponent : ''}` : sets.join(times);
  return {
    tex: power(tex, `^${axes.length}`, ' \\times '),
    text: power(text, superscript(axes.length), '×'),
  };
}

interface WrittenPool extends WrittenWindow {
  /** Of one position. */
  readonly weight: number;
  readonly clipped: boolean;
}

/** Windows that slide over the positions, all weights equal; undefined for other matrices. */
function poolOf(axes: readonly LinearAxis[], extents: readonly number[]): WrittenPool | undefined {
  const found = axes.map((axis, a) => slidingPool(axis, extents[a] as number));
  if (!found.every((w) => w !== undefined)) return undefined;
  const weight = axes.reduce((product, axis) => product * (axis[0]?.weights[0] ?? 0), 1);
  return { ...written(found), weight, clipped: found.some((w) => w.clipped) };
}

function slidingPool(axis: LinearAxis, n: number): (AxisWindow & { readonly clipped: boolean }) | undefined {
  const weights = axis.flatMap((row) => row.weights);
  if (weights.some((w) => Math.abs(w - (weights[0] as number)) > 1e-12)) return undefined;
  const size = Math.max(...axis.map((row) => row.weights.length));
  for (let stride = 1; stride <= n; stride++)
    for (let low = 0; low < size; low++) {
      const fits = axis.every(({ from, weights: own }, P) => {
        const start = Math.max(0, stride * P - low);
        return from === start && own.length === Math.min(n, stride * P - low + size) - start;
      });
      if (fits)
        return {
          stride,
          first: -low,
          last: size - 1 - low,
          wraps: false,
          divisor: 1,
          clipped: axis.some((r) => r.weights.length < size),
        };
    }
  return undefined;
}
