/** Tables of shifts that are plain strides and offsets. */
import type { LinearAxis, ShiftAxis } from '../../../ir/program/index.ts';

/** Output P reads stride·P + offset, for each offset of the window, and nothing where that is no position. */
export interface AffineAxis {
  readonly stride: number;
  readonly offsets: readonly number[];
}

/** The stride and offsets of a table from `from` positions to `to`; undefined where it has none, as one that wraps around. */
export function affineAxis(axis: ShiftAxis, from: number, to: number): AffineAxis | undefined {
  const read = axis.filter((table) => table.some((p) => p >= 0));
  const stride = strideOf(read);
  if (stride === undefined) return undefined;
  const offsets = read.map((table) => {
    const first = table.findIndex((p) => p >= 0);
    return (table[first] as number) - stride * first;
  });
  const isPlain = read.every((table, o) =>
    table.every((p, out) => {
      const expected = stride * out + (offsets[o] as number);
      return p === (expected >= 0 && expected < from ? expected : -1);
    }),
  );
  return isPlain && read.length > 0 && to > 0 ? { stride, offsets } : undefined;
}

/** The step between two outputs next to each other that both read something; 1 where there is no such pair. */
function strideOf(tables: ShiftAxis): number | undefined {
  const steps = tables.flatMap((table) =>
    table.flatMap((p, out) => {
      const before = out === 0 ? -1 : (table[out - 1] as number);
      return p >= 0 && before >= 0 ? [p - before] : [];
    }),
  );
  const step = steps[0] ?? 1;
  return step > 0 && steps.every((s) => s === step) ? step : undefined;
}

/** Output P is the sum of weights[i]·(stride·P + offset + i). */
export interface WindowAxis {
  readonly stride: number;
  readonly offset: number;
  readonly weights: readonly number[];
}

/** The matrix of an axis as one window that moves; undefined where its rows differ in more than their place. */
export function windowAxis(axis: LinearAxis): WindowAxis | undefined {
  const [first, second] = axis;
  if (first === undefined || first.weights.length === 0) return undefined;
  const stride = second === undefined ? 1 : second.from - first.from;
  const isWindow = axis.every(
    ({ from, weights }, out) => from === first.from + stride * out && weights.join() === first.weights.join(),
  );
  return isWindow && stride > 0 ? { stride, offset: first.from, weights: first.weights } : undefined;
}
