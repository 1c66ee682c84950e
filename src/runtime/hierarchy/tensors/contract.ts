/** Sums of products of two tensors: tiles of packed panels, or plain sums where a side is narrow. */
import { columnBytes, panelBytes, panelRows, tileSize } from '../../../codegen/linear/shape.ts';
import { type Bench, tableSize } from './bench.ts';
import { type Labelled, merged, sizeOf, sizesOf, type Tensor, type Walk, walkOf } from './tensor.ts';

/** One or two tensors, the latter meaning their entrywise product. */
export type Side = readonly [Labelled] | readonly [Labelled, Labelled];

/** Letters of the axes of a contraction: of both sides, of one, and those summed over. */
interface Axes {
  readonly batch: string;
  readonly rows: string;
  readonly columns: string;
  readonly inner: string;
}

const lettersOf = (side: Side): string => side.map(([letters]) => letters).join('');

function axesOf(letters: string, left: Side, right: Side): Axes {
  const [inLeft, inRight] = [lettersOf(left), lettersOf(right)];
  const out = [...letters];
  const inner = [...new Set(inLeft)].filter((letter) => !letters.includes(letter));
  return {
    batch: out.filter((letter) => inLeft.includes(letter) && inRight.includes(letter)).join(''),
    rows: out.filter((letter) => !inRight.includes(letter)).join(''),
    columns: out.filter((letter) => !inLeft.includes(letter)).join(''),
    inner: inner.join(''),
  };
}

/** Rows or columns below which packing takes longer than what it saves. */
const fewest = 4;

/** out[letters] = Σ left·right over the letters that it lacks; `letters` are those of both sides, of the left, of the right. */
export function contract(bench: Bench, out: Tensor, letters: string, left: Side, right: Side): void {
  const axes = axesOf(letters, left, right);
  const parts = [...left, ...right];
  const count = (own: string) => sizeOf(sizesOf(own, parts));
  const isNarrow = Math.min(count(axes.rows), count(axes.columns)) < fewest;
  if (isNarrow && parts.length === 2) dots(bench, out, letters, axes.inner, parts);
  else tiles(bench, out, axes, left, right);
}

/** Entries of the result in a task of `dots`. */
const dotsAtOnce = 256;

function dots(bench: Bench, out: Tensor, letters: string, inner: string, parts: readonly Labelled[]): void {
  const [a, b] = parts.map(([, { at }]) => at);
  const outer = merged(parts.map((part) => walkOf(letters, out.shape, part)));
  const sums = merged(parts.map((part) => walkOf(inner, sizesOf(inner, parts), part)));
  const depth = sizeOf(sums[0]!.sizes);
  bench.each(sizeOf(out.shape), dotsAtOnce, (first, end) => {
    for (let from = first; from < end; from += tableSize) {
      const to = Math.min(from + tableSize, end);
      const target = out.at + 8 * from;
      bench.view.fill(0, target / 8, target / 8 + to - from);
      const [aOuter, bOuter] = outer.map((walk, side) => bench.table(side * tableSize, walk, from, to));
      for (let k = 0; k < depth; k += tableSize) {
        const last = Math.min(k + tableSize, depth);
        const [aInner, bInner] = sums.map((walk, side) => bench.table((2 + side) * tableSize, walk, k, last));
        bench.kernels.dots(target, to - from, a!, aOuter!, b!, bOuter!, last - k, aInner!, bInner!);
      }
    }
  });
}

/** How one side is packed: its factors' addresses, and how batch, rows (or columns) and inner axes walk in them. */
interface Packing {
  readonly slot: number;
  readonly factors: readonly {
    readonly at: number;
    readonly batch: Walk;
    readonly outer: Walk;
    readonly inner: Walk;
  }[];
}

function packingOf(slot: number, side: Side, outer: string, { batch, inner }: Axes, sizes: Sizes): Packing {
  const walks = (letters: string) => side.map((part) => walkOf(letters, sizes(letters), part));
  const [batches, outers, inners] = [batch, outer, inner].map((letters) => merged(walks(letters)));
  const factors = side.map(([, { at }], f) => ({
    at,
    batch: batches![f]!,
    outer: outers![f]!,
    inner: inners![f]!,
  }));
  return { slot, factors };
}

type Sizes = (letters: string) => readonly number[];

