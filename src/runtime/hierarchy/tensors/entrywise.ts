/** Products and sums of tensors entry by entry. */
import { type Bench, tableSize } from './bench.ts';
import { type Labelled, merged, sizeOf, type Tensor, type Walk, walkOf } from './tensor.ts';

/** Entries in a task. */
export const entriesAtOnce = 4096;

/** Some rows of the result, each in order: where they begin, and three parameters of each part. */
type Rows = (to: number, rows: number, length: number, parts: readonly (readonly number[])[]) => void;

/** Calls `run` for rows of out[letters]; a part that lacks an axis is the same for all positions along it. */
export function entrywise(bench: Bench, out: Tensor, letters: string, parts: readonly Labelled[], run: Rows): void {
  const walks = merged([[letters, out] as const, ...parts].map((part) => walkOf(letters, out.shape, part)));
  const own = walks.slice(1).map((walk, p) => ({ ...splitLast(walk), at: parts[p]![1].at }));
  const { sizes } = walks[0]!;
  const length = sizes.at(-1) ?? 1;
  const rows = sizeOf(sizes.slice(0, -1));
  // Tables of all parts lie one after another.
  const most = Math.max(1, Math.floor((4 * tableSize) / Math.max(1, parts.length)));
  const runRows = (from: number, to: number, start: number, count: number) => {
    for (let r = from; r < to; r += most) {
      const last = Math.min(r + most, to);
      const given = own.map(({ at, outer, step }, p) => [
        at + start * step,
        bench.table(p * most, outer, r, last),
        step,
      ]);
      run(out.at + 8 * (r * length + start), last - r, count, given);
    }
  };
  if (rows === 1) bench.each(length, entriesAtOnce, (from, to) => runRows(0, 1, from, to - from));
  else bench.each(rows, entriesAtOnce / length, (from, to) => runRows(from, to, 0, length));
}

function splitLast({ sizes, strides }: Walk): { readonly outer: Walk; readonly step: number } {
  return { outer: { sizes: sizes.slice(0, -1), strides: strides.slice(0, -1) }, step: 8 * (strides.at(-1) ?? 0) };
}