function tiles(bench: Bench, out: Tensor, axes: Axes, left: Side, right: Side): void {
  const parts = [...left, ...right];
  const sizes = (letters: string) => sizesOf(letters, parts);
  const [batch, rows, columns, depth] = [axes.batch, axes.rows, axes.columns, axes.inner].map((l) => sizeOf(sizes(l)));
  const a = packingOf(1, left, axes.rows, axes, sizes);
  const b = packingOf(2, right, axes.columns, axes, sizes);
  const columnTiles = Math.ceil(columns! / tileSize);
  const height = tileHeight(rows!, batch! * columnTiles, bench.threads);
  const rowTiles = Math.ceil(rows! / height);
  const count = batch! * columnTiles * rowTiles;
  bench.each(count, count / (16 * bench.threads), (first, end) => {
    let packed = '';
    for (let task = first; task < end; task++) {
      const [i, j, q] = [
        task % rowTiles,
        Math.floor(task / rowTiles) % columnTiles,
        Math.floor(task / (rowTiles * columnTiles)),
      ];
      const [r0, c0] = [i * height, j * tileSize];
      const [r1, c1] = [Math.min(r0 + height, rows!), Math.min(c0 + tileSize, columns!)];
      const shape = { rows: panelsOf(r1 - r0), columns: panelsOf(c1 - c0) };
      clear(bench, shape.rows, shape.columns);
      for (let k = 0; k < depth!; k += tileSize) {
        const last = Math.min(k + tileSize, depth!);
        const key = `${q} ${j} ${k}`;
        pack(bench, a, q, [r0, r1], [k, last]);
        if (key !== packed) pack(bench, b, q, [c0, c1], [k, last]);
        packed = key;
        bench.kernels.multiply(bench.tile(0), bench.tile(1), bench.tile(2), whole(last - k), shape.rows, shape.columns);
      }
      store(bench, out.at + 8 * ((q * rows! + r0) * columns! + c0), r1 - r0, c1 - c0, 8 * columns!);
    }
  });
}

/** Rows of a tile: all that a tile holds, or fewer where threads would have nothing to do. */
function tileHeight(rows: number, others: number, threads: number): number {
  const wanted = threads === 1 ? 1 : Math.ceil((4 * threads) / others);
  const height = Math.ceil(rows / Math.max(wanted, Math.ceil(rows / tileSize)));
  return Math.min(tileSize, panelRows * panelsOf(height));
}

const panelsOf = (rows: number): number => Math.ceil(rows / panelRows);
/** The kernel takes four steps at a time. */
const whole = (depth: number): number => Math.ceil(depth / 4) * 4;

function pack(
  bench: Bench,
  { slot, factors }: Packing,
  q: number,
  [from, to]: readonly [number, number],
  [k, last]: readonly [number, number],
): void {
  const panels = panelsOf(to - from);
  const target = bench.tile(slot);
  const parameters = factors.flatMap(({ at, batch, outer, inner }, f) => {
    const base = at + offsetAt(batch, q);
    const rowTable = bench.table(2 * f * tableSize, outer, from, to, panels * panelRows);
    return [base, rowTable, bench.table((2 * f + 1) * tableSize, inner, k, last)];
  });
  const depth = last - k;
  if (factors.length === 1) bench.kernels.pack(target, depth, panels, ...parameters);
  else bench.kernels.packProduct(target, depth, panels, ...parameters);
  for (let p = 0; p < panels && whole(depth) > depth; p++) {
    const end = target + p * panelBytes;
    bench.view.fill(0, (end + depth * columnBytes) / 8, (end + whole(depth) * columnBytes) / 8);
  }
}

/** Bytes from the start to one position of a walk. */
function offsetAt({ sizes, strides }: Walk, position: number): number {
  let [offset, rest] = [0, position];
  for (let axis = sizes.length - 1; axis >= 0; axis--) {
    offset += (rest % sizes[axis]!) * strides[axis]!;
    rest = Math.floor(rest / sizes[axis]!);
  }
  return 8 * offset;
}

function clear(bench: Bench, rowPanels: number, columnPanels: number): void {
  for (let p = 0; p < rowPanels; p++) {
    const at = (bench.tile(0) + p * panelBytes) / 8;
    bench.view.fill(0, at, at + (columnPanels * panelRows * columnBytes) / 8);
  }
}

function store(bench: Bench, to: number, rows: number, columns: number, stride: number): void {
  for (let p = 0; p * panelRows < rows; p++) {
    const count = Math.min(panelRows, rows - p * panelRows);
    bench.kernels.store(to + p * panelRows * stride, bench.tile(0) + p * panelBytes, count, columns, stride);
  }
}
